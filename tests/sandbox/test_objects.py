"""Objects of a module's own plain classes are part of a state, and stay who they are."""

import pytest

from envscaler.errors import GuestError
from envscaler.records import Clock, JsonObject, ObservationKind, VerdictKind
from tests.sandbox.conftest import Box
from tests.sandbox.guests import Guest, tool
from tests.sandbox.test_checks import check

FILES = Guest(
    class_name="Files",
    source="""
class Folder:
    def __init__(self, name, parent=None):
        self.name, self.parent, self.contents = name, parent, {}


class Files:
    def __init__(self):
        self.root = Folder("/")
        self.here = self.root

    def make(self, name):
        self.here.contents[name] = Folder(name, self.here)

    def enter(self, name):
        self.here = self.here.contents[name]

    def leave(self):
        self.here = self.here.parent

    def names(self):
        return sorted(self.here.contents)

    def whole(self):
        return self.root
""",
    tools=(
        tool("make", name="string"),
        tool("enter", name="string"),
        tool("leave"),
        tool("names"),
        tool("whole"),
    ),
)
EMPTY: JsonObject = {
    "root": {"$dataclass": ["Folder", {"name": "/", "parent": None, "contents": {}}]},
    "here": {"$ref": ["root"]},
}


def test_an_object_is_written_once_and_then_by_its_place(box: Box) -> None:
    files = box.open(FILES)
    assert box.run(files.state()) == EMPTY

    box.call(files, "make", name="a.b")
    box.call(files, "enter", name="a.b")

    inner: JsonObject = {"name": "a.b", "parent": {"$ref": ["root"]}, "contents": {}}
    contents: JsonObject = {"a.b": {"$dataclass": ["Folder", inner]}}
    root: JsonObject = {"name": "/", "parent": None, "contents": contents}
    assert box.run(files.state()) == {
        "root": {"$dataclass": ["Folder", root]},
        "here": {"$ref": ["root", "contents", "a.b"]},
    }


def test_an_object_that_two_attributes_share_is_one_in_a_state_that_is_given(box: Box) -> None:
    first = box.open(FILES)
    box.call(first, "make", name="a")
    box.call(first, "enter", name="a")

    again = box.open(FILES, box.run(first.state()))
    box.call(again, "make", name="b")
    box.call(again, "leave")
    box.call(again, "enter", name="a")

    assert box.call(again, "names").value == ["b"]


def test_a_result_that_is_such_an_object_has_no_form(box: Box) -> None:
    found = box.call(box.open(FILES), "whole")

    assert found.kind is ObservationKind.UNSERIALISABLE


def test_a_snapshot_keeps_who_is_who(box: Box) -> None:
    files = box.open(FILES)
    before = box.run(files.snapshot())
    box.call(files, "make", name="a")
    box.run(files.restore(before))

    assert box.run(files.state()) == EMPTY


def test_a_check_reads_the_attributes_of_such_an_object(box: Box) -> None:
    body = "return final_state['root'].contents == final_state['root']['contents'] == {}"

    [verdict] = box.run(box.sandbox.run_checks((check(body),), {}, EMPTY, Clock()))

    assert verdict.kind is VerdictKind.PASSED, verdict.message


@pytest.mark.parametrize(
    "kind",
    [
        "class Kept(random.Random): pass",
        "class Kept:\n    __slots__ = ('hidden', '__dict__')",
        "class Kept:\n    __dict__ = property(lambda self: {})",
    ],
)
def test_an_object_that_keeps_more_than_attributes_is_refused(box: Box, kind: str) -> None:
    source = (
        f"import random\n{kind}\nclass Keeper:\n    def __init__(self):\n        self.it = Kept()"
    )

    with pytest.raises(GuestError, match="it is a Kept, which JSON cannot hold"):
        box.run(box.open(Guest(class_name="Keeper", source=source, tools=())).state())


def test_a_class_that_answers_for_its_attributes_itself_has_no_state(box: Box) -> None:
    source = "class Keeper:\n    __dict__ = property(lambda self: {})"

    with pytest.raises(GuestError, match="hides its attributes"):
        box.run(box.open(Guest(class_name="Keeper", source=source, tools=())).state())
