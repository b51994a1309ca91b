"""Tasks, and the topics that are mined from them."""

from pydantic import Field

from envscaler.records.base import Record, Row


class Task(Row):
    """`tasks.jsonl`: a task that somebody once asked of a model with tools."""

    text: str
    """The task itself."""
    source: str
    """Corpus it comes from, such as `api-bank`."""


class Judgement(Record):
    """Does the task depend on a persistent, domain-specific state that can be read and changed?"""

    reasoning: str
    """Of the model."""
    stateful: bool
    """What it came to."""


class Inference(Record):
    """The environment in which a task would have to happen."""

    reasoning: str
    """Of the model."""
    summary: str
    """A name of a few words, such as `Library loan system`."""
    introduction: str
    """What the system is for and what it holds."""
    usefulness: int = Field(ge=1, le=10)
    """From 1 to 10, in the eyes of the model."""
    modelability: int = Field(ge=1, le=10)
    """From 1 to 10: whether a class can hold all of it."""


class Candidate(Row):
    """`candidates.jsonl`: a judged task; with an inference when it is stateful."""

    task: str
    """Its text, verbatim."""
    judgement: Judgement
    """Whether it needs a system that keeps something."""
    inference: Inference | None
    """The system that it needs."""


class Topic(Row):
    """`topics.jsonl`: an environment worth building."""

    summary: str
    """A name of a few words."""
    introduction: str
    """What the system is for and what it holds."""
    usefulness: int
    """From 1 to 10."""
    modelability: int
    """From 1 to 10."""
    source_task: str
    """The task it was mined from, verbatim."""
