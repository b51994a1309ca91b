"""The code of docs/recipes.md, run with stand-ins for the trainers."""

import asyncio
import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.adapters.example import CHECKOUT
from tests.face import LEND, desk_row

PAGE = (CHECKOUT / "docs" / "recipes.md").read_text(encoding="utf-8")
SOLVED = [f"<tool_call>\n{json.dumps({'name': 'lend', 'arguments': LEND})}\n</tool_call>", "Done."]
BROKEN = ['<tool_call>\n{"name": "forget", "arguments": {}}\n</tool_call>', "Done."]
PLAYS = [(SOLVED, 1.0), (["Done."], 0.0), (BROKEN, None)]


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Run the recipes beside a run with the lending desk; return what they define."""
    (tmp_path / "runs").mkdir()
    desk_row(tmp_path / "runs" / "one")
    monkeypatch.chdir(tmp_path)

    def stand_in(name: str, **contents: object) -> None:
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)

    stand_in("verl"), stand_in("verl.experimental"), stand_in("verl.experimental.agent_loop")
    stand_in(
        "verl.experimental.agent_loop.agent_loop",
        AgentLoopBase=object,
        AgentLoopOutput=SimpleNamespace,
        register=lambda _: lambda made: made,
    )
    stand_in("skyrl_gym"), stand_in("skyrl_gym.envs")
    stand_in("skyrl_gym.envs.base_text_env", BaseTextEnv=object)
    defined: dict = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.S):
        exec(compile(block, "recipes.md", "exec"), defined)  # noqa: S102 (our own page)
    return defined


class Letters:
    """A tokenizer whose tokens are letters."""

    def apply_chat_template(self, messages: list, **_: object) -> list[int]:
        return self.encode("".join(one["content"] for one in messages))

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


@pytest.mark.parametrize(("replies", "reward"), PLAYS)
def test_the_agent_loop_for_verl(names: dict, replies: list[str], reward: float | None) -> None:
    waiting = iter(replies)
    letters = Letters()

    async def generate(**_: object) -> SimpleNamespace:
        return SimpleNamespace(token_ids=letters.encode(next(waiting)))

    loop = names["ScenarioLoop"]()
    loop.tokenizer, loop.server_manager = letters, SimpleNamespace(generate=generate)

    out = asyncio.run(loop.run({}, extra_info={"scenario_id": "scen-1"}))

    trained = [one for one, kept in zip(out.response_ids, out.response_mask, strict=True) if kept]
    assert letters.decode(trained) == ("" if reward is None else "".join(replies))
    assert out.reward_score == (reward or 0.0)
    assert out.num_turns == len(replies)


@pytest.mark.parametrize(("replies", "reward"), PLAYS)
def test_the_environment_for_skyrl(names: dict, replies: list[str], reward: float | None) -> None:
    env = names["ScenarioEnv"](extras={"scenario_id": "scen-1"})

    steps = [env.step(reply) for reply in replies]
    env.close()

    assert [step["done"] for step in steps] == [False] * (len(replies) - 1) + [True]
    assert steps[-1]["reward"] == (reward or 0.0)
    assert steps[-1]["metadata"] == {"broken": reward is None}


@pytest.mark.parametrize(
    ("tool", "arguments", "reward"), [("lend", LEND, 1.0), ("audit", {}, 0.0), ("forget", {}, None)]
)
def test_the_function_for_openai_clients(
    names: dict, tool: str, arguments: dict, reward: float | None
) -> None:
    class Said(SimpleNamespace):
        def model_dump(self, **_: object) -> dict:
            return {"role": "assistant", "content": self.content}

    function = SimpleNamespace(name=tool, arguments=json.dumps(arguments))
    call = SimpleNamespace(id="1", function=function)
    waiting = iter([Said(content=None, tool_calls=[call]), Said(content="Done.", tool_calls=None)])

    async def create(**_: object) -> SimpleNamespace:
        return SimpleNamespace(choices=[SimpleNamespace(message=next(waiting))])

    completions = SimpleNamespace(create=create)
    client = SimpleNamespace(chat=SimpleNamespace(completions=completions))

    messages, found = asyncio.run(names["play"](client, "model", "scen-1"))

    assert found == reward
    assert [one["role"] for one in messages] == [
        *("system", "user", "assistant", "tool", "assistant")
    ]
