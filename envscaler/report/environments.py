"""Environments as the report shows them: every one that was written, and what became of it."""

import difflib
from collections.abc import Iterator
from typing import cast

from envscaler.environment.state.collections import collections_of, stem_of
from envscaler.environment.state.plurals import singular
from envscaler.records import (
    Assessment,
    Entity,
    Environment,
    JsonObject,
    JsonValue,
    QualityReport,
    Skeleton,
)
from envscaler.report.rows import RunRows

_CONTEXT = 3
"""Unchanged lines around a change."""


def environments(rows: RunRows) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Yield what lists show of each environment, and the whole of it."""
    admitted = {
        parent: environment
        for environment in rows.environments.values()
        for parent in environment.provenance.parents
    }
    for skeleton in rows.skeletons.values():
        yield _shown(rows, admitted.get(skeleton.id, skeleton), skeleton)
    for environment in rows.environments.values():
        if not rows.skeletons.keys() & set(environment.provenance.parents):
            yield _shown(rows, environment, environment)


def _shown(
    rows: RunRows, environment: Skeleton, skeleton: Skeleton
) -> tuple[JsonObject, JsonObject]:
    assessment = rows.assessments.get(skeleton.id)
    name, fate, reason = _fate(rows, environment, assessment)
    source = (assessment.repaired if assessment else None) or environment.source
    quality = _quality(environment, assessment)
    findings = quality.findings if quality else ()
    entry: JsonObject = {
        "id": name,
        "summary": environment.summary,
        "fate": fate,
        "reason": reason,
        "tools": len(environment.tools),
        "queries": len(environment.structure.queries),
        "changes": len(environment.structure.changes),
        "rules": len(environment.rules),
        "lines": source.count("\n") + 1,
        "findings": len(findings),
        "serious": sum(each.severity == "serious" for each in findings),
        "score": _score(environment, assessment),
    }
    return entry, entry | _whole(rows, environment, skeleton, assessment, source)


def _fate(
    rows: RunRows, environment: Skeleton, assessment: Assessment | None
) -> tuple[str, str, str]:
    """Return the id under which an environment is known, what became of it, and why."""
    if isinstance(environment, Environment):
        return environment.id, "kept", ""
    later = [environment.id]
    if assessment is not None:
        digest = assessment.id.partition("-")[2]
        later = [f"env-{digest}", assessment.id, environment.id]
    for name in later:
        if name in rows.reasons:
            dropped = rows.reasons[name]
            return name, "rejected", f"{dropped.stage}: {dropped.kind}: {dropped.reason}"
    return environment.id, "written" if assessment is None else "tested", ""


def _quality(environment: Skeleton, assessment: Assessment | None) -> QualityReport | None:
    if assessment is not None:
        return assessment.quality
    kept = environment.assessment if isinstance(environment, Environment) else None
    return kept.quality if kept else None


def _score(environment: Skeleton, assessment: Assessment | None) -> float | None:
    if isinstance(environment, Environment) and environment.assessment is not None:
        return environment.assessment.score
    if assessment is None or not assessment.cases:
        return None
    good = sum(case.verdict != "fail" for case in assessment.cases)
    return good / len(assessment.cases)


def _whole(
    rows: RunRows,
    environment: Skeleton,
    skeleton: Skeleton,
    assessment: Assessment | None,
    source: str,
) -> JsonObject:
    quality = _quality(environment, assessment)
    left_out = {"id", "schema_version", "summary", "assessment", "source", "tools", "rules"}
    row = cast("JsonObject", environment.model_dump(mode="json", exclude=left_out))
    tested = cast("JsonObject", assessment.model_dump(mode="json")) if assessment else {}
    more: JsonObject = {
        "rule_texts": [*environment.rules],
        "tool_rows": [
            cast("JsonObject", tool.model_dump(mode="json")) for tool in environment.tools
        ],
        "skeleton_id": skeleton.id,
        "source": source,
        "diff": [*source_diff(skeleton.source, source)],
        "diagram": diagram(environment, _a_state(rows, environment, assessment)),
        "quality": cast("JsonObject", quality.model_dump(mode="json")) if quality else None,
        "cases": tested.get("cases", []),
        "test_state": tested.get("initial_state"),
    }
    return row | more


def _a_state(
    rows: RunRows, environment: Skeleton, assessment: Assessment | None
) -> JsonObject | None:
    if assessment is not None:
        return assessment.initial_state
    mine = (row for row in rows.scenarios.values() if row.env_id == environment.id)
    first = next(mine, None)
    return first.initial_state if first else None


def source_diff(before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff; the first character of each tells what it is."""
    if before != after:
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "as written", "repaired", "", "", _CONTEXT, ""
        )
        yield from list(lines)[2:]


def diagram(environment: Skeleton, state: JsonObject | None) -> JsonObject:
    """Return the kinds of things in the state, and which attribute refers to which.

    Args:
        environment: Whose planned entities are drawn.
        state: Where there are none, as in imported environments: what collections of records hold.
    """
    boxes = [_box(entity) for entity in environment.entities] or _seen_boxes(state or {})
    names = {_singular(str(box["name"])): str(box["name"]) for box in boxes}
    arrows: list[JsonValue] = []
    for box in boxes:
        for field in cast("list[JsonObject]", box["fields"]):
            target = _target(str(field["name"]), names)
            if target is not None and not _is_own_id(str(field["name"]), str(box["name"])):
                arrows.append({"from": box["name"], "field": field["name"], "to": target})
    return {"boxes": cast("list[JsonValue]", boxes), "arrows": arrows}


def _box(entity: Entity) -> JsonObject:
    fields: list[JsonValue] = [
        {"name": each.name, "type": each.type, "description": each.description}
        for each in entity.attributes
    ]
    return {"name": entity.name, "description": entity.description, "fields": fields}


def _seen_boxes(state: JsonObject) -> list[JsonObject]:
    boxes: list[JsonObject] = []
    for each in collections_of(state):
        fields: list[JsonValue] = [
            {"name": name, "type": _kind(value), "description": ""}
            for name, value in each.records[0].items()
        ]
        note = f"{len(each.records)} in {each.path}"
        boxes.append({"name": each.name, "description": note, "fields": fields})
    return boxes


def _kind(value: JsonValue) -> str:
    return "null" if value is None else type(value).__name__


def _singular(name: str) -> str:
    """Write `RepairOrder` and `repair_orders` alike."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return singular(words.strip("_").replace("__", "_"))


def _target(field: str, names: dict[str, str]) -> str | None:
    """Find what an attribute refers to; leading words may be dropped: `assigned_user_id`."""
    stem = stem_of(field)
    words = (field if stem is None else stem).split("_")
    for start in range(len(words)):
        wanted = singular("_".join(words[start:]))
        if wanted in names:
            return names[wanted]
    return None


def _is_own_id(field: str, box: str) -> bool:
    stem = stem_of(field)
    return stem is not None and stem in {"", _singular(box)}
