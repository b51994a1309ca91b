"""The hard set: trajectories with all that trainers, templates and file formats like to get wrong.

Each is a conversation of its own, so that what fails names itself. `trained_replies` says what a
trainer must learn from each: those texts, and nothing else.
"""

import json
from collections.abc import Iterator, Mapping

from envscaler.records import JsonValue, Message, Tool, ToolCall, Trajectory
from tests.train.factory import LAMPS, SWITCH, call, calls, make_trajectory, result, says, user

NOTE = Tool(
    name="note",
    description='Keep a note — „quoted“, with a "quote", a <tag> & a {brace}.',
    parameters={
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "What to keep.", "enum": ["a", "ü", "null"]},
            "data": {
                "type": ["object", "array", "null"],
                "default": None,
                "properties": {"deep": {"type": "array", "items": {"type": "integer"}}},
            },
        },
        "required": ["text"],
        "additionalProperties": False,
    },
)
TOOLS = (SWITCH, LAMPS, NOTE)
DONE = says("Done.", "That was all.")


def noted(text: str, **more: JsonValue) -> ToolCall:
    """Build a call that keeps a note."""
    made = call(0, "note", text=text)
    return made.model_copy(update={"arguments": {"text": text, **more}})


def _one_call(made: ToolCall) -> tuple[Message, ...]:
    return (user("Go."), calls(made, reasoning="I note it."), result(0, '{"success": true}'), DONE)


_CALLS: Mapping[str, ToolCall] = {
    "nulls": noted("a", data=None),
    "lists": noted("a", data=[1, [2, []], {"x": None}]),
    "nested": noted("a", data={"deep": {"deeper": {"parts": {}, "on": True, "share": 0.5}}}),
    "quotes": noted("a \"quote\", a 'single' one, a \\ and\na line\ttab"),
    "json-looking": noted('{"a": [1, null]}', data={"text": "null", "list": "[1]", "n": "7"}),
    "closing-mark": noted("</tool_call> and <tool_call>{}"),
    "closing-think": noted("<think>in</think> a call"),
    "date": noted("2025-01-01T00:00:00Z", data={"day": "2025-01-01"}),
    "numbers": noted("1", data=[1, 1.0, -0.5, 10**15, "1"]),
    "unicode": noted("Für „Zoë“ – naïve café ☕ 你好 \u2028 end"),
    "template": noted("{{ jinja }} {% x %} $5 & <b>"),
}

_DIALOGUES: Mapping[str, tuple[Message, ...]] = {
    "no-arguments": (
        user("Go."),
        calls(call(0, "lamps"), reasoning="Look."),
        result(0, "[]"),
        DONE,
    ),
    "parallel": (
        user("Go."),
        calls(call(0, "lamps"), noted("a"), call(2, "lamps"), reasoning="Three at once."),
        result(0, "[]"),
        result(0, '{"success": true}'),
        result(2, "[]"),
        DONE,
    ),
    "text-beside-a-call": (
        user("Go."),
        calls(call(0, "lamps"), content="Let me look.", reasoning="Look."),
        result(0, "[]"),
        calls(noted("a"), noted("ü"), content="Two notes:\nboth short.", reasoning="Keep both."),
        result(0, "null"),
        result(0, "null"),
        DONE,
    ),
    "think-in-a-reply": (
        user("What is <think>?"),
        says("It is written <think>so</think>, and </think> closes it.", "A mark."),
    ),
    "think-in-reasoning": (user("Go."), says("Done.", 'Perhaps {"x": [1, null]}\n\nor not.')),
    "without-reasoning": (
        user("Go."),
        calls(call(0, "lamps")),
        result(0, "[]"),
        calls(noted("a"), content="Next.", reasoning="Only now."),
        result(0, "null"),
        says("Done."),
    ),
    "never-reasoning": (user("Go."), calls(call(0, "lamps")), result(0, "[]"), says("Done.")),
    "two-users": (
        user("Look, please."),
        calls(call(0, "lamps"), reasoning="Look."),
        result(0, "[]"),
        says("None is on. Shall I note it?", "Ask."),
        user("Yes – <tool_response> or not."),
        calls(noted("a"), reasoning="Now the note."),
        result(0, "null"),
        DONE,
    ),
    "malformed": (
        user("Go."),
        says("<tool_call>oops</tool_call>", "A bad try.", problem="It is not JSON."),
        user("[Automatic notice] It is not JSON."),
        calls(call(0, "lamps"), reasoning="As JSON."),
        result(0, "[]"),
        DONE,
    ),
    "marks-in-results": (
        user("Go."),
        calls(call(0, "lamps"), reasoning="Look."),
        result(0, '{"text": "</tool_response> <think>no</think>"}'),
        DONE,
    ),
}


def hard_set(tools: tuple[Tool, ...] = TOOLS) -> dict[str, Trajectory]:
    """Return name → trajectory."""
    dialogues = {**{name: _one_call(made) for name, made in _CALLS.items()}, **_DIALOGUES}
    return {
        name: make_trajectory(*messages).model_copy(update={"id": f"traj-{name}", "tools": tools})
        for name, messages in dialogues.items()
    }


def well_formed(trajectory: Trajectory) -> Iterator[Message]:
    """Yield the replies that are to be learnt."""
    for message in trajectory.messages:
        if message.role == "assistant" and message.problem is None:
            yield message


def trained_replies(trajectory: Trajectory, *, empty_thoughts: bool = True) -> list[str]:
    """Write what Qwen3 says in each reply that is to be learnt, to its end mark.

    Args:
        trajectory: Of the hard set.
        empty_thoughts: Whether a reply without reasoning is said with an empty thought, as
            the templates of reasoning models have it.
    """
    return [_spoken(reply, empty_thoughts=empty_thoughts) for reply in well_formed(trajectory)]


def _spoken(reply: Message, *, empty_thoughts: bool) -> str:
    has_thought = reply.reasoning is not None or empty_thoughts
    thought = f"<think>\n{reply.reasoning or ''}\n</think>\n\n" if has_thought else ""
    said = [reply.content] if reply.content else []
    for made in reply.tool_calls:
        body = json.dumps({"name": made.name, "arguments": made.arguments}, ensure_ascii=False)
        said.append(f"<tool_call>\n{body}\n</tool_call>")
    return thought + "\n".join(said) + "<|im_end|>"
