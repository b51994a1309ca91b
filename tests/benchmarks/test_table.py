"""Pass rates, their intervals, and the table."""

import pytest

from envscaler.benchmarks.paper import MODELS, reference, references
from envscaler.benchmarks.table import table
from envscaler.interact.pass_rates import pass_hat, tally
from envscaler.intervals import wilson
from envscaler.records import Reward, StopReason, Trajectory


def row(
    task: str, score: float | None, attempt: int = 0, process: float | None = None
) -> Trajectory:
    return Trajectory(
        id=f"{task}-{attempt}",
        env_id="env",
        scenario_id=f"bfcl/{task}",
        attempt=attempt,
        dialogue="simulated_user",
        tool_format="native",
        tools=(),
        messages=(),
        steps=(),
        stop_reason=StopReason.FINISHED,
        reward=Reward(score=score, fraction=process, verdicts=(), isolation="none"),
        seed=0,
    )


@pytest.mark.parametrize(
    ("passes", "k", "expected"), [(4, 4, 1.0), (2, 1, 0.5), (2, 2, 1 / 6), (3, 4, 0.0), (0, 1, 0.0)]
)
def test_pass_hat_is_the_share_of_choices_of_k_trials_that_all_pass(
    passes: int, k: int, expected: float
) -> None:
    assert pass_hat(passes, 4, k) == pytest.approx(expected)


def test_wilson_agrees_with_published_values() -> None:
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert wilson(0.0, 200) == pytest.approx((0.0, 0.0189), abs=1e-4)
    assert wilson(1.0, 800)[1] == pytest.approx(1.0)


def test_a_trial_without_a_score_is_counted_apart() -> None:
    found = tally([row("base/a", 1.0), row("base/a", None, 1), row("base/b", 0.0)])

    assert found.trials == {"bfcl/base/a": (True,), "bfcl/base/b": (False,)}
    assert found.unscored == 1


def test_the_table_has_a_line_for_each_group_floors_and_published_numbers() -> None:
    rows = [row("base/a", 1.0), row("base/b", 0.0), row("miss_func/c", 1.0)]
    floor = [row("base/a", 0.0), row("base/b", 0.0), row("miss_func/c", 1.0)]

    lines = table(rows, {"no-op": floor}, references("bfcl", ("qwen3-8b",))).splitlines()

    assert lines[0].split() == [
        "tasks",
        "trials",
        "pass^1",
        "95",
        "%",
        "no-op",
        "paper:",
        "qwen3-8b",
    ]
    assert lines[1].split() == ["base", "2", "2", "50.00", "9.5–90.5", "0.00", "32.00"]
    assert lines[2].split()[:4] == ["miss_func", "1", "1", "100.00"]
    assert lines[3].split() == ["overall", "3", "3", "66.67", "20.8–93.9", "33.33", "28.88"]
    assert lines[4] == "2 of 3 trials passed"


def test_with_trials_there_is_a_column_for_each_k() -> None:
    rows = [row("retail/a", score, n) for n, score in enumerate((1.0, 1.0, 0.0))]

    head, line, *_ = table(rows, {}).splitlines()

    ks = [cell for k in (1, 2, 3) for cell in (f"pass^{k}", "95", "%")]
    assert head.split() == ["tasks", "trials", *ks]
    assert line.split()[:3] == ["retail", "1", "3"]
    assert line.split()[3::2] == ["66.67", "33.33", "0.00"]
    assert line.split()[8] == "0.0–79.3"  # of one task that never passed three times


def test_process_accuracy_has_a_column_where_there_is_one() -> None:
    head, line, *_ = table([row("multi_step/a", 0.0, process=0.75)], {}).splitlines()

    assert "process" in head
    assert "75.00" in line


def test_tasks_without_a_row_are_told() -> None:
    rows = [row("base/a", 1.0), row("base/a", 0.0, 1)]

    assert "2 of 3 tasks have no row yet, and count nowhere above" in table(rows, {}, tasks=3)
    assert "no row yet" not in table(rows, {}, tasks=1)


def test_a_table_without_rows_is_still_a_table() -> None:
    assert table([], {}).splitlines()[1].split() == ["overall", "0", "0", "-", "-"]


@pytest.mark.parametrize("model", MODELS)
def test_bfcl_of_the_paper_is_the_mean_of_its_categories(model: str) -> None:
    scores = dict(reference("bfcl", model).scores)
    overall = scores.pop("overall")

    # The paper's own mean of one model is some points off; the numbers here are the paper's.
    assert sum(scores.values()) / 4 == pytest.approx(overall, abs=0.01) or model in ("qwen3-1.7b",)
