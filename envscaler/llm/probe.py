"""What a model and its server can do, found out by a few short requests: `doctor --ask`.

Servers differ in what they do with a request that they cannot fulfil: some refuse it, many drop a
part of it in silence. A chat template without tools is the costliest of these, because every
episode is then scored as idle; the number of prompt tokens gives it away.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from envscaler.chat import Endpoint, Reply, Role
from envscaler.config import ModelSettings, Settings, without_secrets
from envscaler.llm.connection import Connection
from envscaler.llm.failures import UnansweredError
from envscaler.llm.requests import CHAT, Request
from envscaler.llm.responses import MalformedError, normalise, parse_stored, read_reply
from envscaler.records import JsonObject, Tool

_MOST_TOKENS = 512
"""Of one answer; a model that reasons needs some before it says anything."""
_LENGTHS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Fields in which servers say how long a dialogue may be."""
_TOOL = Tool(
    name="look_up",
    description="Look a record up by its id.",
    parameters={
        "type": "object",
        "properties": {"id": {"type": "string", "description": "Id of the record."}},
        "required": ["id"],
    },
)
_SCHEMA: JsonObject = {
    "name": "answer",
    "schema": {
        "type": "object",
        "properties": {"colour": {"type": "string"}, "number": {"type": "integer"}},
        "required": ["colour", "number"],
        "additionalProperties": False,
    },
}
_READY = "Reply with the one word: ready"
_ONE = "Call the tool look_up for the record with the id A1. Say nothing else."
_TWO = "Call the tool look_up for the records A1 and B2, both in this one turn. Say nothing else."
_RANDOM = "Write one sentence about any subject that you like."
_JSON = "Name a colour and a number."


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found out about one model."""

    model: str
    endpoint: str
    """Its address, without user, password and query."""
    roles: tuple[Role, ...]
    found: tuple[tuple[str, str], ...] = ()
    """Ability and finding, such as `seed` and `repeats`."""
    problem: str = ""
    """Why it does not answer at all."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks one model.

    Args:
        connection: To its endpoint.
        settings: Of a role that it has.
    """

    connection: Connection
    settings: ModelSettings

    async def run(self, roles: tuple[Role, ...]) -> Probed:
        """Ask, one request after another."""
        model, where = self.settings.model, self.connection.name
        begun = time.monotonic()
        try:
            plain = await self._ask(_READY)
        except (UnansweredError, MalformedError) as error:
            return Probed(model, where, roles, problem=str(error))
        found = {"answers": f"in {time.monotonic() - begun:.1f} s"}
        found["reasoning"] = "in a field of its own" if plain.reasoning else "none was seen"
        found |= await self._tools(plain)
        found["seed"] = await self._seed()
        found["JSON schema"] = await self._schema()
        found["context"] = await self._context()
        return Probed(model, where, roles, tuple(found.items()))

    async def _tools(self, plain: Reply) -> dict[str, str]:
        """Offer a tool, and look whether the model got to see it, and calls it."""
        try:
            offered = await self._ask(_READY, tools=True)
            one = await self._ask(_ONE, tools=True)
            two = await self._ask(_TWO, tools=True)
        except (UnansweredError, MalformedError) as error:
            return {"tools": f"refused ({error}); set interact.tool_format=[text]"}
        before, after = plain.usage.prompt_tokens, offered.usage.prompt_tokens
        if before and after <= before and not one.tool_calls:
            return {
                "tools": f"dropped in silence: {before} prompt tokens without a tool, {after} with "
                "one; set interact.tool_format=[text]"
            }
        calls = "calls them" if _right(one) else "offered, and a plain request for a call got none"
        parallel = f"{len(two.tool_calls)} of 2 calls in one turn"
        return {"tools": calls, "parallel calls": parallel}

    async def _seed(self) -> str:
        try:
            texts = [(await self._ask(_RANDOM, seed=7, temperature=1)).content for _ in range(2)]
        except (UnansweredError, MalformedError) as error:
            return f"refused with a temperature ({error}); see models.*.send_seed and .temperature"
        return "repeats an answer" if texts[0] == texts[1] else "taken, but answers differ"

    async def _schema(self) -> str:
        form = {"type": "json_schema", "json_schema": _SCHEMA}
        try:
            said = await self._ask(_JSON, response_format=form)
        except (UnansweredError, MalformedError) as error:
            return f"refused ({error}); stages do without"
        try:
            value = orjson.loads(said.content)
        except orjson.JSONDecodeError:
            return "dropped in silence; stages do without"
        fits = isinstance(value, dict) and value.keys() == {"colour", "number"}
        return "kept to" if fits else "dropped in silence; stages do without"

    async def _context(self) -> str:
        """Look into the list of models, where many servers say it."""
        try:
            raw = await self.connection.get("/models")
            listed = parse_stored(normalise(raw)).get("data")
        except (UnansweredError, MalformedError):
            return "not said"
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        own = [row for row in rows if row.get("id") == self.settings.model] or rows[:1]
        said = (_length_in(cast("JsonObject", row)) for row in own)
        return next((length for length in said if length), "not said")

    async def _ask(self, text: str, *, tools: bool = False, **more: object) -> Reply:
        """Send one message.

        Raises:
            UnansweredError: It was not answered.
            MalformedError: The answer is none.
        """
        public, secrets = without_secrets(self.settings.extra_body)
        body: dict[str, object] = {
            "model": self.settings.model,
            "messages": [{"role": "user", "content": text}],
            **self._sampling(),
            **public,
            **more,
        }
        if tools:
            body["tools"] = [_TOOL.as_function()]
        request = Request("doctor", "doctor", 0, self.settings.model, CHAT, body, secrets)
        return read_reply(normalise(await self.connection.post(request)), self.settings.model)

    def _sampling(self) -> Mapping[str, object]:
        """Return what every request of the role has, but fewer tokens."""
        most = min(self.settings.max_tokens or _MOST_TOKENS, _MOST_TOKENS)
        named = {
            "temperature": self.settings.temperature,
            "top_p": self.settings.top_p,
            "max_tokens": None if self.settings.max_tokens is None else most,
        }
        return {name: value for name, value in named.items() if value is not None}


def _length_in(row: JsonObject) -> str:
    """Return what a row of the list of models says of the length of a dialogue; else empty."""
    meta = row.get("meta")
    fields = {**row, **(meta if isinstance(meta, dict) else {})}
    for name in (*_LENGTHS, "n_ctx", "n_ctx_train"):
        if isinstance(length := fields.get(name), int):
            return f"{length:,} tokens ({name})"
    return ""


def _right(reply: Reply) -> bool:
    return any(call.name == "look_up" and call.arguments for call in reply.tool_calls)


async def probe_all(settings: Settings, endpoints: Mapping[Role, Endpoint]) -> list[Probed]:
    """Ask each model of a run once, however many roles it has.

    Raises:
        EndpointError: An address is none, or OpenAI's own endpoint has got no key.
    """
    roles: dict[tuple[Endpoint, str], list[Role]] = {}
    for role, chosen in settings.models.items():
        roles.setdefault((endpoints[role], chosen.model), []).append(role)
    return [
        await _probe(settings, endpoint, tuple(shared)) for (endpoint, _), shared in roles.items()
    ]


async def _probe(settings: Settings, endpoint: Endpoint, roles: tuple[Role, ...]) -> Probed:
    chosen, llm = settings.models[roles[0]], settings.llm
    connection = Connection(endpoint, timeout=llm.timeout, connections=1, transport=llm.transport)
    try:
        connection.check(chosen.api_key_env)
        return await Probe(connection, chosen).run(roles)
    finally:
        await connection.close()
