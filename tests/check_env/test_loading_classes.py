"""Classes with a loading method: their states come through it, and it is no tool."""

import pytest
from pydantic import JsonValue

from envscaler.check_env.examine import examine
from envscaler.errors import GuestError
from envscaler.published.module import skeleton_of
from envscaler.records import Examination, FindingKind, JsonObject
from envscaler.sandbox import Sandbox, Start
from tests.check_env.arena import SMALL, skeleton
from tests.one_sandbox import in_one_sandbox
from tests.sandbox.guests import settings

KENNEL = '''
from typing import Dict, List
IMPORT


BASE
    name: str
    tricks: List[str]


class Kennel:
    def __init__(self):
        BODY

    def load_state(self, state: dict) -> None:
        """Take rows of dogs."""
        self.dogs = {row["name"]: Dog(**row) for row in state.get("dogs", [])}

    def show(self, name: str) -> dict:
        """Show a dog.

        Args:
            name: Of the dog.
        """
        dog = self.dogs.get(name)
        if dog is None:
            return {"success": False, "error": "There is no such dog"}
        return {"success": True, "data": {"name": dog.name, "tricks": list(dog.tricks)}}

    def teach(self, name: str, trick: str) -> dict:
        """Teach a dog a trick.

        Args:
            name: Of the dog.
            trick: What it learns.
        """
        dog = self.dogs.get(name)
        if dog is None or not trick or trick in dog.tricks:
            return {"success": False, "error": "No such dog, or it knows that"}
        dog.tricks.append(trick)
        return {"success": True, "message": "Taught"}
'''
PYDANTIC = KENNEL.replace("IMPORT", "from pydantic import BaseModel").replace(
    "BASE", "class Dog(BaseModel):"
)
DATACLASS = KENNEL.replace("IMPORT", "from dataclasses import dataclass").replace(
    "BASE", "@dataclass\nclass Dog:"
)
ANNOTATED, GIVEN = "self.dogs: Dict[str, Dog]", "self.dogs: Dict[str, Dog] = {}"
MODELS = settings(modules=("pydantic",))
ROWS: JsonObject = {"dogs": [{"name": "Rex", "tricks": []}, {"name": "Ida", "tricks": ["sit"]}]}


def examined(source: str) -> Examination:
    return in_one_sandbox(
        MODELS, lambda sandbox: examine(skeleton(source), (ROWS,), sandbox, budget=SMALL)
    )


def test_rows_in_a_loader_s_form_are_loaded_and_nothing_sound_is_reported() -> None:
    for source in (PYDANTIC, DATACLASS):
        for body in (ANNOTATED, GIVEN):
            examination = examined(source.replace("BODY", body))

            assert examination.serious == (), (body, source[:80])


@pytest.mark.parametrize(
    "loader",
    [
        "load(self, state: dict)",
        "reset(self, snapshot: dict)",
        "loadState(self, state: dict)",
        "_load_scenario(self, state: dict, long_context: bool = False)",
    ],
)
def test_a_loader_may_have_a_common_name_where_it_takes_a_state(loader: str) -> None:
    source = DATACLASS.replace("BODY", GIVEN).replace("load_state(self, state: dict)", loader)
    source = source.replace("state.get(", f"{'state' if 'state' in loader else 'snapshot'}.get(")

    assert [tool.name for tool in skeleton_of(source).tools] == ["show", "teach"]
    assert examined(source).serious == ()


def test_a_loader_may_take_the_members_of_a_state_one_by_one() -> None:
    source = DATACLASS.replace("BODY", f"{GIVEN}\n        self.city: str = ''")
    source = source.replace("load_state(self, state: dict)", "load(self, *, dogs: list, city: str)")
    source = source.replace('state.get("dogs", [])}', "dogs}\n        self.city = city.upper()")

    async def work(sandbox: Sandbox) -> None:
        row = skeleton_of(source)
        opened = await sandbox.open(row, Start(initial_state={**ROWS, "city": "Rome"}))
        shown = await opened.call("show", {"name": "Ida"})

        assert [tool.name for tool in row.tools] == ["show", "teach"]
        assert shown.value == {"success": True, "data": {"name": "Ida", "tricks": ["sit"]}}
        assert (await opened.state())["city"] == "ROME"

    in_one_sandbox(settings(), work)


def test_a_dataclass_that_annotations_name_may_be_a_result_and_another_may_not() -> None:
    plain = DATACLASS.replace("BODY", GIVEN).replace('{"success": False, "error": ', "ERROR[")
    plain = plain.replace('such dog"}', 'such dog"').replace('knows that"}', 'knows that"')
    source = plain.replace("return ERROR[", "raise ValueError(").replace('dog"\n', 'dog")\n')
    source = source.replace('that"\n', 'that")\n').replace(
        '{"success": True, "message": "Taught"}', "1"
    )
    source = source.replace(
        '{"success": True, "data": {"name": dog.name, "tricks": list(dog.tricks)}}',
        "Dog(dog.name, list(dog.tricks))",
    )
    named = source.replace("show(self, name: str) -> dict", "show(self, name: str) -> 'Dog'")

    kinds = [{one.kind for one in examined(each).serious} for each in (named, source)]

    assert kinds == [set(), {FindingKind.UNSERIALISABLE}]


def test_a_tool_of_such_a_name_that_takes_something_else_stays_a_tool() -> None:
    source = DATACLASS.replace("BODY", GIVEN).replace("def teach(", "def load(")

    assert [tool.name for tool in skeleton_of(source).tools] == ["show", "load"]


def test_a_constructor_may_take_an_argument_that_it_does_not_need() -> None:
    for source in (PYDANTIC, DATACLASS):
        body = source.replace("def __init__(self):", "def __init__(self, config: dict = None):")

        assert examined(body.replace("BODY", GIVEN)).serious == (), source[:80]


def test_a_class_by_somebody_else_may_have_a_tool_of_a_name_that_trainers_use() -> None:
    source = DATACLASS.replace("BODY", GIVEN).replace("def teach(", "def finish(")

    assert [tool.name for tool in skeleton_of(source).tools] == ["show", "finish"]


def test_the_loading_method_is_no_tool() -> None:
    assert [tool.name for tool in skeleton(DATACLASS.replace("BODY", GIVEN)).tools] == [
        *("show", "teach")
    ]


def test_a_state_with_models_goes_out_and_comes_back() -> None:
    async def work(sandbox: Sandbox) -> None:
        row = skeleton(PYDANTIC.replace("BODY", GIVEN))
        first = await sandbox.open(row, Start(initial_state=ROWS))
        await first.call("teach", {"name": "Rex", "trick": "roll"})
        state = await first.state()
        second = await sandbox.open(row, Start(initial_state=state))

        shown = await second.call("show", {"name": "Rex"})
        taught = await second.call("teach", {"name": "Ida", "trick": "roll"})

        assert shown.value == {"success": True, "data": {"name": "Rex", "tricks": ["roll"]}}
        assert taught.value == {"success": True, "message": "Taught"}
        assert await second.state() != state

    in_one_sandbox(MODELS, work)


def test_a_state_of_attributes_stays_one_where_there_is_a_loader() -> None:
    plain = DATACLASS.replace("Dog(**row)", 'row["tricks"]').replace("dog.tricks", "dog")
    source = plain.replace("BODY", GIVEN).replace("dog.name", "name")
    state: JsonObject = {"dogs": {"Rex": ["sit"]}}

    async def work(sandbox: Sandbox) -> None:
        opened = await sandbox.open(skeleton(source), Start(initial_state=state))

        assert await opened.state() == state

    in_one_sandbox(settings(), work)


KEYWORDS = DATACLASS.replace(
    "def __init__(self):", "def __init__(self, dogs, *, city, fee=3):"
).replace(
    "BODY",
    "self.dogs: Dict[str, Dog] = {row['name']: Dog(**row) for row in dogs}\n"
    "        self._city = city\n        self.fee = fee\n        self.taught = 0",
)


def test_a_constructor_with_several_parameters_takes_them_from_the_state() -> None:
    source = KEYWORDS.replace("dog.tricks.append", "self.taught += 1\n        dog.tricks.append")
    start: JsonObject = {**ROWS, "city": "Oslo"}

    async def work(sandbox: Sandbox) -> None:
        first = await sandbox.open(skeleton(source), Start(initial_state=start))
        await first.call("teach", {"name": "Rex", "trick": "roll"})
        state = await first.state()
        second = await sandbox.open(skeleton(source), Start(initial_state=state))

        assert (state["_city"], state["fee"], state["taught"]) == ("Oslo", 3, 1)
        assert await second.state() == state

    in_one_sandbox(settings(), work)


def test_a_state_of_objects_comes_back_where_the_constructor_takes_rows_only() -> None:
    source = DATACLASS.replace("def __init__(self):", "def __init__(self, state):").replace(
        "BODY", 'self.dogs = {row["name"]: Dog(**row) for row in state["dogs"]}'
    )
    source = source.replace("def load_state(", "def _taken(")

    async def work(sandbox: Sandbox) -> None:
        first = await sandbox.open(skeleton(source), Start(initial_state=ROWS))
        await first.call("teach", {"name": "Rex", "trick": "roll"})
        state = await first.state()
        second = await sandbox.open(skeleton(source), Start(initial_state=state))

        assert await second.state() == state

    in_one_sandbox(settings(), work)


def test_a_given_state_that_does_not_start_is_named_with_its_reason() -> None:
    picky = KEYWORDS.replace("self._city = city", "self._city = city.upper()")
    good: JsonObject = {**ROWS, "city": "Rome", "fee": 3}
    bad: JsonObject = {**ROWS, "city": 7, "fee": 3}

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(picky), (bad, good), sandbox, budget=SMALL)

    [left_out] = [
        one for one in in_one_sandbox(settings(), work).discarded if one.rule.startswith("State ")
    ]

    assert left_out.rule == "State 1 of 2"
    assert "'int' object has no attribute 'upper'" in left_out.reason


def test_where_no_given_state_starts_the_reason_is_that_of_the_first() -> None:
    source = """
class House:
    def __init__(self, state):
        self.rooms, self.lamp = state["rooms"], iter(())

    def light(self) -> dict:
        return {"success": True, "data": self.rooms}
"""

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton(source), ({"rooms": [1]},), sandbox, budget=SMALL)

    with pytest.raises(GuestError, match="lamp is a tuple_iterator, which JSON cannot hold"):
        in_one_sandbox(settings(), work)


@pytest.mark.parametrize(
    "body",
    [
        "self.dogs = {row['name']: Dog(**row) for row in rows['dogs']}\n"
        "        self.days = rows.get('days')",
        "self.days = rows['days']\n"
        "        for row in rows['dogs']: self.dogs[row['name']] = Dog(**row)",
        "copied = dict(dict(rows))\n"
        "        for key in ('dogs', 'days'): setattr(self, key, copied.get(key, []))\n"
        "        self.dogs = {row['name']: Dog(**row) for row in self.dogs}",
        "for key in ('dogs', 'days'): setattr(self, key, rows[key])\n"
        "        self.dogs = {row['name']: Dog(**row) for row in self.dogs}",
    ],
)
def test_a_method_that_sets_most_of_a_state_loads_it_whatever_it_is_called(body: str) -> None:
    source = (
        DATACLASS.replace("BODY", "self.dogs, self.days = {}, 0")
        .replace("load_state(self, state: dict)", "take_over(self, rows: dict)")
        .replace('self.dogs = {row["name"]: Dog(**row) for row in state.get("dogs", [])}', body)
    )

    async def work(sandbox: Sandbox) -> None:
        row = skeleton_of(source)
        opened = await sandbox.open(row, Start(initial_state={**ROWS, "days": 3}))
        shown = await opened.call("show", {"name": "Ida"})

        assert [tool.name for tool in row.tools] == ["show", "teach"]
        assert shown.value == {"success": True, "data": {"name": "Ida", "tricks": ["sit"]}}
        assert (await opened.state())["days"] == 3

    in_one_sandbox(settings(), work)


def test_a_method_that_sets_little_of_a_state_stays_a_tool() -> None:
    source = DATACLASS.replace("BODY", "self.dogs, self.days, self.fee = {}, 0, 0").replace(
        "def show(",
        """def agree(self, terms: dict) -> dict:
        self.days, self.days = terms["days"], terms["more"]
        return {"success": True, "message": "agreed"}

    def show(""",
    )

    names = {tool.name for tool in skeleton_of(source.replace("load_state", "put_on")).tools}
    assert names == {"put_on", "agree", "show", "teach"}


def test_an_answer_about_several_collections_is_asked_for_in_states_of_one_form() -> None:
    source = """
from dataclasses import asdict, dataclass

@dataclass
class Plot:
    number: int
    area: int

class Office:
    def __init__(self):
        self.plots, self.waiting, self.year = {}, [], 2000

    def open_books(self, state):
        try:
            plots = {row["number"]: Plot(**row) for row in state["plots"]}
            waiting, year = [Plot(**row) for row in state["waiting"]], state["year"]
        except (KeyError, TypeError):
            return "Error: not in the right form"
        self.plots, self.waiting, self.year = plots, waiting, year
        return {"plots": len(plots)}

    def books(self):
        '''All, by number.'''
        plots = [asdict(self.plots[number]) for number in sorted(self.plots)]
        return {"year": self.year, "plots": plots, "waiting": [asdict(one) for one in self.waiting]}
"""
    rows: list[JsonValue] = [{"number": 4, "area": 90}, {"number": 2, "area": 70}]
    state: JsonObject = {"plots": rows, "waiting": [{"number": 9, "area": 5}], "year": 2027}

    found = in_one_sandbox(
        settings(),
        lambda sandbox: examine(skeleton_of(source), (state,), sandbox, budget=SMALL),
    )

    assert found.tools["books"].succeeded
    assert found.serious == ()


def test_a_state_that_a_loader_refuses_with_a_word_is_one_of_attributes() -> None:
    source = """
class Office:
    def __init__(self):
        self.plots, self.year = {}, 2000

    def open_books(self, state):
        if not isinstance(state["plots"], list):
            return "Error: not in the right form"
        self.plots, self.year = {row["number"]: row for row in state["plots"]}, state["year"]

    def count(self):
        '''How many there are, and the year.'''
        return [len(self.plots), self.year]
"""

    async def work(sandbox: Sandbox) -> None:
        forms: list[JsonValue] = [[{"number": "4"}], {"4": {"number": "4"}}]
        for plots in forms:
            start = Start(initial_state={"plots": plots, "year": 3})
            opened = await sandbox.open(skeleton_of(source), start)

            assert (await opened.call("count", {})).value == [1, 3]

    in_one_sandbox(settings(), work)


KEPT_OTHERWISE = '''
class Desk:
    """Songs that a station plays."""

    def __init__(self):
        self._songs = {}
        self._by_artist = {}
        self._home = ""

    def tune_in(self, station):
        """Take over a state, in place of what was there."""
        self.__init__()
        self._home = station["home"]
        for number, title, artist in station["songs"]:
            self._put(number, title, artist)
        return True

    def _put(self, number, title, artist):
        self._songs[number] = (title, artist)
        self._by_artist.setdefault(artist, []).append(number)

    def title_of(self, number: int):
        """The title of a song; None for an unknown number."""
        return self._songs[number][0] if number in self._songs else None

    def add_song(self, card: dict) -> bool:
        """Add a song with a number, a title and an artist; False where the number is there."""
        if card["number"] in self._songs:
            return False
        self._put(card["number"], card["title"], card["artist"])
        return True
'''
STATION: JsonObject = {"home": "Oslo", "songs": [[1, "Fog", "Ida"], [2, "Rain", "Per"]]}


def test_the_method_that_asks_for_the_members_of_the_given_states_loads_them() -> None:
    without, known = skeleton_of(KEPT_OTHERWISE), skeleton_of(KEPT_OTHERWISE, None, [STATION])

    async def work(sandbox: Sandbox) -> JsonValue:
        live = await sandbox.open(known, Start(initial_state=STATION))
        answer = await live.call("title_of", {"number": 2})
        await live.close()
        return answer.value

    assert [tool.name for tool in without.tools] == ["tune_in", "title_of", "add_song"]
    assert [tool.name for tool in known.tools] == ["title_of", "add_song"]
    assert in_one_sandbox(settings(), work) == "Rain"
