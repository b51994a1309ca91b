"""Keys and addresses, from the process environment and `.env`; nothing else reads these."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from envscaler.chat import Endpoint, Role
from envscaler.config.sections import ModelSettings, Settings
from envscaler.records import JsonObject

_SECRET = re.compile(
    r"(^|[_-])(api[_-]?)?(key|secret|token|password|passwd|auth|authorization|credentials?)$"
    r"|apikey$",
    re.IGNORECASE,
)


def without_secrets(extra_body: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Tell the fields of a request that may be kept from those that are named like a secret."""
    if not extra_body:
        return {}, {}
    secret = {name for name in extra_body if _SECRET.search(name)}
    return (
        {name: value for name, value in extra_body.items() if name not in secret},
        {name: value for name, value in extra_body.items() if name in secret},
    )


def read_environment(folder: Path | None = None) -> dict[str, str]:
    """Return the process environment on top of `.env` in `folder`; neither is changed.

    Args:
        folder: Where `.env` is looked for; None for the current folder.
    """
    values = dotenv_values((folder or Path.cwd()) / ".env", interpolate=False)
    return {name: value for name, value in values.items() if value is not None} | os.environ


def endpoints(settings: Settings, environment: Mapping[str, str]) -> dict[Role, Endpoint]:
    """Say where each role's requests go.

    The setting `base_url` of a role comes first, then the environment, then OpenAI's own. A key
    may be empty: whether it is needed shows when a request is made.
    """
    return {role: _endpoint(role, own, environment) for role, own in settings.models.items()}


def _endpoint(role: Role, own: ModelSettings, environment: Mapping[str, str]) -> Endpoint:
    base_url = own.base_url or environment.get("OPENAI_BASE_URL") or None
    api_key = environment.get(own.api_key_env, "")
    if role == "user" and own.api_key_env == "OPENAI_API_KEY":
        api_key = environment.get("USER_OPENAI_API_KEY") or api_key
        if own.base_url is None and environment.get("USER_OPENAI_BASE_URL"):
            # A key goes only to the endpoint that it was given for.
            base_url = environment["USER_OPENAI_BASE_URL"]
            api_key = environment.get("USER_OPENAI_API_KEY", "")
    return Endpoint(base_url=base_url, api_key=api_key)
