"""What every row has: an id made of what it comes from, and where it comes from."""

import hashlib
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

SCHEMA_VERSION = 2
"""Version of the row formats; a reader refuses rows of any other."""

JsonObject = dict[str, JsonValue]


def row_id(prefix: str, *parts: str | int) -> str:
    """Name a row after what it is made from.

    Args:
        prefix: Kind of row, such as `env`.
        parts: What identifies its input, usually the parent's id and an index.

    Returns:
        `prefix-` and 12 hexadecimal digits.
    """
    text = "\x1f".join(str(part) for part in parts)
    # A task may hold half a surrogate pair, which JSON can write and UTF-8 cannot.
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{prefix}-{digest[:12]}"


class Record(BaseModel):
    """Anything that is stored. Frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


RecordT = TypeVar("RecordT", bound=Record)


def trusted(record: type[RecordT], **fields: object) -> RecordT:
    """Make a record of fields that need no validation, all of them given.

    It is in every call, and ten times as fast as `model_construct`.
    """
    made = record.__new__(record)
    set_field = object.__setattr__
    set_field(made, "__dict__", fields)
    set_field(made, "__pydantic_fields_set__", set(fields))
    set_field(made, "__pydantic_extra__", None)
    set_field(made, "__pydantic_private__", None)
    return made


class Usage(Record):
    """What a row cost, in tokens as the endpoint counted them."""

    calls: int = 0
    """Requests that were answered."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    """Part of the completion tokens that were spent on reasoning, where the endpoint tells."""
    cached_tokens: int = 0
    """Part of the prompt tokens that the endpoint had in its cache, where it tells."""

    def __add__(self, other: "Usage") -> "Usage":
        return trusted(
            Usage,
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
        )


class Provenance(Record):
    """Where a row comes from: enough to explain it and to make it again."""

    parents: tuple[str, ...] = ()
    """Ids of the rows that it was made from."""
    prompts: dict[str, str] = {}
    """Prompt name → first 12 hexadecimal digits of the SHA-256 of its template."""
    models: tuple[str, ...] = ()
    """Those that answered; where none did, `scripted:NAME` for an agent, `hardened:NAME` for a way
    to make a scenario harder."""
    seed: int | None = None
    """Of the requests; null where none was sent."""
    usage: Usage = Usage()
    """What it cost."""


class Row(Record):
    """A line of an artifact."""

    id: str
    """Names the row; a hash, see the function `row_id`."""
    schema_version: int = SCHEMA_VERSION
    """Of the row formats."""
    provenance: Provenance = Provenance()
    """Where it comes from, and what it cost."""


class Dropped(Record):
    """`dropped.jsonl`: a row that was not made, and why."""

    id: str
    """That the row would have had, or of the row that was left out."""
    stage: str
    """The step that left it out."""
    kind: str
    """Name under which drops are grouped, such as `reply` or `duplicate`."""
    reason: str
    """In words, with what would help."""
