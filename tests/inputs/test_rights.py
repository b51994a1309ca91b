"""Who may do what with a thing."""

from datetime import UTC, datetime
from random import Random
from typing import cast

import pytest

from envscaler.environment.hints.hints import mine
from envscaler.inputs.agreement.records import Records
from envscaler.inputs.agreement.rights import share_rights
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def state() -> JsonObject:
    people = {f"US-{turn}": {"user_id": f"US-{turn}"} for turn in range(6)}
    given = {"US-0": ["write"], "US-1": ["delete"], "US-2": ["read"]}
    made = {"document_id": "DO-1", "modified_by": "US-5"}
    return cast(
        "JsonObject",
        {
            "users": people,
            "documents": {"DO-1": {"document_id": "DO-1", "owner_id": "US-3"}},
            "versions": {"VE-1": {"version_id": "VE-1", **made}, "VE-2": {**made}},
            "access": {"DO-1": given},
        },
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_owner_may_do_all_and_only_those_who_may_have_changed_it(
    state: JsonObject, seed: int
) -> None:
    share_rights(Records(state, mine(""), Vocabulary(Random(seed)), NOW))

    [given] = cast("dict[str, dict[str, list[str]]]", state["access"]).values()
    versions = cast("dict[str, JsonObject]", state["versions"])
    assert given["US-3"] == ["read", "write", "delete"]
    assert all(rights == ["read", "write", "delete"][: len(rights)] for rights in given.values())
    assert versions["VE-1"]["modified_by"] == "US-3"
    assert "write" in given[str(versions["VE-2"]["modified_by"])]
