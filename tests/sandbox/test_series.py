"""The same checks on many scenes, in few requests."""

import pytest

from envscaler.records import Clock, JsonObject
from envscaler.sandbox.series import in_growing_parts
from tests.sandbox.conftest import Box
from tests.sandbox.test_checks import check

CHECKS = [
    check("return final_state['n'] < 3"),
    check("return initial_state['n'] <= final_state['n']"),
    check("import os\n    return final_state['n'] < 4"),
    check("return final_state['n']"),
    check("return ("),
]


def scenes(count: int) -> list[tuple[JsonObject, JsonObject]]:
    """Make scenes of which all have one initial state."""
    initial: JsonObject = {"n": 1}
    return [(initial, {"n": n}) for n in range(count)]


def test_each_scene_is_judged_as_it_is_alone(box: Box) -> None:
    rows = box.run(box.sandbox.run_checks_on_each(CHECKS, scenes(6), Clock()))
    alone = [
        box.run(box.sandbox.run_checks(CHECKS, initial, final, Clock()))
        for initial, final in scenes(6)
    ]

    assert [tuple(row[place] for place in sorted(row)) for row in rows] == alone


def test_a_confined_check_that_has_failed_is_not_run_again(box: Box) -> None:
    found = box.sandbox.run_checks_on_each(CHECKS[:2], scenes(5), Clock(), until_failed=True)

    kinds = [{place: one.kind for place, one in row.items()} for row in box.run(found)]

    assert kinds[0] == {0: "passed", 1: "failed"}
    assert kinds[1:] == [{0: "passed"}, {0: "passed"}, {0: "failed"}, {}]


def test_one_check_without_end_leaves_the_verdicts_of_the_others(box: Box) -> None:
    endless = check("\n    while final_state['n'] == 1:\n        pass\n    return True")

    rows = box.run(box.sandbox.run_checks_on_each([endless, CHECKS[0]], scenes(3), Clock()))

    assert [row[0].kind for row in rows] == ["passed", "timeout", "passed"]
    assert [row[1].kind for row in rows] == ["passed", "passed", "passed"]


def test_what_a_check_changes_no_other_scene_sees(box: Box) -> None:
    changes = check("initial_state['n'] += 1\n    return initial_state['n'] == 2")

    rows = box.run(box.sandbox.run_checks_on_each([changes], scenes(3), Clock()))

    assert [row[0].kind for row in rows] == ["passed", "passed", "passed"]


def test_what_final_states_have_in_common_each_check_has_for_itself(box: Box) -> None:
    box_of_all: JsonObject = {"items": []}
    adds = check("final_state['box']['items'] += [1]\n    return final_state == WANTED")
    adds = adds.model_copy(
        update={"source": "WANTED = {'box': {'items': [1]}, 'n': 0}\n" + adds.source}
    )
    given = [(JsonObject(), JsonObject(box=box_of_all, n=n)) for n in (0, 1, 0)]

    rows = box.run(box.sandbox.run_checks_on_each([adds, adds], given, Clock()))

    assert [row[0].kind for row in rows] == ["passed", "failed", "passed"]
    assert [row[1].kind for row in rows] == ["passed", "failed", "passed"]


def test_a_state_with_tags_is_read_as_a_whole(box: Box) -> None:
    tags: JsonObject = {"$set": ["a"]}
    given = [(JsonObject(), JsonObject(tags=tags, n=n)) for n in (0, 1)]

    rows = box.run(
        box.sandbox.run_checks_on_each(
            [check("return final_state['tags'] == {'a'} and final_state['n'] == 0")], given, Clock()
        )
    )

    assert [row[0].kind for row in rows] == ["passed", "failed"]


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (8, [1, 2, 4, 1])])
def test_the_first_parts_are_small(count: int, sizes: list[int]) -> None:
    assert [len(part) for part in in_growing_parts(scenes(count))] == sizes
