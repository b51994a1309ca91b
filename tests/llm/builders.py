"""Prompts, requests, responses and settings for the tests of `llm`."""

from functools import cache
from pathlib import Path

import orjson

from envscaler.chat import Endpoint, Prompt, Role
from envscaler.config import ModelSettings, Settings, load_settings
from envscaler.llm.requests import Request, chat_request
from envscaler.llm.responses import normalise
from envscaler.llm.store import Stored
from envscaler.records import JsonObject
from tests.stub_server import completion

KEY = "sk-test-secret"


def make_prompt(text: str = "hello", name: str = "stage/step") -> Prompt:
    return Prompt(name=name, sha="0123456789ab", messages=({"role": "user", "content": text},))


def make_model_settings(**changes: object) -> ModelSettings:
    return _defaults().models["coder"].model_copy(update={"model": "m", **changes})


def make_request(text: str = "hello", name: str = "stage/step") -> Request:
    return chat_request(make_model_settings(), make_prompt(text, name), (), 0, 0)


def make_response(content: str = "hi", **message: object) -> JsonObject:
    extra: JsonObject = orjson.loads(orjson.dumps(message))
    return completion({"role": "assistant", "content": content} | extra)


def make_stored(text: str = "hello", content: str = "hi", name: str = "stage/step") -> Stored:
    request = make_request(text, name)
    response = normalise(orjson.dumps(make_response(content)))
    return Stored(request.key, name, 0, "m", response, request.body)


def make_settings(policy: str = "live", **llm: object) -> Settings:
    overrides = [f"llm.{name}={value}" for name, value in llm.items()]
    return load_settings(None, [f"llm.policy={policy}", *overrides])


def make_endpoints(settings: Settings, url: str = "http://127.0.0.1:9/v1") -> dict[Role, Endpoint]:
    return dict.fromkeys(settings.models, Endpoint(url, KEY))


@cache
def _defaults() -> Settings:
    return load_settings(None, [])


def write_jsonl(path: Path, *rows: object) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path
