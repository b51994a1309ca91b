"""A class that somebody wrote, with states of their own: who keeps which key of a house."""

from pathlib import Path

from envscaler.config import Settings
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.published.import_module import add_rows, environment_of, state_row
from envscaler.published.module import skeleton_of
from envscaler.records import Dropped, Environment, JsonObject, Scenario
from envscaler.scen_generator.generate import gen_scen
from tests.fakes import ScriptedModel, scripted_models
from tests.one_sandbox import in_one_sandbox

KEYS = '''
class KeyDesk:
    """Keeps the keys of a house."""

    def __init__(self, book):
        self.keys = {key: dict(one) for key, one in book["keys"].items()}

    def list_keys(self) -> dict:
        """List all keys."""
        return {"success": True, "data": [{"key_id": key, **one} for key, one in self.keys.items()]}

    def flag_key(self, key_id: str) -> dict:
        """Flag a key as lost.

        Args:
            key_id: Of the key.
        """
        if key_id not in self.keys or self.keys[key_id]["lost"]:
            return {"success": False, "error": "No such key, or it is lost already"}
        self.keys[key_id]["lost"] = True
        return {"success": True, "message": "Flagged"}
'''
FULL: JsonObject = {
    "keys": {
        f"K{number}": {"name": name, "lost": False}
        for number, name in enumerate(("Attic", "Cellar", "Garage", "Boiler Room"), 1)
    }
}
BARE: JsonObject = {"keys": {}}


def import_into(folder: Path, source: str, *states: JsonObject) -> Environment:
    """Put a class and states of it into a run, as `import` does."""
    row = environment_of(skeleton_of(source, states=states))
    rows = [state_row(row, index, state) for index, state in enumerate(states)]
    add_rows(folder / "envs.jsonl", Environment, [row])
    add_rows(folder / "states.jsonl", Scenario, rows)
    return row


def generate(folder: Path, settings: Settings, **changes: object) -> list[StageReport]:
    """Make scenarios of the first two tiers without a model; return what is said of the stages."""
    section = settings.scen_generator.model_copy(
        update={
            "strategy": "solution_first",
            "phrasing": "template",
            "tiers": (1, 2),
            "per_tier": 2,
            **changes,
        }
    )
    settings = settings.model_copy(update={"scen_generator": section})
    models = scripted_models(ScriptedModel())

    async def work(run: Run) -> list[StageReport]:
        await gen_scen(run)
        return run.reports

    return in_one_sandbox(
        settings.sandbox, lambda sandbox: work(Run(folder, settings, models, sandbox))
    )


def scenarios_in(folder: Path) -> list[Scenario]:
    return [*read_rows(folder / "scenarios.jsonl", Scenario)]


def drops_in(folder: Path) -> list[Dropped]:
    return [*read_rows(folder / "dropped.jsonl", Dropped)]
