"""One request as bytes, and the key under which its answer is stored."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from envscaler.chat import Prompt
from envscaler.config import ModelSettings, without_secrets
from envscaler.errors import ProviderError
from envscaler.llm.keys import MESSAGES, Dialogues, key_of
from envscaler.records import Tool

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an endpoint; who the endpoint is does not belong to it."""

    key: str
    """SHA-256 of the canonical body, the seed and the sample index, in hexadecimal."""
    prompt: str
    """Name of the prompt."""
    sample: int
    model: str
    path: str
    """`CHAT` or `EMBEDDINGS`, below the endpoint's base URL."""
    content: Mapping[str, object] | orjson.Fragment
    secrets: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    """Further fields that are sent, and neither kept nor part of the key."""

    @property
    def body(self) -> bytes:
        """The content as JSON. The order of keys is kept, since models see tool schemas in it.

        Written when it is wanted: a stored reply needs only the key.
        """
        return orjson.dumps(self.content)

    @property
    def sent(self) -> bytes:
        """The content with the secrets, as JSON."""
        if self.secrets and not isinstance(self.content, orjson.Fragment):
            return orjson.dumps({**self.content, **self.secrets})
        return self.body


_SAMPLING = ("temperature", "top_p", "max_tokens")


def chat_request(
    settings: ModelSettings,
    prompt: Prompt,
    tools: Sequence[Tool],
    sample: int,
    seed: int,
    *,
    structured: bool = False,
) -> Request:
    """Build the request for one reply.

    Args:
        settings: Model and sampling parameters of the role.
        prompt: The messages.
        tools: Offered natively; none are mentioned when empty.
        sample: Which of several answers to the same request is meant.
        seed: Part of the key in any case, and of the body where the settings send it.
        structured: With the JSON schema of the reply, where the prompt has one.

    Raises:
        ProviderError: The request holds something that JSON cannot, such as half a surrogate.
    """
    body: dict[str, object] = {"model": settings.model, MESSAGES: prompt.messages}
    written = _WRITTEN.of(tools, prompt.name) if tools else None
    if written is not None:
        body["tools"] = written.plain
    for name in _SAMPLING:
        if (value := getattr(settings, name)) is not None:
            body[name] = value
    if settings.send_seed:
        body["seed"] = seed
    if structured and prompt.schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": prompt.schema}
    public, secrets = without_secrets(settings.extra_body)
    body |= public
    if written is not None and body["tools"] is written.plain:
        named = {**body, "tools": written.canonical}
    else:
        named = body
    key = _key(named, prompt=prompt.name, sample=sample, seed=seed)
    return Request(key, prompt.name, sample, str(body["model"]), CHAT, body, secrets)


def embedding_request(model: str, texts: Sequence[str]) -> Request:
    """Build the request for the embeddings of `texts`.

    Raises:
        ProviderError: A text holds something that JSON cannot, such as half a surrogate.
    """
    body: dict[str, object] = {"model": model, "input": texts}
    key = _key(body, prompt="embeddings", sample=0, seed=0)
    return Request(key, "embeddings", 0, model, EMBEDDINGS, body)


def _key(body: dict[str, object], *, prompt: str, sample: int, seed: int) -> str:
    try:
        if MESSAGES in body:
            return _DIALOGUES.key_of(body, sample=sample, seed=seed)
        return key_of(body, sample=sample, seed=seed)
    except orjson.JSONEncodeError as error:
        raise _unwritable(prompt, error) from error


def _unwritable(prompt: str, error: orjson.JSONEncodeError) -> ProviderError:
    return ProviderError(f"The request for prompt {prompt!r} cannot be written as JSON: {error}")


@dataclass(frozen=True, slots=True)
class _Tools:
    """The tools of an environment as JSON."""

    kept: Sequence[Tool]
    """Kept, so that their identity is nobody else's."""
    plain: orjson.Fragment
    """In the order in which models see them."""
    canonical: orjson.Fragment


class _WrittenTools:
    """Tools are the same for every call of an episode, so they are written once."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: OrderedDict[int, _Tools] = OrderedDict()

    def of(self, tools: Sequence[Tool], prompt: str) -> _Tools:
        """Write tools, the same sequence only once.

        Raises:
            ProviderError: They hold something that JSON cannot.
        """
        known = self._known.get(id(tools))
        if known is None or not isinstance(tools, tuple):
            known = self._write(tools, prompt)
            self._known[id(tools)] = known
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return known

    @staticmethod
    def _write(tools: Sequence[Tool], prompt: str) -> _Tools:
        functions = [tool.as_function() for tool in tools]
        try:
            plain = orjson.dumps(functions)
            canonical = orjson.dumps(functions, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            raise _unwritable(prompt, error) from error
        return _Tools(tools, orjson.Fragment(plain), orjson.Fragment(canonical))


_WRITTEN = _WrittenTools()
_DIALOGUES = Dialogues()
