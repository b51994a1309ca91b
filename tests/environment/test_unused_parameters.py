"""Which parameters have no effect, as the source tells."""

import ast

import pytest

from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.dataflow.unused_parameters import ignored_parameters, never_succeeds


def methods(body: str, *helpers: str) -> dict[str, FunctionNode]:
    inside = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"def act(self, a: str, flag: bool = False):\n{inside}\n" + "\n".join(helpers)
    return {node.name: node for node in ast.parse(source).body if isinstance(node, FunctionNode)}


USED = "return {'success': True, 'data': a}"
REFUSE = "return {'success': False, 'error': 'no'}"


@pytest.mark.parametrize(
    "body",
    [
        "return {'success': True, 'data': self.x}",
        f"if not a:\n    {REFUSE}\nreturn {{'success': True, 'data': 1}}",
        f"if not isinstance(a, str) or len(a) > 3:\n    {REFUSE}\nreturn self.x",
        "text = a.strip()\nreturn self.x",
        "_ = a\nreturn self.x",
        "a = 'other'\nreturn {'success': True, 'data': a}",
        "return {'success': False, 'error': f'bad {a}'}",
        "self._note(a)\nreturn self.x",
        "if not a:\n    return self._refuse('no')\nreturn self.x",
    ],
)
def test_it_is_ignored(body: str) -> None:
    found = methods(
        body,
        "def _note(self, text):\n    pass",
        "def _refuse(self, text):\n    return {'success': False, 'error': text}",
    )

    assert "a" in ignored_parameters(found, "act")


@pytest.mark.parametrize(
    "body",
    [
        USED,
        "self.x = a\nreturn self.x",
        f"if a not in self.items:\n    {REFUSE}\nreturn self.x",
        "text = a.strip()\nwanted = text.lower()\nreturn [x for x in self.x if wanted in x]",
        "if a == 'up':\n    self.x += 1\nreturn self.x",
        "for item in self.x:\n    if item == a:\n        return item",
        "return self._find(a)",
        "self.log.append(a)\nreturn self.x",
        "a = a.strip()\nreturn {'success': True, 'data': a}",
        f"rights = self.access.get(a, [])\nif 'read' not in rights:\n    {REFUSE}\nreturn self.x",
        f"user = self.users.get(a)\nif not user:\n    {REFUSE}\nreturn self.x",
        f"found = self._check(a)\nif not found['success']:\n    {REFUSE}\nreturn self.x",
        "match a:\n    case 'up':\n        return 1\nreturn 2",
    ],
)
def test_it_has_an_effect(body: str) -> None:
    found = methods(
        body,
        "def _find(self, key):\n    return self.items.get(key)",
        f"def _check(self, text):\n    if len(text) > 3:\n        {REFUSE}\n    return self.x",
    )

    assert "a" not in ignored_parameters(found, "act")


def test_a_flag_that_is_checked_has_an_effect() -> None:
    found = methods(f"if not flag:\n    {REFUSE}\n{USED}")

    assert ignored_parameters(found, "act") == ()


def test_a_method_that_only_refuses_never_succeeds() -> None:
    assert never_succeeds(methods(f"if a:\n    {REFUSE}\n{REFUSE}"), "act")
    assert not never_succeeds(methods(f"if a:\n    {REFUSE}\n{USED}"), "act")
