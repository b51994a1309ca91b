"""A lending desk to act in, in plain Python: what the sandbox would offer, without the sandbox."""

from collections.abc import Sequence

from envscaler.interact.agent import DialogueName
from envscaler.interact.play import Attempt
from envscaler.interact.tool_format import ToolFormatName
from envscaler.llm.calls import Calls
from envscaler.records import (
    Call,
    Check,
    Environment,
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
    Reward,
    RewardDefinition,
    Scenario,
    Structure,
    Tool,
)
from tests.fakes import ScriptedModel, scripted_models

SOURCE = """
class LendingDesk:
    def __init__(self):
        self.loans = {}

    def list_loans(self) -> dict:
        return {"success": True, "data": dict(self.loans)}

    def lend(self, book_id: str, reader: str) -> dict:
        if book_id in self.loans:
            return {"success": False, "error": f"{book_id} is lent to {self.loans[book_id]}"}
        self.loans[book_id] = reader
        return {"success": True, "message": f"{book_id} is lent to {reader}"}

    def audit(self) -> dict:
        raise RuntimeError("the ledger is locked")

    def forget(self) -> dict:
        self.loans = object()
        return {"success": True, "message": "forgotten"}
"""


def _tool(name: str, *arguments: str) -> Tool:
    properties: JsonObject = {
        argument: {"type": "string", "description": f"The {argument}."} for argument in arguments
    }
    return Tool(
        name=name,
        description=f"Do {name}.",
        parameters={"type": "object", "properties": properties, "required": [*arguments]},
    )


TOOLS = (_tool("list_loans"), _tool("lend", "book_id", "reader"), _tool("audit"), _tool("forget"))


def make_environment() -> Environment:
    """Build the lending desk."""
    return Environment(
        id="env-1",
        summary="Lending desk",
        introduction="A desk lends books to readers.",
        source_task=None,
        entities=(),
        rules=("A book is lent to one reader at a time.",),
        operations=(),
        class_name="LendingDesk",
        source=SOURCE,
        tools=TOOLS,
        structure=Structure(attributes={}, queries=("list_loans",), changes=("lend", "forget")),
    )


def make_scenario(*, checks: bool = True) -> Scenario:
    """Build a scenario in which B1 is lent and B2 has to be."""
    source = "def check_func(final_state):\n    return final_state['loans'].get('B2') == 'Ada'\n"
    check = Check(item="Is B2 lent to Ada?", source=source, initially_true=False)
    return Scenario(
        id="scen-1",
        env_id="env-1",
        kind="rl" if checks else "sft",
        index=0,
        initial_state={"loans": {"B1": "Bob"}},
        task="Lend book B2 to Ada.",
        checks=(check,) if checks else (),
    )


def make_attempt(
    dialogue: DialogueName = "single_turn",
    tool_format: ToolFormatName = "native",
    number: int = 0,
    scenario: Scenario | None = None,
) -> Attempt:
    """Build an attempt at the scenario."""
    return Attempt(make_environment(), scenario or make_scenario(), dialogue, tool_format, number)


def make_calls(
    agent: ScriptedModel | None = None, user: ScriptedModel | None = None, seed: int = 7
) -> Calls:
    """Let scripts speak for the agent and for the user."""
    models = scripted_models(ScriptedModel())
    models["agent"] = agent or ScriptedModel()
    models["user"] = user or ScriptedModel()
    return Calls(models, seed=seed, tries=2)


def words(message: str, thought: str = "Next point.") -> str:
    """Write a turn of the simulated user."""
    return f"<thought>\n{thought}\n</thought>\n<message>\n{message}\n</message>"


class FakeSession:
    """The lending desk, live. `broken` is raised when its state is asked for.

    Args:
        state: The initial state.
        broken: Raised by `state`.
    """

    def __init__(self, state: JsonObject, broken: Exception | None = None) -> None:
        loans = state["loans"]
        assert isinstance(loans, dict)
        self.loans: dict[str, JsonValue] = dict(loans)
        self.called: list[str] = []
        self.closed = False
        self._broken = broken

    async def call(self, name: str, arguments: JsonObject) -> Observation:
        self.called.append(name)
        if name == "audit":
            error: JsonObject = {"error": "RuntimeError: the ledger is locked"}
            return Observation(kind=ObservationKind.EXCEPTION, value=error)
        if name == "lend":
            self.loans[str(arguments["book_id"])] = arguments["reader"]
        return Observation(
            kind=ObservationKind.OK, value={"success": True, "data": dict(self.loans)}
        )

    async def play(self, calls: Sequence[Call]) -> list[Observation]:
        return [await self.call(call.name, call.arguments) for call in calls]

    async def state(self) -> JsonObject:
        if self._broken:
            raise self._broken
        return {"loans": dict(self.loans)}

    async def close(self) -> None:
        self.closed = True


class FakeHost:
    """Opens lending desks and scores them: 1 when B2 is lent to Ada, else 0."""

    level = "none"

    def __init__(self, broken: Exception | None = None) -> None:
        self.opened: list[FakeSession] = []
        self._broken = broken

    async def open(self, _skeleton: Environment, start: Scenario, /) -> FakeSession:
        self.opened.append(FakeSession(start.initial_state, self._broken))
        return self.opened[-1]

    async def score(
        self,
        _scenario: Scenario,
        state: JsonObject,
        /,
        *,
        start: JsonObject | None = None,  # noqa: ARG002
        definition: RewardDefinition = "goal",
    ) -> Reward:
        loans = state["loans"]
        assert isinstance(loans, dict)
        return Reward(
            score=float(loans.get("B2") == "Ada"),
            definition=definition,
            verdicts=(),
            isolation=self.level,
        )
