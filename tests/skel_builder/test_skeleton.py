"""From a topic to a skeleton: every piece is loaded before it is accepted."""

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.errors import GuestError
from envscaler.records import Skeleton
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.sandbox.journal import SkeletonLike
from envscaler.skel_builder.skeleton import write_skeleton
from tests.fakes import ScriptedModel
from tests.one_sandbox import in_one_sandbox
from tests.skel_builder.makers import CLASS_SOURCE, TOPIC, as_code, make_calls
from tests.skel_builder.test_build import make_model, write_method

CRASHING_CLASS = CLASS_SOURCE.replace(
    "class UmbrellaRental:", "class UmbrellaRental:\n    SIZE = 1 // 0\n"
)


class WatchedSandbox(Sandbox):
    """Remembers the sources it was given to open, and has the real one open them."""

    def __init__(self, real: Sandbox) -> None:
        self._real = real
        self.opened: list[str] = []

    async def open(self, skeleton: SkeletonLike, start: Start) -> LiveEnvironment:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.opened.append(skeleton.source)
        return await self._real.open(skeleton, start)


def write(settings: Settings, model: ScriptedModel) -> tuple[Skeleton, list[str]]:
    """Write the skeleton of the umbrella rental; also return what was loaded on the way."""
    few = settings.skel_builder.model_copy(update={"min_queries": 1, "min_changes": 1})

    async def use(real: Sandbox) -> tuple[Skeleton, list[str]]:
        sandbox = WatchedSandbox(real)
        skeleton = await write_skeleton(TOPIC, make_calls(model, tries=3), sandbox, few)
        return skeleton, sandbox.opened

    return in_one_sandbox(settings.sandbox, use)


def test_class_each_method_and_the_whole_are_loaded(settings: Settings) -> None:
    skeleton, opened = write(settings, make_model())

    assert len(opened) == 4
    assert opened[0] == CLASS_SOURCE
    assert opened[-1] == skeleton.source


def test_skeleton_keeps_the_plan_and_its_source_task(settings: Settings) -> None:
    skeleton, _ = write(settings, make_model())

    assert [entity.name for entity in skeleton.entities] == ["Umbrella"]
    assert skeleton.rules == ("An Umbrella with status free has no member.",)
    assert skeleton.class_name == "UmbrellaRental"
    assert skeleton.source_task == TOPIC.source_task


def test_structure_tells_queries_from_changes(settings: Settings) -> None:
    skeleton, _ = write(settings, make_model())

    assert skeleton.structure.queries == ("get_umbrella",)
    assert skeleton.structure.attributes["umbrellas"].written_by == ("return_umbrella",)


def test_class_that_does_not_load_is_asked_for_again(settings: Settings) -> None:
    def correct(prompt: Prompt) -> str:
        return as_code(CLASS_SOURCE if len(prompt.messages) > 2 else CRASHING_CLASS)

    model = make_model(write_class=correct)

    skeleton, _ = write(settings, model)

    assert "1 // 0" not in skeleton.source
    asked = [asked for asked in model.asked if asked.prompt.name == "skel_builder/write_class"]
    assert "ZeroDivisionError" in str(asked[1].prompt.messages[-1].get("content"))


def test_method_that_keeps_the_class_from_loading_loses_the_row(settings: Settings) -> None:
    def careless(prompt: Prompt) -> str:
        return write_method(prompt).replace("umbrella_id: str)", "umbrella_id: str = str(1 // 0))")

    with pytest.raises(GuestError, match="ZeroDivisionError"):
        write(settings, make_model(write_method=careless))
