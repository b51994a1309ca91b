"""Planning state, rules and operations: what is accepted and what is sent back."""

import asyncio

import pytest

from envscaler.config import Settings, SkelBuilderSettings
from envscaler.errors import ReplyError
from envscaler.records import JsonValue
from envscaler.skel_builder.plan import (
    StatePlan,
    plan_operations,
    plan_state,
    read_operations,
    read_state_plan,
)
from tests.fakes import ScriptedModel
from tests.skel_builder.makers import (
    CLASS_SOURCE,
    ENTITIES,
    OPERATIONS,
    RULES,
    TOPIC,
    as_json,
    make_calls,
)


@pytest.fixture
def one_of_each(settings: Settings) -> SkelBuilderSettings:
    return settings.skel_builder.model_copy(update={"min_queries": 1, "min_changes": 1})


def entity(name: str, *attributes: str) -> JsonValue:
    fields: list[JsonValue] = [{"name": attribute, "type": "str"} for attribute in attributes]
    return {"name": name, "description": "A thing.", "attributes": fields}


def operation(name: str, kind: str = "query") -> JsonValue:
    return {"name": name, "kind": kind, "description": "It does."}


def test_state_plan_keeps_entities_attributes_and_rules_in_order() -> None:
    reply = as_json(
        {"entities": [entity("B", "b_id", "size"), entity("A", "a_id")], "rules": RULES}
    )

    plan = read_state_plan(reply)

    assert [one.name for one in plan.entities] == ["B", "A"]
    assert [attribute.name for attribute in plan.entities[0].attributes] == ["b_id", "size"]
    assert list(plan.rules) == RULES


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({"entities": [], "rules": RULES}, "entities"),
        ({"entities": ENTITIES, "rules": []}, "rules"),
        ({"entities": [entity("A")], "rules": RULES}, "'A' has no attributes"),
        ({"entities": [entity("A", "x"), entity("A", "x")], "rules": RULES}, "'A' occurs twice"),
        ({"entities": [entity("A", "x", "x")], "rules": RULES}, "attribute of A .* 'x' occurs"),
    ],
)
def test_faulty_state_plan_is_refused(plan: JsonValue, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_state_plan(as_json(plan))


@pytest.mark.parametrize(
    ("operations", "problem"),
    [
        ([operation("a"), operation("b")], "1 operations of kind 'change' are needed, got 0"),
        ([operation("a", "change")], "1 operations of kind 'query' are needed, got 0"),
        ([operation("a"), operation("a", "change")], "'a' occurs twice"),
        ([operation("reset"), operation("b", "change")], "'reset' has a reserved name"),
        ([operation("import"), operation("b", "change")], "'import' has a reserved name"),
        ([operation("_a"), operation("b", "change")], "'_a' is private"),
        ([operation("plots"), operation("b", "change")], "'plots' has the name of an attribute"),
        ([operation("getPlot"), operation("b", "change")], "operations.0.name"),
        ([operation("a", "read"), operation("b", "change")], "operations.0.kind"),
    ],
)
def test_faulty_operations_are_refused(
    one_of_each: SkelBuilderSettings, operations: list[JsonValue], problem: str
) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_operations(as_json({"operations": operations}), frozenset({"plots"}), one_of_each)


def test_operations_keep_order_and_kind(one_of_each: SkelBuilderSettings) -> None:
    operations = read_operations(as_json({"operations": OPERATIONS}), frozenset(), one_of_each)

    assert [(one.name, one.kind) for one in operations] == [
        ("get_umbrella", "query"),
        ("return_umbrella", "change"),
    ]


def test_state_prompt_holds_topic_and_source_task() -> None:
    model = ScriptedModel(as_json({"entities": ENTITIES, "rules": RULES}))

    asyncio.run(plan_state(TOPIC, make_calls(model)))

    sent = str(model.asked[0].prompt.messages)
    assert "Umbrella rental" in sent
    assert TOPIC.source_task in sent


def test_operations_prompt_holds_rules_class_and_the_least_numbers(
    one_of_each: SkelBuilderSettings,
) -> None:
    settings = one_of_each.model_copy(update={"min_changes": 9, "min_queries": 1})
    plan = StatePlan.model_validate({"entities": ENTITIES, "rules": RULES})
    model = ScriptedModel(as_json({"operations": OPERATIONS}))

    with pytest.raises(ReplyError, match="At least 9"):
        asyncio.run(
            plan_operations(TOPIC, plan, CLASS_SOURCE, {"umbrellas"}, settings, make_calls(model))
        )

    sent = "\n".join(str(message.get("content")) for message in model.asked[0].prompt.messages)
    assert "at least 9 changes" in sent
    assert "An Umbrella with status free has no member." in sent
    assert "class UmbrellaRental:" in sent
