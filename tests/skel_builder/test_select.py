"""Choosing topics: thresholds, same summaries, near-duplicates, clusters."""

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from envscaler.config import Settings, SkelBuilderSettings
from envscaler.errors import ConfigError, RejectedError
from envscaler.records import Candidate, JsonValue, Judgement
from envscaler.skel_builder.select import Embed, select, topic_of
from tests.skel_builder.makers import make_candidate

LOANS = "Members borrow books from branches and return them before the due date."
CLINIC = "Patients see doctors; appointments, allergies and prescriptions are kept."
GARDEN = "Plots of a garden are leased to growers who share a watering rota."


@pytest.fixture
def defaults(settings: Settings) -> SkelBuilderSettings:
    return settings.skel_builder


def choose(
    candidates: Sequence[Candidate],
    settings: SkelBuilderSettings,
    embed: Embed | None = None,
    **changes: JsonValue,
) -> dict[str, str]:
    """Return refused id → `kind: reason`."""
    changed = settings.model_copy(update=changes)
    refusals = asyncio.run(select(candidates, changed, seed=0, embed=embed))
    return {refused: f"{error.kind}: {error}" for refused, error in refusals.items()}


def test_task_without_state_is_refused_with_the_judges_reasoning(
    defaults: SkelBuilderSettings,
) -> None:
    candidate = Candidate(
        id="c",
        task="t",
        judgement=Judgement(reasoning="Only facts.", stateful=False),
        inference=None,
    )

    assert choose([candidate], defaults) == {"c": "not_stateful: Only facts."}


@pytest.mark.parametrize(
    ("scores", "kind"), [((6, 9), "not_useful"), ((9, 6), "not_modelable"), ((7, 7), None)]
)
def test_thresholds(
    defaults: SkelBuilderSettings, scores: tuple[int, int], kind: str | None
) -> None:
    refused = choose([make_candidate("Loans", scores=scores)], defaults)

    assert [reason.split(":")[0] for reason in refused.values()] == ([kind] if kind else [])


def test_best_of_the_same_summary_is_kept_and_named(defaults: SkelBuilderSettings) -> None:
    weaker = make_candidate("Library loans", scores=(8, 8), introduction=LOANS)
    better = make_candidate("library LOANS!", scores=(8, 9), introduction=CLINIC)

    assert choose([weaker, better], defaults) == {
        weaker.id: "duplicate: 'Library loans' (cand-Library loans) has the same summary as "
        "'library LOANS!' (cand-library LOANS!)"
    }


def test_near_duplicate_says_which_one_and_how_similar(defaults: SkelBuilderSettings) -> None:
    first = make_candidate("Library loans", introduction=LOANS)
    second = make_candidate("Library book loans", introduction=LOANS)
    other = make_candidate("Clinic records", introduction=CLINIC)

    refused = choose([first, second, other], defaults)

    assert list(refused) == [first.id]
    assert (
        "near-duplicate of 'Library book loans' (cand-Library book loans): cosine 0."
        in (refused[first.id])
    )


def test_different_topics_are_all_kept(defaults: SkelBuilderSettings) -> None:
    candidates = [
        make_candidate("Library loans", introduction=LOANS),
        make_candidate("Clinic records", introduction=CLINIC),
    ]

    assert choose(candidates, defaults) == {}


def test_similarity_is_measured_against_kept_topics_only(defaults: SkelBuilderSettings) -> None:
    # b is close to a, c is close to b but not to a: c stays, since b is gone.
    directions = {"a": [1.0, 0.0], "b": [1.0, 1.0], "c": [0.0, 1.0]}
    candidates = [make_candidate(name, scores=(10 - place, 9)) for place, name in enumerate("abc")]

    async def embed(texts: Sequence[str]) -> list[list[float]]:
        return [directions[text[0]] for text in texts]

    assert list(choose(candidates, defaults, embed, max_similarity=0.7)) == ["cand-b"]


@pytest.mark.parametrize(("how", "target"), [("similarity", None), ("kmeans", 3)])
def test_order_of_candidates_changes_nothing(
    defaults: SkelBuilderSettings, how: str, target: int | None
) -> None:
    introductions = [LOANS, CLINIC, GARDEN]
    candidates = [
        make_candidate(f"Topic {i}", introduction=introductions[i % 3]) for i in range(12)
    ]
    shuffled = Random(1).sample(candidates, len(candidates))

    given = choose(candidates, defaults, select=how, target_topics=target)

    assert choose(shuffled, defaults, select=how, target_topics=target) == given


def test_kmeans_keeps_the_best_of_each_cluster(defaults: SkelBuilderSettings) -> None:
    candidates = [
        make_candidate(f"{name} {score}", introduction=introduction, scores=(score, 8))
        for name, introduction in (("Loans", LOANS), ("Clinic", CLINIC), ("Garden", GARDEN))
        for score in (7, 9, 8)
    ]

    refused = choose(candidates, defaults, select="kmeans", target_topics=3)

    kept = {candidate.id for candidate in candidates} - refused.keys()
    assert kept == {"cand-Loans 9", "cand-Clinic 9", "cand-Garden 9"}


def test_kmeans_with_more_clusters_than_topics_keeps_all(defaults: SkelBuilderSettings) -> None:
    candidates = [make_candidate("Loans", introduction=LOANS), make_candidate("Clinic")]

    assert choose(candidates, defaults, select="kmeans", target_topics=9) == {}


def test_kmeans_needs_a_number_of_topics(defaults: SkelBuilderSettings) -> None:
    candidates = [make_candidate("Loans"), make_candidate("Clinic")]

    with pytest.raises(ConfigError, match="target_topics"):
        choose(candidates, defaults, select="kmeans")


def test_topic_keeps_what_was_inferred_and_the_task_verbatim() -> None:
    candidate = make_candidate("Loans", scores=(8, 9), introduction=LOANS)

    topic = topic_of(candidate, {})

    assert (topic.summary, topic.introduction) == ("Loans", LOANS)
    assert (topic.usefulness, topic.modelability) == (8, 9)
    assert topic.source_task == "A task for Loans"
    assert topic.provenance.parents == (candidate.id,)


def test_refused_candidate_becomes_no_topic() -> None:
    candidate = make_candidate("Loans")

    with pytest.raises(RejectedError, match="too close"):
        topic_of(candidate, {candidate.id: RejectedError("duplicate", "too close")})
