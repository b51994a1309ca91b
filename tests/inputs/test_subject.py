"""What a tool is for, by its name and description."""

import pytest

from envscaler.inputs.subject import kind_of, read_subject, rules_of_all
from envscaler.published.module import skeleton_of
from envscaler.records import Operation

LIBRARY = '''
class Library:
    def __init__(self):
        self.returned = []

    def return_rate(self):
        """For each shelf: percent of its books that came back."""
        return len(self.returned)

    def return_book(self, book: str):
        """The book comes back."""
        self.returned.append(book)

    def change_log(self):
        """The change log, or the part of it that concerns one shelf."""
        return len(self.returned)

    def record_loan(self, book: str):
        """Record that a book is lent."""
        return book

    def open_loans(self):
        """Records of loans. A library where all is back gives an empty list."""
        return len(self.returned)

    def bill(self):
        """Price, what is paid and what is due."""
        return len(self.returned)

    def rate_book(self, book: str, stars: int):
        """Give a book 1 to 5 stars."""
        return book

    def discard(self, book: str):
        """Take a book off the shelf and discard it."""
        return book

    def open_rooms(self):
        """Open the rooms."""
        return len(self.returned)
'''


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("list_books", "List the books.", "query"),
        ("add_book", "How many copies are added.", "change"),
        ("availability", "How many copies are free.", "query"),
        ("overview", "Tell all. Changes nothing.", "query"),
        ("availability", "Put a copy on the shelf.", "change"),
        ("reopen_berth", "Lift all closures of a berth.", "change"),
        ("report_form", "Open the latest report.", "unknown"),
        ("day_plan", "The planned courses of a day by start time.", "query"),
        ("vacate", "The plot becomes vacant.", "unknown"),
        ("read_meter", "Book several readings of a day.", "change"),
        ("read_meter", "The last reading of a plot.", "query"),
        ("define_area", "Name a range.", "change"),
        ("share_list", "Share a list with a reader.", "change"),
    ],
)
def test_a_tool_is_known_by_its_verb_or_by_what_it_says(
    name: str, description: str, kind: str
) -> None:
    assert kind_of(name, description) == kind


def test_what_may_be_done_outside_of_the_state_is_no_change_that_never_changes_anything() -> None:
    source = LIBRARY.replace("return_rate", "trigger_alert").replace(
        "For each", "Raise an alert for"
    )

    assert read_subject(skeleton_of(source)).kinds["trigger_alert"] == "unknown"


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("look", "Levels on stage once a cue is complete.", "query"),
        ("stock_of", '{"in_store", "free"} of a product in kg.', "query"),
        ("dispose_of", "Removes a unit for good.", "unknown"),
        ("next_ticket", "Return the next ticket and remove it from the queue.", "unknown"),
        ("mean_level", "Return count and mean of the heights over a span.", "query"),
    ],
)
def test_a_question_is_known_by_its_name_or_by_what_it_tells(
    name: str, description: str, kind: str
) -> None:
    assert kind_of(name, description) == kind


def test_a_tool_named_after_what_it_gives_back_is_a_query_unless_it_writes() -> None:
    kinds = read_subject(skeleton_of(LIBRARY)).kinds

    assert kinds == {
        "return_rate": "query",
        "return_book": "change",
        "change_log": "query",
        "record_loan": "change",
        "open_loans": "query",
        "bill": "unknown",
        "rate_book": "change",
        "discard": "change",
        "open_rooms": "change",
    }


@pytest.mark.parametrize(("name", "kind"), [("trigger_alert", "unknown"), ("give_alert", "change")])
def test_what_is_planned_as_a_change_may_be_done_outside_of_the_state(name: str, kind: str) -> None:
    skeleton = skeleton_of(LIBRARY.replace("return_rate", name))
    planned = Operation(name=name, description="", kind="change")
    skeleton = skeleton.model_copy(update={"operations": (planned,)})

    assert read_subject(skeleton).kinds[name] == kind


@pytest.mark.parametrize(
    ("said", "kind"), [("With a text it is overwritten first.", "unknown"), ("", "query")]
)
def test_what_is_overwritten_by_its_words_is_no_query(said: str, kind: str) -> None:
    source = f"""
class Dome:
    def __init__(self):
        self.note = {{}}

    def get_note(self, text: str = ""):
        'The note on the door. {said}'
        self.note["text"] = text or self.note["text"]
        return self.note
"""

    assert read_subject(skeleton_of(source)).kinds["get_note"] == kind


def test_rules_of_all_are_not_those_in_the_description_of_a_tool() -> None:
    skeleton = skeleton_of('''
class Deck:
    """Lanes. A lane never holds two vehicles with hazard."""

    def __init__(self):
        self.lanes = {}

    def load(self, lane: str):
        """Load a lane. Refused always where the deck is closed."""
        return self._fits(lane)

    def _fits(self, lane):
        """Why it may not stand there, or None: only what is free."""
        return lane in self.lanes
''')

    assert rules_of_all(skeleton) == ("A lane never holds two vehicles with hazard.",)


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("place_of", "Tell a boat's place in its line.", "query"),
        ("place_of", "Place a boat in its line.", "change"),
    ],
)
def test_a_place_of_something_may_be_told(name: str, said: str, kind: str) -> None:
    source = f"""
class Lock:
    def __init__(self):
        self.line, self.refused = [], 0

    def {name}(self, boat: str):
        {said!r}
        self.refused += boat not in self.line
        return self.line.index(boat)
"""

    assert read_subject(skeleton_of(source)).kinds[name] == kind


def test_what_is_kept_of_refusals_and_questions_is_read_from_its_sentences() -> None:
    skeleton = skeleton_of('''
class Desk:
    """Claims. Every refused change adds one to `refused_tries`."""

    def __init__(self):
        self.tables = {}

    def view_claim(self, claim: int):
        """Show a claim. Each successful view is written to the `access` table."""

    def find(self, part: str):
        """Search. Each returned vehicle has its `sightings` raised by one; `cut` says more."""
''')

    assert read_subject(skeleton).kept_aside == {"refused_tries", "access", "sightings"}


def test_what_somebody_comes_to_fetch_is_no_query() -> None:
    source = '''
class Hall:
    """Lots of buyers."""

    def __init__(self, lots):
        self.lots = list(lots)

    def fetch_lots(self, buyer: str):
        """SAID."""
        self.lots = [one for one in self.lots if one != buyer]
'''
    kinds = [
        read_subject(skeleton_of(source.replace("SAID", said))).kinds["fetch_lots"]
        for said in ("A buyer takes the lots away", "The lots of a buyer")
    ]

    assert kinds == ["unknown", "query"]


def test_the_first_word_of_a_name_in_camel_case_says_what_a_tool_is_for() -> None:
    source = '''
class Bank:
    def __init__(self):
        self.bags = {}

    def clearBag(self, number: str) -> str:
        """The laboratory clears a bag: quarantine -> available. Returns "available"."""
        self.bags[number] = "available"
        return self.bags[number]

    def getBag(self, number: str) -> str:
        """The status of a bag."""
        self.bags.setdefault(number, "new")
        return self.bags[number]
'''

    kinds = read_subject(skeleton_of(source)).kinds

    assert (kinds["clearBag"], kinds["getBag"]) == ("change", "query")
