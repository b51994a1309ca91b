"""Tasks, and the topics that are mined from them."""

from pydantic import Field

from envscaler.records.base import Record, Row


class Task(Row):
    """`tasks.jsonl`: a task that somebody once asked of a model with tools."""

    text: str
    source: str
    """Corpus it comes from, such as `api-bank`."""


class Judgement(Record):
    """Does the task depend on a persistent, domain-specific state that can be read and changed?"""

    reasoning: str
    stateful: bool


class Inference(Record):
    """The environment in which a task would have to happen."""

    reasoning: str
    summary: str
    """A name of a few words, such as `Library loan system`."""
    introduction: str
    usefulness: int = Field(ge=1, le=10)
    modelability: int = Field(ge=1, le=10)


class Candidate(Row):
    """`candidates.jsonl`: a judged task; with an inference when it is stateful."""

    task: str
    judgement: Judgement
    inference: Inference | None


class Topic(Row):
    """`topics.jsonl`: an environment worth building."""

    summary: str
    introduction: str
    usefulness: int
    modelability: int
    source_task: str
