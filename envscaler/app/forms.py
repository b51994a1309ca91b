"""From the schema of a tool to the fields of a form, and from what a person typed to arguments."""

import json
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from envscaler.environment.schema.validate import check_arguments
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, Tool

_WORDS: dict[str, JsonValue] = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Field:
    """An argument as a form asks for it."""

    name: str
    kinds: tuple[str, ...]
    """JSON types that it may have; empty when any."""
    required: bool
    choices: tuple[JsonValue, ...] = ()
    """The only values that it may have; empty when any."""
    description: str = ""

    @property
    def label(self) -> str:
        """Name and type, such as `status (open | closed), optional`."""
        choices = " | ".join(_shown(choice) for choice in self.choices)
        kind = choices or " or ".join(self.kinds) or "anything"
        return f"{self.name} ({kind}){'' if self.required else ', optional'}"

    def read(self, text: str) -> JsonValue:
        """Read what was typed: text as it is where text is meant, else JSON.

        Raises:
            ConfigError: It is not of the type that is asked for.
        """
        for choice in self.choices:
            if text == _shown(choice):
                return choice
        if "boolean" in self.kinds and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if self.kinds == ("string",):
            return text
        try:
            return cast("JsonValue", json.loads(text))
        except (ValueError, RecursionError) as error:
            if not self.kinds or "string" in self.kinds:
                return text
            example = _EXAMPLES.get(self.kinds[0], '"text"')
            raise ConfigError(
                f"{self.name} has to be {' or '.join(self.kinds)}, such as {example}; got {text!r}"
            ) from error


_EXAMPLES = {
    "integer": "3",
    "number": "2.5",
    "boolean": "true",
    "array": '["a", "b"]',
    "object": '{"key": "value"}',
    "null": "null",
}


def fields_of(tool: Tool) -> tuple[Field, ...]:
    """Return the fields of a tool's form, what is required first."""
    required = set(tool.required)
    fields = [_field(name, schema, name in required) for name, schema in tool.properties.items()]
    return tuple(sorted(fields, key=lambda field: not field.required))


def checked(tool: Tool, arguments: JsonObject) -> JsonObject:
    """Return arguments that fit the schema of a tool.

    Raises:
        ConfigError: They do not.
    """
    cleaned, problem = check_arguments(tool, arguments)
    if problem:
        raise ConfigError(problem)
    return cleaned


def _field(name: str, schema: JsonObject, required: bool) -> Field:  # noqa: FBT001
    choices = schema.get("enum")
    description = schema.get("description")
    return Field(
        name=name,
        kinds=_kinds(schema),
        required=required,
        choices=tuple(choices) if isinstance(choices, list) else (),
        description=description if isinstance(description, str) else "",
    )


def _kinds(schema: JsonObject) -> tuple[str, ...]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return (kind,)
    if isinstance(kind, list):
        return tuple(str(each) for each in kind)
    several = schema.get("anyOf")
    if isinstance(several, list):
        found = [kind for each in several if isinstance(each, dict) for kind in _kinds(each)]
        return tuple(dict.fromkeys(found))
    return ()


def _shown(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
