"""Modules in one text behave in the sandbox as they do installed."""

import asyncio
import json

import pytest

from envscaler.benchmarks.bundle import as_function, bundle
from envscaler.benchmarks.guests import Guest, open_guest
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.records import JsonObject, JsonValue
from envscaler.sandbox import Sandbox

MODULES = {
    "shop.__init__": "from .prices import price_of\n",
    "shop.prices": "from shop.stock import *\nlimit: int\nlimit = 9\n\n"
    "def price_of(name):\n    global asked\n    asked = name\n    return PRICES[name]\n",
    "shop.stock": "import sqlite3\nPRICES: dict = {'tea': 3}\n_HIDDEN = 1\n"
    "if PRICES:\n    CHEAP: list = [n for n, p in PRICES.items() if p < 5]\n",
    "desk": "from datetime import datetime\nimport shop\nfrom shop import prices\n\n"
    "class MessageAPI:\n"
    "    seen: list = []\n"
    "    def ask(self, name):\n"
    "        year = datetime.strptime('2024', '%Y').year\n"
    "        return {'price': shop.price_of(name), 'asked': prices.asked, 'year': year,\n"
    "                'cheap': prices.CHEAP, 'hidden': hasattr(prices, '_HIDDEN'),\n"
    "                'where': [MessageAPI.__module__, MessageAPI.__qualname__]}\n",
}


def ask(settings: Settings, modules: dict[str, str]) -> JsonValue:
    start: JsonObject = {"classes": {"MessageAPI": "desk"}, "config": {}, "long_context": False}

    async def go() -> JsonValue:
        async with Sandbox.start(settings.sandbox) as sandbox:
            source = bundle(modules, "bfcl", "BfclTask")
            world = await open_guest(sandbox, Guest("BfclTask", source), start)
            return (await world.call("ask", {"name": "tea"})).value

    return json.loads(str(asyncio.run(go())))


def test_packages_star_imports_and_module_globals_work(settings: Settings) -> None:
    assert ask(settings, MODULES) == {
        "price": 3,
        "asked": "tea",
        "year": 2024,
        "cheap": ["tea"],
        "hidden": False,
        "where": ["desk", "MessageAPI"],
    }


def test_an_import_that_is_never_used_is_left_out_but_not_from_a_package() -> None:
    assert "import sqlite3" not in as_function("import sqlite3\n", "f", "shop.stock")
    assert "import sqlite3" in as_function("import sqlite3\n", "f", "shop.__init__")


def test_what_is_no_python_is_named() -> None:
    with pytest.raises(ArtifactError, match=r"shop\.stock is no Python: .*, line 2"):
        as_function("a = 1\nb = (\n", "f", "shop.stock")
