"""A limit is applied last: a short list is the beginning of the long one with the same filters."""

import pytest

from envscaler.check_env.detectors.short_lists import short_lists
from envscaler.records import JsonObject, JsonValue
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

FLAGS = '''
class Flags:
    def __init__(self):
        self.flags = {}

    def list_flags(self, tag: str = None, limit: int = 50) -> dict:
        """Keys of the flags.

        Args:
            tag (str): Only with this tag.
            limit (int): At most so many.
        """
        return {"success": True, "data": []}
'''
STATE: JsonObject = {"flags": {"a": ["ui"], "b": ["pay"], "c": ["ui"], "d": ["ui"]}}


def keys_of(state: JsonObject, tag: JsonValue) -> list[str]:
    flags = state["flags"]
    assert isinstance(flags, dict)
    return [key for key, tags in flags.items() if tag is None or str(tag) in str(tags)]


def limited_first(state: JsonObject, arguments: JsonObject) -> JsonObject:
    some = keys_of(state, None)[: int(str(arguments.get("limit", 50)))]
    tagged = keys_of(state, arguments["tag"])
    return {"success": True, "data": [key for key in some if key in tagged]}


def limited_last(state: JsonObject, arguments: JsonObject) -> JsonObject:
    whole = keys_of(state, arguments["tag"])
    return {"success": True, "data": [*whole[: int(str(arguments.get("limit", 50)))]]}


def latest(state: JsonObject, arguments: JsonObject) -> JsonObject:
    whole = keys_of(state, arguments["tag"])
    return {"success": True, "data": [*reversed(whole[: int(str(arguments.get("limit", 50)))])]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (limited_last, []),
        (limited_first, ["Asked for 2, it lists 1 rows, and there are 3"]),
        (latest, ["The first 1 rows are not those with which the whole list begins"]),
    ],
)
def test_fewer_or_other_rows_than_the_whole_list_begins_with_are_claimed(
    answer: object, said: list[str]
) -> None:
    found = claimed(
        short_lists,
        {"list_flags": answer},  # type: ignore[dict-item]  # a function of the test
        STATE,
        call("list_flags", tag="ui"),
        source=FLAGS,
    )

    assert [one.message for one in found] == said
