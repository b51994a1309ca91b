"""Choose the topics worth building: stateful, good enough, and different from one another."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from envscaler.config import SkelBuilderSettings
from envscaler.errors import ConfigError, RejectedError
from envscaler.records import Candidate, Inference, Provenance, Topic, row_id
from envscaler.similarity import Vectors, check_clusters

Embed = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]
"""Turns texts into vectors, one each, in order."""

Refusals = dict[str, RejectedError]
"""Candidate id → why it does not become a topic."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Rated:
    """A candidate with an inference."""

    id: str
    inference: Inference

    @property
    def rank(self) -> tuple[int, str]:
        """The best comes first; ties go by id, so that timing decides nothing."""
        return (-(self.inference.usefulness + self.inference.modelability), self.id)

    @property
    def key(self) -> str:
        return " ".join(_WORD.findall(self.inference.summary.casefold()))

    @property
    def text(self) -> str:
        return f"{self.inference.summary}. {self.inference.introduction}"

    def __str__(self) -> str:
        return f"{self.inference.summary!r} ({self.id})"


def clusters_wanted(settings: SkelBuilderSettings) -> int | None:
    """Return how many clusters to keep one topic of; None to select by similarity.

    Raises:
        ConfigError: `kmeans` without a number of topics, or without scikit-learn.
    """
    if settings.select == "similarity":
        return None
    if settings.target_topics is None:
        raise ConfigError("skel_builder.select=kmeans needs skel_builder.target_topics")
    check_clusters()
    return settings.target_topics


def topic_id(candidate: str) -> str:
    """Return the id of the topic that is made from the candidate of that id."""
    return row_id("topic", candidate)


def topic_of(candidate: Candidate, refusals: Refusals) -> Topic:
    """Make the topic of a selected candidate.

    Raises:
        RejectedError: The candidate was not selected.
    """
    inference = candidate.inference
    if candidate.id in refusals or inference is None:
        raise refusals[candidate.id]
    return Topic(
        id=topic_id(candidate.id),
        provenance=Provenance(parents=(candidate.id,)),
        summary=inference.summary,
        introduction=inference.introduction,
        usefulness=inference.usefulness,
        modelability=inference.modelability,
        source_task=candidate.task,
    )


async def select(
    candidates: Iterable[Candidate],
    settings: SkelBuilderSettings,
    *,
    seed: int,
    embed: Embed | None = None,
) -> Refusals:
    """Say which candidates do not become topics, and why.

    Args:
        candidates: All of them; read once.
        settings: Thresholds, and how near-duplicates are found.
        seed: Seed of the clusters.
        embed: An embedding model; None for TF-IDF.

    Returns:
        The refused ones. The same candidates in another order give the same answer.

    Raises:
        ConfigError: `kmeans` without a number of topics.
    """
    refusals: Refusals = {}
    rated: list[_Rated] = []
    for candidate in candidates:
        refusal = _weakness(candidate, settings)
        if refusal:
            refusals[candidate.id] = refusal
        elif candidate.inference:
            rated.append(_Rated(candidate.id, candidate.inference))
    rated = _refuse_same_summary(sorted(rated, key=lambda one: one.rank), refusals)
    if len(rated) > 1:
        texts = [one.text for one in rated]
        vectors = Vectors.of_embeddings(await embed(texts)) if embed else Vectors.of_texts(texts)
        refusals |= _near_duplicates(rated, vectors, settings, seed)
    return refusals


def _weakness(candidate: Candidate, settings: SkelBuilderSettings) -> RejectedError | None:
    inference = candidate.inference
    if inference is None:
        return RejectedError("not_stateful", candidate.judgement.reasoning)
    if inference.usefulness < settings.min_usefulness:
        return RejectedError(
            "not_useful",
            f"{inference.summary!r} has usefulness {inference.usefulness}, "
            f"at least {settings.min_usefulness} is asked for",
        )
    if inference.modelability < settings.min_modelability:
        return RejectedError(
            "not_modelable",
            f"{inference.summary!r} has modelability {inference.modelability}, "
            f"at least {settings.min_modelability} is asked for",
        )
    return None


def _refuse_same_summary(rated: list[_Rated], refusals: Refusals) -> list[_Rated]:
    """Keep the best of those whose summaries differ in case and punctuation only."""
    best: dict[str, _Rated] = {}
    for one in rated:
        kept = best.setdefault(one.key, one)
        if kept is not one:
            refusals[one.id] = RejectedError("duplicate", f"{one} has the same summary as {kept}")
    return list(best.values())


def _near_duplicates(
    rated: list[_Rated], vectors: Vectors, settings: SkelBuilderSettings, seed: int
) -> Refusals:
    wanted = clusters_wanted(settings)
    if wanted is None:
        nearest = _nearest_kept(vectors, settings.max_similarity)
    else:
        labels = vectors.clusters(min(wanted, len(rated)), seed)
        nearest = _best_of_cluster(vectors, labels)
    return {
        rated[index].id: RejectedError(
            "duplicate", f"{rated[index]} is a near-duplicate of {rated[kept]}: cosine {cosine:.2f}"
        )
        for index, (kept, cosine) in nearest.items()
    }


def _nearest_kept(vectors: Vectors, max_similarity: float) -> dict[int, tuple[int, float]]:
    """Walk from best to worst; drop what is closer than allowed to something kept.

    Returns:
        Dropped index → the kept index it is closest to, and their cosine.
    """
    dropped: dict[int, tuple[int, float]] = {}
    for index, other, cosine in vectors.close_pairs(max_similarity):
        if other not in dropped and cosine > dropped.get(index, (0, 0.0))[1]:
            dropped[index] = (other, cosine)
    return dropped


def _best_of_cluster(vectors: Vectors, labels: list[int]) -> dict[int, tuple[int, float]]:
    """Keep the first, and so the best, of each cluster. Returns as `_nearest_kept` does."""
    best: dict[int, int] = {}
    dropped: dict[int, tuple[int, float]] = {}
    for index, label in enumerate(labels):
        kept = best.setdefault(label, index)
        if kept != index:
            dropped[index] = (kept, vectors.cosine(index, kept))
    return dropped
