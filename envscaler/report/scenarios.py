"""Scenarios and trajectories as the report shows them."""

from collections.abc import Iterator, Sequence
from typing import cast

from envscaler.pipeline.made import Ids
from envscaler.records import Dropped, JsonObject, JsonValue, Proof, Scenario, Trajectory
from envscaler.report.rows import RunRows
from envscaler.scen_generator.proof.floor import POLICIES, Floor


def scenarios(rows: RunRows) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Yield what lists show of each scenario, and the whole of it."""
    for row in rows.scenarios.values():
        entry = _scenario_entry(rows, row)
        whole = cast("JsonObject", row.model_dump(mode="json", exclude={"id", "schema_version"}))
        calibration = rows.calibration.get(row.id)
        known = calibration.model_dump(mode="json") if calibration else None
        more: JsonObject = {
            "calibration": cast("JsonValue", known),
            "checks": whole["checks"],
            "floor_panel": _floor_panel(rows.floors.get(row.id)),
        }
        yield entry, whole | entry | more


def _floor_panel(floor: Floor | None) -> JsonObject | None:
    """Return what each policy got, and the reference beside it."""
    if floor is None:
        return None
    best = {policy: floor.best.get(policy) for policy in POLICIES}
    return {"definition": floor.definition, "reference": floor.reference, "best": {**best}}


def _scenario_entry(rows: RunRows, row: Scenario) -> JsonObject:
    dropped = rows.reasons.get(row.id)
    kept = row.id in rows.kept_scenarios
    calibration, floor = rows.calibration.get(row.id), rows.floors.get(row.id)
    return {
        "id": row.id,
        "env": row.env_id,
        "task": row.task,
        "fate": "kept" if kept else "rejected" if dropped else "candidate",
        "reason": "" if kept else _why(dropped),
        "check_count": len(row.checks),
        "goals": sum(check.role == "goal" for check in row.checks),
        "guards": sum(check.role == "guard" for check in row.checks),
        "band": calibration.band if calibration else None,
        "pass_rate": calibration.pass_rate if calibration else None,
        "floor": floor.floor if floor else None,
        **_proof_entry(row.proof),
    }


def _proof_entry(proof: Proof | None) -> JsonObject:
    if proof is None:
        return {"proof_state": "none", "noop": None, "calls": None, "writes": None, "missed": 0}
    return {
        "proof_state": "proven" if proof.proven else "not proven",
        "noop": proof.noop_score,
        "calls": len(proof.reference),
        "writes": sum(call.changed for call in proof.reference),
        "missed": len(proof.missed),
    }


def _why(dropped: Dropped | None) -> str:
    return f"{dropped.stage}: {dropped.kind}: {dropped.reason}" if dropped else ""


def trajectory_entry(row: Trajectory, kept: Ids, reasons: dict[str, Dropped]) -> JsonObject:
    """Return what lists show of a trajectory."""
    usage = row.provenance.usage
    fate = "kept" if row.id in kept else "rejected" if row.id in reasons else "played"
    return {
        "id": row.id,
        "scenario": row.scenario_id,
        "env": row.env_id,
        "fate": fate,
        "reason": "" if fate == "kept" else _why(reasons.get(row.id)),
        "score": row.reward.score if row.reward else None,
        "stop": row.stop_reason.value,
        "dialogue": row.dialogue,
        "format": row.tool_format,
        "attempt": row.attempt,
        "calls": len(row.steps),
        "model": " + ".join(row.provenance.models),
        "tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def shortened(
    row: Trajectory,
    diffs: Sequence[JsonObject],
    problem: str,
    texts: dict[str, int],
    *,
    same_tools: bool,
) -> JsonObject:
    """Return a trajectory without what the page knows from elsewhere.

    A system prompt is as long as all the rest, and the same in many rows: only its place in `texts`
    stays.

    Args:
        row: What was played.
        diffs: What each step changed.
        problem: Why there are not as many of them as steps.
        texts: System prompt → its place; grows.
        same_tools: Its tools are those of the environment.
    """
    left_out = {"schema_version", "steps"} | ({"tools"} if same_tools else set[str]())
    whole = cast("JsonObject", row.model_dump(mode="json", exclude=left_out, exclude_defaults=True))
    for side in ("messages", "user_messages"):
        for message in cast("list[JsonObject]", whole.get(side, [])):
            if message["role"] == "system":
                message["content"] = texts.setdefault(str(message["content"]), len(texts))
    steps: list[JsonValue] = [
        {
            "call": step.call.id,
            "kind": step.observation.kind.value,
            **({"output": step.observation.output} if step.observation.output else {}),
            **({"diff": diffs[number]} if number < len(diffs) else {}),
        }
        for number, step in enumerate(row.steps)
    ]
    more: JsonObject = {"steps": steps, "replay_problem": problem}
    return whole | more
