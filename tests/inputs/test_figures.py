"""Amounts of one statement go together, and so do an illness and how bad it is told to be."""

from datetime import UTC, datetime
from random import Random

from envscaler.environment.hints.hints import mine
from envscaler.inputs.agreement.figures import settle_figures
from envscaler.inputs.agreement.records import Records
from envscaler.inputs.vocabulary import Vocabulary, gender_of
from envscaler.records import JsonObject

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _settled(state: JsonObject) -> JsonObject:
    records = Records(state, mine("class Firm:\n    pass\n"), Vocabulary(Random(0)), NOW)
    settle_figures(records)
    return records.state


def _lines(*amounts: tuple[str, float]) -> JsonObject:
    return {
        "statements": {"ST-1": {"statement_id": "ST-1"}},
        "lines": {
            f"LI-{at}": {"statement_id": "ST-1", "category": sort, "value": value}
            for at, (sort, value) in enumerate(amounts)
        },
    }


def test_a_firm_spends_less_than_it_earns() -> None:
    settled = _settled(_lines(("revenue", 191_000.0), ("operating_expense", 1_670_000.0)))
    lines = settled["lines"]
    assert isinstance(lines, dict)
    spent = lines["LI-1"]
    assert isinstance(spent, dict)
    value = spent["value"]
    assert isinstance(value, float)
    assert 0.5 * 191_000 < value < 191_000
    assert value % 1000 == 0


def test_what_is_plausible_stays() -> None:
    state = _lines(("revenue", 900_000.0), ("operating_expense", 683_000.0))
    assert _settled(_lines(("revenue", 900_000.0), ("operating_expense", 683_000.0))) == state


def test_nobody_itches_severely() -> None:
    state: JsonObject = {
        "allergies": {
            "AL-1": {"reaction": "itching", "severity": "severe"},
            "AL-2": {"reaction": "hives", "severity": "mild"},
            "AL-3": {"reaction": "rash", "severity": "severe"},
        }
    }
    assert _settled(state)["allergies"] == {
        "AL-1": {"reaction": "swelling", "severity": "severe"},
        "AL-2": {"reaction": "hives", "severity": "moderate"},
        "AL-3": {"reaction": "rash", "severity": "severe"},
    }


def test_nobody_is_called_as_most_of_the_other_gender_are() -> None:
    for name in ("Joshua", "Carol", "Mary", "Donald"):
        assert gender_of(name) == ""
    assert gender_of("Joanna") == "female"
