"""Usage: tokens and money per stage and model, and the user's limits."""

from pathlib import Path

import pytest

from envscaler.errors import BudgetError, ConfigError
from envscaler.llm.usage import Meter, Price, Tokens, load_prices
from envscaler.llm.waits import Waits
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

    meter.count_cached("m", Usage(prompt_tokens=1500, completion_tokens=34))

    meter.check()
    assert meter.tokens == 0
    assert meter.stored == "1 stored reply of 1,534 tokens"


def test_tokens_from_the_cache_have_a_price_of_their_own() -> None:
    price = Price(input=2.0, output=8.0, cached=0.5)
    tokens = Tokens()

    tokens.add(Usage(calls=1, prompt_tokens=1_000_000, cached_tokens=400_000))

    assert price.of(tokens) == 0.6 * 2.0 + 0.4 * 0.5


def test_requests_that_are_sent_again_are_counted_and_those_that_wait_now() -> None:
    meter = Meter(stage="judge")

    with meter.waiting_for("m", refused=True):
        pass
    with meter.waiting_for("m", refused=True), meter.waiting_for("m", refused=False):
        now = meter.traffic

    assert now == "2 refused, 1 retried, 2 waiting"
    assert meter.traffic == "2 refused, 1 retried"


def test_a_run_without_trouble_says_nothing_of_it() -> None:
    assert make_meter(2).traffic == ""


def test_a_long_wait_is_said_but_not_all_the_time(caplog: pytest.LogCaptureFixture) -> None:
    clock = iter((0.0, 10.0, 40.0))
    waits = Waits(now=lambda: next(clock))

    with caplog.at_level("INFO"), waits.one_more(), waits.one_more():
        waits.say("m: 503: loading", 6.0)
        waits.say("m: 503: loading", 12.0)
        waits.say("m: 503: loading", 30.0)

    assert [record.message for record in caplog.records] == [
        "m: 503: loading; 2 requests wait, next try in 6 s",
        "m: 503: loading; 2 requests wait, next try in 30 s",
    ]


def test_a_short_wait_is_not_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        Waits().say("m: 500: oops", 1.0)

    assert not caplog.records


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
