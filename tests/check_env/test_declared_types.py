"""What the schema allows has to be taken where the same call succeeds otherwise."""

from collections.abc import Callable

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.declared_types import declared_types
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

YARD = '''
class Yard:
    def __init__(self):
        self.boxes = {}

    def receive(self, code: str, weight: float, note: str = "") -> dict:
        """Take a box. SAID"""
        self.boxes[code] = weight
        return {"success": True, "data": code}
'''
STATE: JsonObject = {"boxes": {"a": 2}}


def claims(
    takes: Callable[[JsonObject], bool],
    said: str = "",
    before: JsonObject = STATE,
    yard: str = YARD,
) -> list[CandidateFinding]:
    """Let a tool take some boxes."""

    def receive(state: JsonObject, arguments: JsonObject) -> JsonObject:
        if not takes(arguments):
            return {"success": False, "error": "That cannot be"}
        boxes = state["boxes"]
        assert isinstance(boxes, dict)
        boxes[str(arguments["code"])] = arguments["weight"]
        return {"success": True, "data": arguments["code"]}

    calls = [call("receive", code=code, weight=5, note="n") for code in ("b", "c")]
    source = yard.replace("SAID", said)
    return claimed(declared_types, {"receive": receive}, before, *calls, source=source)


def is_whole(arguments: JsonObject) -> bool:
    return isinstance(arguments["weight"], int)


def test_a_number_of_which_only_whole_ones_are_taken_is_told() -> None:
    [one] = claims(is_whole)

    assert one.severity == "possible"
    assert "only whole ones are taken" in one.message


def test_whole_numbers_that_are_asked_for_in_words_are_fine() -> None:
    assert claims(is_whole, "The weight is a whole number.") == []


def test_a_number_that_the_class_does_not_declare_may_be_whole() -> None:
    free = YARD.replace("weight: float", "weight")
    told = free.replace("SAID", "Args: code: Its code. weight (float): In kilograms.")

    assert claims(is_whole, yard=free) == []
    assert len(claims(is_whole, yard=told)) == 1


def test_an_id_of_a_record_is_whole_anyway() -> None:
    assert claims(is_whole, before={"boxes": {"5": {"weight": 2}, "6": {"weight": 3}}}) == []


def test_a_number_that_may_be_a_fraction_is_fine() -> None:
    assert claims(lambda arguments: arguments["weight"] != 0) == []


def test_a_parameter_that_may_be_left_out_and_never_is_taken_so_is_told() -> None:
    [one] = claims(lambda arguments: bool(arguments.get("note")))

    assert (one.severity, "note may be left out" in one.message) == ("possible", True)
