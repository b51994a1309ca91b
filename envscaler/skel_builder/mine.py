"""Judge whether a task is stateful, and infer the environment it would have to happen in."""

from envscaler.llm.calls import Calls
from envscaler.prompts import render
from envscaler.records import Candidate, Inference, Judgement, Task, row_id
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.skel_builder.events import Inferred, Judged, Listener, silent


def candidate_id(task: Task) -> str:
    """Return the id of the candidate that is made from a task."""
    return row_id("cand", task.id)


async def mine(task: Task, calls: Calls, listener: Listener = silent) -> Candidate:
    """Judge a task; a stateful one gets its environment inferred too.

    Raises:
        ReplyError: A reply has not the shape that its prompt asks for.
    """
    judgement = await calls.ask(
        "miner",
        wanting(Judgement, render("skel_builder/judge_task", task=task.text)),
        lambda reply: read_json(reply.content, Judgement),
    )
    listener(Judged(task=task.text, judgement=judgement))
    inference = await _infer(task, calls, listener) if judgement.stateful else None
    return Candidate(
        id=candidate_id(task),
        provenance=calls.provenance(task.id),
        task=task.text,
        judgement=judgement,
        inference=inference,
    )


async def _infer(task: Task, calls: Calls, listener: Listener) -> Inference:
    inference = await calls.ask(
        "miner",
        wanting(Inference, render("skel_builder/infer_environment", task=task.text)),
        lambda reply: read_json(reply.content, Inference),
    )
    listener(Inferred(inference=inference))
    return inference
