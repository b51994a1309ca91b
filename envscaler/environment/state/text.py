"""How a model reads what a tool returned."""

import json
from typing import Literal

from pydantic import JsonValue

from envscaler.environment.state.encoding import python_text
from envscaler.model_json import whole_characters


def write_value(value: JsonValue, style: Literal["json", "python"]) -> str:
    """Write what a tool returned as the model reads it: JSON, or Python's `str()` of it."""
    text = python_text(value) if style == "python" else json.dumps(value, ensure_ascii=False)
    return whole_characters(text)
