"""A state to test an environment on: made by the model, loaded before it is accepted."""

from envscaler.chat import Reply
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import class_outline
from envscaler.prompts import render
from envscaler.records import Clock, JsonObject, Record, Skeleton
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox, Start


class MadeState(Record):
    """What the prompt asks for."""

    initial_state: JsonObject


async def make_state(skeleton: Skeleton, calls: Calls, sandbox: Sandbox) -> JsonObject:
    """Ask for an initial state with material for calls that succeed and calls that are refused.

    Returns:
        Attribute name → value, as the model wrote it.

    Raises:
        ReplyError: No reply sets the attributes of the class.
        GuestError: The class does not take the last of the states.
    """
    prompt = render(
        "skel_builder/make_state",
        skeleton=skeleton,
        class_source=class_outline(skeleton.source, skeleton.class_name),
        now=Clock().start.isoformat(),
    )

    async def load(reply: Reply) -> JsonObject:
        state = read_state(reply.content, frozenset(skeleton.structure.attributes))
        live = await sandbox.open(skeleton, Start(initial_state=state))
        await live.close()
        return state

    return await calls.ask_and_try("tester", wanting(MadeState, prompt), load)


def read_state(reply: str, attributes: frozenset[str]) -> JsonObject:
    """Read a state out of a reply.

    Raises:
        ReplyError: It sets other attributes than the class has.
    """
    state = read_json(reply, MadeState).initial_state
    missing = sorted(attributes - state.keys())
    unknown = sorted(state.keys() - attributes)
    if missing or unknown:
        problem = "; ".join(
            f"{what}: {', '.join(names)}"
            for what, names in (("missing", missing), ("not in the class", unknown))
            if names
        )
        raise ReplyError(f"initial_state must set exactly the attributes of the class ({problem})")
    return state
