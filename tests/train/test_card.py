"""The dataset card."""

import tracemalloc

from envscaler.config import Settings
from envscaler.train.card import Tally, dataset_card
from tests.train.factory import with_share


def card_of(tally: Tally, settings: Settings) -> list[str]:
    return dataset_card("messages", "One row is a word.", tally, settings).splitlines()


def scored(*scores: float | None) -> Tally:
    tally = Tally()
    for each in scores:
        tally.score(each)
    return tally


def test_the_table_counts_rows_and_their_sources_for_each_split(settings: Settings) -> None:
    tally = Tally()
    tally.rows.update({"train": 5, "validation": 1})
    for scenario in ("s1", "s2", "s2"):
        tally.place("train", scenarios=scenario, environments="e1")

    lines = card_of(tally, settings)

    assert "| split | rows | scenarios | environments |" in lines
    assert "| train | 5 | 2 | 1 |" in lines
    assert "| validation | 1 | 0 | 0 |" in lines


def test_values_of_a_property_are_listed_most_frequent_first(settings: Settings) -> None:
    tally = Tally()
    for model in ("b", "a", "c", "c"):
        tally.note("model", model)

    assert "- model: c (2), a (1), b (1)" in card_of(tally, settings)


def test_a_missing_score_is_not_a_score_of_zero(settings: Settings) -> None:
    tally = scored(1.0, 0.75, 0.25, 0.0, None, None)

    lines = card_of(tally, settings)

    start = lines.index("| score | trajectories |")
    assert lines[start + 2 : start + 7] == [
        "| 1 | 1 |",
        "| 0.5 to below 1 | 1 |",
        "| above 0 to below 0.5 | 1 |",
        "| 0 | 1 |",
        "| none | 2 |",
    ]
    assert "Mean of the 4 that have a score: 0.5000." in lines


def test_a_row_takes_few_bytes_of_a_tally() -> None:
    tally, held = Tally(), list[int]()
    tracemalloc.start()
    for number in range(60_000):
        tally.place("train", trajectories=f"traj-{number:012}", environments="env-1")
        tally.score(number / 60_000)
        if number in {29_999, 59_999}:
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert (held[1] - held[0]) / 30_000 < 40
    assert len(tally.sources["trajectories"]["train"]) == 60_000


def test_scores_that_are_all_missing_have_no_mean(settings: Settings) -> None:
    assert not any("Mean" in line for line in card_of(scored(None), settings))


def test_an_export_without_scores_says_nothing_of_rewards(settings: Settings) -> None:
    assert "## Rewards" not in card_of(Tally(), settings)


def test_what_was_left_out_is_listed(settings: Settings) -> None:
    tally = Tally()
    tally.skipped["no_good_reply"] += 2

    assert "- no_good_reply: 2" in card_of(tally, settings)


def test_the_card_says_how_rows_were_split(settings: Settings) -> None:
    text = " ".join(card_of(Tally(), with_share(settings, 0.25)))

    assert "25% of environments" in text
    assert f"seed {settings.seed}" in text


def test_rows_longer_than_the_cutoff_are_counted(settings: Settings) -> None:
    tally = Tally()
    tally.lengths.update([100, 32768, 32769, 40000])

    lines = card_of(tally, settings)

    assert "- longest row: 40000 tokens" in lines
    assert "- rows longer than 32768 tokens (train.cutoff_tokens): 2" in lines


def test_lengths_that_nobody_counted_are_not_in_the_card(settings: Settings) -> None:
    assert not any("tokens" in line for line in card_of(Tally(), settings))
