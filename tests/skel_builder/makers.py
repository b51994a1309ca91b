"""Small rows and replies for the tests of build-skel."""

import json

from envscaler.llm.calls import Calls
from envscaler.records import Candidate, Inference, JsonValue, Judgement, Topic
from tests.fakes import ScriptedModel, scripted_models


def make_calls(model: ScriptedModel, *, tries: int = 1) -> Calls:
    """Open calls that all go to one scripted model."""
    return Calls(scripted_models(model), seed=7, tries=tries)


def as_json(value: JsonValue) -> str:
    """Write a reply with one JSON block."""
    return f"Let me think.\n\n```json\n{json.dumps(value)}\n```"


def as_code(source: str) -> str:
    """Write a reply with one Python block."""
    return f"Let me think.\n\n```python\n{source}\n```"


def make_candidate(
    name: str, *, scores: tuple[int, int] = (8, 8), introduction: str = "It keeps records."
) -> Candidate:
    """Make a stateful candidate whose id is `cand-` and its summary."""
    return Candidate(
        id=f"cand-{name}",
        task=f"A task for {name}",
        judgement=Judgement(reasoning="It has records.", stateful=True),
        inference=Inference(
            reasoning="Plain.",
            summary=name,
            introduction=introduction,
            usefulness=scores[0],
            modelability=scores[1],
        ),
    )


TOPIC = Topic(
    id="topic-1",
    summary="Umbrella rental",
    introduction="A station lends umbrellas to members.",
    usefulness=8,
    modelability=9,
    source_task="Return umbrella U-2 for Ines.",
)
