"""Records: rows that cannot mean two things, and ids that say what a row is made from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from envscaler.records import Counts, Task, Usage, row_id

TASK = {"id": "task-1", "text": "Renew my loan", "source": "test"}


def test_a_row_is_frozen() -> None:
    task = Task.model_validate(TASK)

    with pytest.raises(ValidationError, match="frozen"):
        task.text = "another"  # pyright: ignore[reportAttributeAccessIssue]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Task.model_validate(TASK | {"colour": "red"})


def test_an_id_is_the_same_on_every_machine() -> None:
    assert row_id("env", "topic-1", 3) == "env-adda7d1897bb"


@given(st.lists(st.text(st.characters(exclude_characters="\x1f")), min_size=2, max_size=2))
def test_ids_tell_where_one_part_ends(parts: list[str]) -> None:
    assert row_id("x", *parts) != row_id("x", "".join(parts))


def test_usage_adds_up() -> None:
    one = Usage(calls=1, prompt_tokens=10, completion_tokens=5, reasoning_tokens=2)

    assert one + one == Usage(calls=2, prompt_tokens=20, completion_tokens=10, reasoning_tokens=4)


def test_counts_have_a_total() -> None:
    assert Counts(passed=3, warned=2, failed=1).total == 6
