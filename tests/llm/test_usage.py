"""Usage: tokens and money per stage and model, and the user's limits."""

from pathlib import Path

import pytest

from envscaler.errors import BudgetError, ConfigError
from envscaler.llm.usage import Meter, Price, load_prices
from envscaler.records import Usage

USAGE = Usage(calls=1, prompt_tokens=1000, completion_tokens=500, reasoning_tokens=100)
PRICES = {"m": Price(input=2.0, output=8.0)}
"""A call with USAGE costs 0.006."""


def make_meter(
    calls: int = 1,
    model: str = "m",
    max_tokens: int | None = None,
    max_cost: float | None = None,
) -> Meter:
    meter = Meter(max_tokens, max_cost, PRICES, stage="judge")
    for _ in range(calls):
        meter.count(model, USAGE)
    return meter


def test_tokens_are_counted_for_each_stage_and_model() -> None:
    meter = make_meter(2)
    meter.stage = "infer"
    meter.count("other", USAGE)

    assert list(meter.counts) == [("judge", "m"), ("infer", "other")]
    assert (meter.counts["judge", "m"].prompt, meter.tokens) == (2000, 4500)


def test_the_cost_follows_from_the_prices() -> None:
    assert make_meter(2).cost == pytest.approx(0.012)


def test_without_a_price_there_is_no_cost() -> None:
    assert make_meter(model="unknown").cost is None


def test_within_its_limits_a_run_goes_on() -> None:
    make_meter(max_tokens=1501, max_cost=0.0061).check()


def test_a_reached_limit_of_tokens_stops_the_run() -> None:
    with pytest.raises(BudgetError, match=r"1500 tokens are spent .* 1500; raise --max-tokens"):
        make_meter(max_tokens=1500).check()


def test_a_reached_limit_of_cost_stops_the_run() -> None:
    with pytest.raises(BudgetError, match=r"0\.01 is spent .* raise --max-cost and run"):
        make_meter(max_cost=0.006).check()


def test_replies_from_the_store_count_towards_no_limit() -> None:
    meter = make_meter(0, max_tokens=1)

    meter.count_cached("m")

    meter.check()
    assert meter.tokens == 0


def test_the_table_has_a_line_for_each_stage_and_model() -> None:
    meter = make_meter(2)
    meter.count_cached("m")

    assert meter.table().splitlines() == [
        "stage  model  calls  stored  tokens in  tokens out  reasoning  cost",
        "judge  m          2       1      2,000       1,000        200  0.01",
    ]


def test_the_table_of_a_run_without_calls_is_empty() -> None:
    assert Meter().table() == ""


def test_prices_are_read_from_yaml(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("m: {input: 2, output: 8}\n", encoding="utf-8")

    assert load_prices(tmp_path / "p.yaml") == PRICES


@pytest.mark.parametrize("text", ["m: 2", "m: {input: 1}", "m: {input: -1, output: 1}", "a: ["])
def test_a_price_file_of_another_shape_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"p\.yaml must have lines like 'model: {input") as caught:
        load_prices(tmp_path / "p.yaml")

    assert "\n" not in str(caught.value)


def test_a_price_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml cannot be read: No such file"):
        load_prices(tmp_path / "no.yaml")
