"""Tasks that are too close to another one, or to a text that must not come back."""

import json
from pathlib import Path
from random import Random

import pytest

from envscaler.errors import ArtifactError
from envscaler.records import Scenario
from envscaler.scen_generator.dedupe import Avoided, SimilarityLimits, read_avoided, too_close

LOAN = "Please renew the loan of the atlas for Ines Duarte until the end of March."
LOAN_TOO = "Please renew the loan of the atlas for Ines Duarte until the end of April."
BERTH = "The Albatros needs the cheapest open berth it fits on, from 10 to 12 January."
LIMITS = SimilarityLimits(tasks=0.8, avoided=0.6)


def scenario(name: str, task: str, env_id: str = "env-1") -> Scenario:
    return Scenario(id=name, env_id=env_id, kind="rl", index=0, initial_state={}, task=task)


def test_the_later_of_two_tasks_that_are_alike_is_refused_and_names_the_earlier() -> None:
    rows = [scenario("s1", LOAN), scenario("s2", BERTH), scenario("s3", LOAN_TOO)]

    found = too_close(rows, (), LIMITS)

    assert list(found) == ["s3"]
    assert found["s3"].kind == "duplicate"
    assert str(found["s3"]).endswith("like s1")


def test_tasks_of_other_environments_count_as_well() -> None:
    rows = [scenario("s1", LOAN, "env-1"), scenario("s2", LOAN, "env-2")]

    assert list(too_close(rows, (), LIMITS)) == ["s2"]


def test_what_is_kept_already_is_never_refused() -> None:
    rows = [scenario("s1", LOAN), scenario("s2", LOAN_TOO)]

    assert list(too_close(rows, (), LIMITS, frozenset({"s2"}))) == ["s1"]
    assert too_close(rows, (), LIMITS, frozenset({"s1", "s2"})) == {}


def test_a_task_may_be_like_one_that_was_refused_itself() -> None:
    rows = [scenario("s1", LOAN), scenario("s2", LOAN), scenario("s3", LOAN)]

    found = too_close(rows, (), LIMITS)

    assert [str(why).split()[-1] for why in found.values()] == ["s1", "s1"]


def test_what_is_only_like_a_refused_task_is_kept() -> None:
    words = [
        "amber",
        "birch",
        "copper",
        "dune",
        "ember",
        "fern",
        "garnet",
        "hazel",
        "indigo",
        "juniper",
        "linden",
        "maple",
    ]
    rows = [scenario(f"s{start}", " ".join(words[start : start + 8])) for start in (0, 2, 4)]

    assert list(too_close(rows, (), SimilarityLimits(tasks=0.55, avoided=1))) == ["s2"]


def test_a_task_like_a_text_to_avoid_is_refused_and_names_the_text() -> None:
    avoided = [Avoided("bench.jsonl:7", LOAN_TOO)]

    found = too_close([scenario("s1", LOAN), scenario("s2", BERTH)], avoided, LIMITS)

    assert list(found) == ["s1"]
    assert found["s1"].kind == "avoid"
    assert "bench.jsonl:7" in str(found["s1"])


def test_the_limit_of_one_lets_everything_pass() -> None:
    rows = [scenario("s1", LOAN), scenario("s2", LOAN)]

    assert too_close(rows, (), SimilarityLimits(tasks=1, avoided=0.6)) == {}


def test_each_limit_is_for_its_own_kind() -> None:
    rows = [scenario("s1", LOAN), scenario("s2", LOAN_TOO)]
    avoided = [Avoided("bench:1", BERTH)]

    assert too_close(rows, avoided, SimilarityLimits(tasks=1, avoided=0.1)) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bench.jsonl", f'{{"task": "{LOAN}", "answer": "no"}}\n{{"question": "{BERTH}"}}\n'),
        ("bench.json", json.dumps([{"instruction": LOAN}, {"prompt": BERTH}])),
        ("bench.json", json.dumps([LOAN, BERTH])),
        ("bench.txt", f"{LOAN}\n\n{BERTH}\n"),
    ],
)
def test_texts_to_avoid_are_read_from_each_kind_of_file(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    assert [each.text for each in read_avoided(path)] == [LOAN, BERTH]


def test_a_row_without_a_known_field_counts_with_all_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "bench.jsonl"
    path.write_text('{"goal": {"steps": ["one", "two"]}, "n": 3}\n', encoding="utf-8")

    assert [each.text for each in read_avoided(path)] == ["one\ntwo"]


def test_a_text_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bench.txt"
    path.write_text(f"{LOAN}\n\n{BERTH}\n", encoding="utf-8")

    assert [each.source for each in read_avoided(path)] == ["bench.txt:1", "bench.txt:3"]


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_texts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.txt"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ArtifactError, match="holds no text to avoid"):
        read_avoided(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"gone\.txt"):
        read_avoided(tmp_path / "gone.txt")


@pytest.mark.slow
def test_of_more_tasks_than_are_held_each_is_compared_with_thousands_before_it() -> None:
    chance = Random(3)
    tasks = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=12)) for _ in range(12_500)]
    tasks[12_300] = tasks[8_500]  # 3,800 before
    tasks[12_400] = tasks[300]  # 12,100 before, which is held no more

    found = too_close((scenario(f"s{at}", task) for at, task in enumerate(tasks)), (), LIMITS)

    assert [*found] == ["s12300"]
    assert str(found["s12300"]).endswith("like s8500")
