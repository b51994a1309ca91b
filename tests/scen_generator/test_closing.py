"""Closed worlds: right alternatives have full marks, damage anywhere has none."""

from collections.abc import Sequence

import pytest

from envscaler.config import load_settings
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.records import Call, Check, Environment, JsonObject, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.proof import prove
from envscaler.scen_generator.solution_first.trace import trace
from tests.scen_generator.running import in_sandbox

SOURCE = '''
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Receipt:
    seat_id: str
    guest: str


class Cinema:
    """Seats of a cinema. It comes with its seats."""

    def __init__(self):
        self.seats = {
            "A1": {"row": "A", "sofa": True, "guest": None},
            "A2": {"row": "A", "sofa": True, "guest": None},
            "B1": {"row": "B", "sofa": False, "guest": None},
        }
        self.notes = [{"note_id": "n1", "text": "Popcorn machine is loud", "changed_at": ""}]
        self.receipts = set()
        self.looks = 0

    def show_seat(self, seat_id: str) -> dict:
        """Show a seat; the cinema counts how often somebody looks.

        Args:
            seat_id (str): The seat.
        """
        self.looks += 1
        if seat_id not in self.seats:
            return {"success": False, "error": "no such seat"}
        return {"success": True, "data": dict(self.seats[seat_id])}

    def take_seat(self, seat_id: str, guest: str) -> dict:
        """Give a free seat to a guest.

        Args:
            seat_id (str): The seat.
            guest (str): Who sits there.
        """
        if seat_id not in self.seats or self.seats[seat_id]["guest"] or not guest:
            return {"success": False, "error": "no such free seat"}
        self.seats[seat_id]["guest"] = guest
        self.receipts = self.receipts | {Receipt(seat_id, guest)}
        return {"success": True, "message": "taken"}

    def free_seat(self, seat_id: str) -> dict:
        """Make a seat free again.

        Args:
            seat_id (str): The seat.
        """
        if seat_id not in self.seats or not self.seats[seat_id]["guest"]:
            return {"success": False, "error": "no such taken seat"}
        self.receipts = {one for one in self.receipts if one.seat_id != seat_id}
        self.seats[seat_id]["guest"] = None
        return {"success": True, "message": "free"}

    def add_note(self, note_id: str, text: str) -> dict:
        """Add a note under a new id.

        Args:
            note_id (str): A new id.
            text (str): What it says.
        """
        if any(note["note_id"] == note_id for note in self.notes) or not text.strip():
            return {"success": False, "error": "the id must be new, and a text given"}
        self.notes.append(
            {"note_id": note_id, "text": text, "changed_at": datetime.now().isoformat()}
        )
        self.last_note = note_id
        return {"success": True, "message": "noted"}

    def close_cinema(self) -> dict:
        """Close the cinema."""
        self.closed = True
        return {"success": True, "message": "closed"}
'''


def call(name: str, **arguments: str) -> Call:
    return Call(name=name, arguments={**arguments})


TASK = (
    "Give any free sofa seat in row A to Bea Krug, and leave a note, under an id of your choice,"
    " that says that seats are loud."
)
SEAT, NOTE = (
    call("take_seat", seat_id="A1", guest="Bea Krug"),
    call("add_note", note_id="n2", text="Seats are loud, say guests"),
)
REFERENCE = [SEAT, NOTE]
OTHER_SEAT = call("take_seat", seat_id="A2", guest="Bea Krug")

RIGHT: dict[str, Sequence[Call]] = {
    "the reference": REFERENCE,
    "another order": [NOTE, SEAT],
    "another seat": [OTHER_SEAT, NOTE],
    "another id": [SEAT, call("add_note", note_id="loud", text="Seats are loud, say guests")],
    "other words": [SEAT, call("add_note", note_id="n2", text="The seats in here are too loud.")],
    "extra looks": [call("show_seat", seat_id="B1"), *REFERENCE, call("show_seat", seat_id="A1")],
    "damage undone": [
        call("take_seat", seat_id="B1", guest="Nobody"),
        call("free_seat", seat_id="B1"),
        *REFERENCE,
    ],
}
WRONG: dict[str, Sequence[Call]] = {
    "nothing": [],
    "half": [SEAT],
    "the other half": [NOTE],
    "no sofa": [call("take_seat", seat_id="B1", guest="Bea Krug"), NOTE],
    "another guest": [call("take_seat", seat_id="A1", guest="Bea"), NOTE],
    "two seats": [SEAT, OTHER_SEAT, NOTE],
    "two notes": [*REFERENCE, call("add_note", note_id="n3", text="Seats are loud")],
    "another note": [SEAT, call("add_note", note_id="n2", text="All is well")],
    "an attribute that appears": [*REFERENCE, call("close_cinema")],
    "what the constructor holds": [*REFERENCE, call("take_seat", seat_id="B1", guest="Ann")],
}
AUTHORED = Check(
    item="Has Bea Krug a seat?",
    source="""def check_func(final_state):
    return any(receipt.guest == "Bea Krug" for receipt in final_state["receipts"])
""",
)


def cinema() -> Environment:
    return Environment(
        id="env-cinema",
        summary="Cinema",
        introduction="Seats of a cinema.",
        source_task=None,
        entities=(),
        rules=(),
        operations=(),
        class_name="Cinema",
        source=SOURCE,
        tools=tools_of(SOURCE, "Cinema"),
        structure=structure_of(SOURCE, "Cinema"),
    )


def scenario(*checks: Check) -> Scenario:
    state: JsonObject = {}
    return Scenario(
        id="scen-cinema",
        env_id="env-cinema",
        kind="rl",
        index=0,
        initial_state=state,
        task=TASK,
        checks=checks,
    )


Scores = dict[str, float | None]


@pytest.fixture(scope="module", params=["goals by code", "goals of an author"])
def proven(request: pytest.FixtureRequest) -> tuple[Scenario, Scores]:
    """Prove the scenario, and score all solutions."""
    checks = [AUTHORED] if request.param == "goals of an author" else []

    async def use(sandbox: Sandbox) -> tuple[Scenario, Scores]:
        found = await prove(cinema(), scenario(*checks), [REFERENCE], sandbox)
        scores: Scores = {}
        for name, calls in (RIGHT | WRONG).items():
            executed = await trace(cinema(), found, calls, sandbox)
            scores[name] = (await sandbox.score(found, executed.state)).score
        return found, scores

    return in_sandbox(load_settings(None, ()), use)


def test_the_scenario_is_proven(proven: tuple[Scenario, Scores]) -> None:
    proof = proven[0].proof

    assert proof is not None
    assert proof.reasons == ()
    assert (proof.score, proof.noop_score, proof.missed) == (1.0, 0.0, ())


def test_the_initial_state_is_that_of_the_fresh_object(proven: tuple[Scenario, Scores]) -> None:
    assert proven[0].initial_state.keys() == {"seats", "notes", "receipts", "looks"}


def test_what_is_left_open_is_told(proven: tuple[Scenario, Scores]) -> None:
    proof = proven[0].proof

    assert proof is not None
    assert set(proof.left_open) >= {
        "looks: changed by queries, which may be called freely",
        "add_note(note_id='n2'): the task gives no such id",
    }
    assert [calls[0].arguments["seat_id"] for calls in proof.alternatives] == ["A2"]


@pytest.mark.parametrize("name", RIGHT)
def test_sound_variation_has_full_marks(proven: tuple[Scenario, Scores], name: str) -> None:
    assert proven[1][name] == 1.0


@pytest.mark.parametrize("name", WRONG)
def test_wrong_solutions_do_not(proven: tuple[Scenario, Scores], name: str) -> None:
    score = proven[1][name]

    assert score is not None
    assert score < 1.0


def test_a_no_op_and_damage_are_worth_nothing(proven: tuple[Scenario, Scores]) -> None:
    damage = ("an attribute that appears", "what the constructor holds", "two notes")

    assert {proven[1][name] for name in ("nothing", *damage)} == {0.0}
