"""What generated code has no business doing."""

import gzip
import json
from pathlib import Path

import pytest

from envscaler.environment.code.lint import ALLOWED_IMPORTS, LintFinding, lint_check, lint_class
from envscaler.sandbox.guest.zygote import MODULES

OFFENCES = [
    ("import os", "import", "os cannot be imported; do without it, in plain Python"),
    ("from os import path", "import", "os cannot be imported"),
    ("from . import x", "import", ". cannot be imported"),
    ("import json, subprocess", "import", "subprocess cannot be imported"),
    ("from math import *", "import", "import *: name what is imported"),
    ("from random import _os", "import", "_os is internal to random"),
    ("import re\ndef f(): return re.sys", "import", "re.sys: do not reach for modules"),
    ("def f(x): return eval(x)", "call", "eval() cannot be used; read the value with json.loads"),
    ("def f(x): return open(x)", "call", "open() cannot be used; keep everything in attributes"),
    ("def f(x): print(x)", "call", "print() cannot be used; return what there is to say"),
    ("def f(x): return __import__(x)", "dunder", "__import__: do without the interpreter's"),
    ("def f(x): return x.__subclasses__()", "dunder", ".__subclasses__: do without"),
    ("def f(x): return x.gi_frame", "dunder", ".gi_frame: do without"),
    ("class A:\n    def __del__(self): ...", "dunder", "def __del__: an environment needs no"),
    ("def f(x): return getattr(f, x)", "dynamic", "getattr() with a computed name"),
    ("def f(x): return x.format(1)", "dynamic", ".format() on a computed template; use an f-str"),
    ("import json\ndef f(): json.dumps = 1", "module", "json.dumps changes a module"),
    ("import json\ndef f(): del json.dumps", "module", "json.dumps changes a module"),
    ("def f():\n    try: ...\n    except: ...", "except", "a bare except also stops time-outs"),
    ("def f():\n    try: ...\n    except (KeyError, BaseException): ...", "except", "a bare exc"),
    ("def f():\n    while True: ...", "loop", "while True without a way out"),
    ("def f():\n    global x", "global", "global: keep the value in an attribute of self"),
    ("x = 1\nx.append(2)", "side_effect", "code that runs when the module is loaded"),
    ("class A:\n    for x in y: ...", "side_effect", "code that runs when the module is loaded"),
    ("if x:\n    y = 1", "side_effect", "code that runs when the module is loaded"),
    ("def f(", "syntax", "The code does not parse: line 1"),
]


@pytest.mark.parametrize(("source", "rule", "message"), OFFENCES)
def test_an_offence_is_found_and_explained(source: str, rule: str, message: str) -> None:
    (finding,) = lint_class(source)

    assert finding.rule == rule
    assert message in finding.message


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nimport datetime, uuid\nfrom typing import Any",
        '"""Doc."""\nLIMIT = 3\nA: int = 4\ndef f(): ...\nclass A:\n    """Doc."""\n    x = 1',
        "try:\n    import zoneinfo\nexcept ImportError:\n    zoneinfo = None",
        "def f(x): return getattr(x, 'name', None), '{}'.format(x), x.__class__.__name__",
        "def f():\n    while True:\n        if x: break",
        "def f():\n    try: ...\n    except Exception: ...",
        "class A:\n    def __init__(self): self.os = 1\n    def __len__(self): return self.os",
        "def f(self): self.json = 1",
    ],
)
def test_ordinary_code_passes(source: str) -> None:
    assert lint_class(source) == ()


def test_findings_come_in_order_with_their_lines() -> None:
    found = lint_class("def f(x):\n    eval(x)\n\nimport os\n")

    assert [finding.line for finding in found] == [2, 4]
    assert str(found[1]) == "line 4: os cannot be imported; do without it, in plain Python"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def check(final_state): return True", "has to define check_func(final_state)"),
        ("def check_func(): return True", "takes one argument"),
        ("def check_func(a, b): return True", "takes one argument"),
        ("def check_func(s, initial_state=None): return True", "initial_state is a global"),
        ("def check_func(s): s['x'] == 1", "has to return True or False"),
        ("def check_func(s):\n    return\n", "has to return True or False"),
    ],
)
def test_a_check_has_a_shape(source: str, message: str) -> None:
    assert any(message in finding.message for finding in lint_check(source))


def test_a_check_may_read_the_initial_state() -> None:
    assert lint_check("def check_func(final_state): return final_state != initial_state") == ()


def test_what_may_be_imported_can_be_imported_in_the_sandbox() -> None:
    assert set(MODULES) >= ALLOWED_IMPORTS


def test_published_classes_pass(shared_data: Path) -> None:
    with gzip.open(shared_data / "envscaler/env_metadata_dev.json.gz") as file:
        environments: dict[str, dict[str, str]] = json.load(file)

    found = {name: lint_class(row["env_class_code"]) for name, row in environments.items()}

    assert len(found) == 27
    assert [findings for findings in found.values() if findings] == []


def test_published_checks_pass(shared_data: Path) -> None:
    with gzip.open(shared_data / "envscaler/scenarios_dev.json.gz") as file:
        scenarios: list[dict[str, list[dict[str, str]]]] = json.load(file)
    checks = [check["check_func"] for row in scenarios for check in row["checklist_with_func"]]

    found: list[LintFinding] = [finding for check in checks for finding in lint_check(check)]

    assert len(checks) == 1100
    assert found == []
