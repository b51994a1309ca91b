"""The example run as doors play it: a scenario, its proven solution, and what that must score."""

import re
from pathlib import Path

from envscaler.load import LoadedScenario, load_scenarios
from envscaler.records import JsonObject, ReferenceCall

CHECKOUT = Path(__file__).parents[2]
EXAMPLE = CHECKOUT / "data" / "example"


def proven() -> list[LoadedScenario]:
    """Return the scenarios that have a proven solution."""
    return [row for row in load_scenarios(EXAMPLE) if row.proof is not None and row.proof.proven]


def solution(scenario: LoadedScenario) -> tuple[ReferenceCall, ...]:
    """Return the calls that solve a scenario."""
    assert scenario.proof is not None
    return scenario.proof.reference


def functions(scenario: LoadedScenario) -> dict[str, JsonObject]:
    """Return the tools by name, as the model has to see them."""
    return {
        tool.name: {"description": tool.description, "parameters": tool.parameters}
        for tool in scenario.environment.tools
    }


def plain_template() -> str:
    """Return the chat template for rows of text that docs/trainers.md gives."""
    page = (CHECKOUT / "docs" / "trainers.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```jinja\n(.*?)\n```", page, re.S)
    return found
