"""`envscaler app`: scenarios and builds in a browser, on this machine only (extra `[app]`, Gradio).

Text of models stands in text boxes and JSON trees, never in labels, Markdown or HTML. Keys stay in
this process: the page gets what is in rows and what a build prints.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import gradio as gr

from envscaler.app.builds import Build
from envscaler.app.desk import Desk, Shown
from envscaler.app.forms import Field, checked, fields_of
from envscaler.app.hand import save
from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.jsonl import read_objects
from envscaler.load import LoadedScenario
from envscaler.records import JsonObject, Tool
from envscaler.resources import DEMO

_HOST = "127.0.0.1"
_FONT = ["system-ui", "sans-serif"]
_MONO = ["ui-monospace", "monospace"]
Handler = Callable[..., Shown | Iterator[Shown]]
_NOTHING: Shown = ("", "", "", "", {})


def read_form(tool: Tool, texts: Sequence[str | None]) -> JsonObject:
    """Read the fields of a tool's form, in their order; an empty optional one is left out.

    Raises:
        ConfigError: They do not fit the schema.
    """
    arguments: JsonObject = {}
    for field, text in zip(fields_of(tool), texts, strict=True):
        if text or field.required:
            arguments[field.name] = field.read(text or "")
    return checked(tool, arguments)


def page(run: Path, scenarios: Sequence[LoadedScenario], settings: Settings) -> gr.Blocks:
    """Lay the page out.

    Args:
        run: Where trajectories are kept.
        scenarios: Those that can be played.
        settings: Filters and reward.
    """
    with gr.Blocks(title="envscaler", analytics_enabled=False) as blocks:
        with gr.Tab("Play"):
            _play_tab(run, scenarios, settings)
        with gr.Tab("Build"):
            _build_tab(run)
    return blocks


class _PlayTab:
    """What the buttons of the tab do."""

    def __init__(self, run: Path, scenarios: Sequence[LoadedScenario], settings: Settings) -> None:
        self._run = run
        self._scenarios = {row.id: row for row in scenarios}
        self._settings = settings

    def open(self, held: Desk | None, name: str | None):  # noqa: ANN202 (what Gradio takes)
        _close(held)
        if name is None:
            return None, gr.Dropdown(choices=[]), *_NOTHING
        fresh = Desk(self._scenarios[name], self._settings, self._run)
        tools = [each.name for each in fresh.tools]
        return fresh, gr.Dropdown(choices=tools, value=tools[0]), *fresh.shown()

    def finish(self, held: Desk, last: str) -> None:
        played = held.play.finish(last or "Done.")
        try:
            problem = save(self._run, played, self._settings)
        except ConfigError as error:
            problem = str(error)
        held.tell(f"Kept as {played.id}. {problem and 'Exports leave it out: '}{problem}")


def _close(held: Desk | None) -> None:
    if held is not None:
        held.close()


def _then(act: Callable[..., None]) -> Callable[..., Shown]:
    """Return a handler that does something with the desk and shows what came of it."""

    def handler(held: Desk | None, *given: str) -> Shown:
        if held is None:
            return _NOTHING
        act(held, *given)
        return held.shown()

    return handler


def _watched(*, to_the_end: bool) -> Callable[[Desk | None, str], Iterator[Shown]]:
    """Return a handler that lets the model act, and shows the page anew after each thing."""

    def handler(held: Desk | None, _: str) -> Iterator[Shown]:
        if held is None:
            yield _NOTHING
            return
        for _ in held.act(to_the_end=to_the_end):
            yield held.shown()
        yield held.shown()

    return handler


def _player_buttons() -> tuple[gr.Textbox, list[tuple[gr.Button, Handler]], gr.Button]:
    """Draw what lets models and the person speak and act; each button with what it does."""
    with gr.Row():
        step = gr.Button("Model: next step")
        whole = gr.Button("Model: to the end")
        user = gr.Button("A model as the user")
    words = gr.Textbox(label="Words", value="Done.")
    with gr.Row():
        say = gr.Button("Say as the agent")
        hear = gr.Button("Say as the user")
        done = gr.Button("Finish and save")
    players: list[tuple[gr.Button, Handler]] = [
        (step, _watched(to_the_end=False)),
        (whole, _watched(to_the_end=True)),
        (user, _then(lambda held, _: held.begin_user())),
        (say, _then(Desk.say)),
        (hear, _then(Desk.hear)),
    ]
    return words, players, done


def _play_tab(run: Path, scenarios: Sequence[LoadedScenario], settings: Settings) -> None:
    tab = _PlayTab(run, scenarios, settings)
    desk = gr.State(None, delete_callback=_close)
    names = [(f"{row.id}  {row.environment.summary}"[:120], row.id) for row in scenarios]
    chosen = gr.Dropdown(names, label="Scenario", value=names[0][1] if names else None)
    opened = gr.Button("Open", variant="primary")
    task = gr.Textbox(label="Task and rules", lines=6, max_lines=12)
    with gr.Row():
        with gr.Column():
            tool = gr.Dropdown([], label="Tool")
            form = gr.Column()
            with gr.Row():
                hint = gr.Button("Next call of the reference")
                rest = gr.Button("Play the reference to the end")
                undo = gr.Button("Undo")
            words, players, done = _player_buttons()
        with gr.Column():
            reward = gr.Textbox(label="Reward", elem_id="reward")
            checks = gr.Textbox(label="Checks", lines=6, max_lines=20)
            log = gr.Textbox(label="What was done, the last thing first", lines=10, max_lines=30)
    with gr.Accordion("State", open=False):
        state = gr.JSON(label="State")
    views = [task, log, checks, reward, state]
    opened.click(tab.open, [desk, chosen], [desk, tool, *views])
    hint.click(_then(lambda held: held.follow(to_the_end=False)), [desk], views)
    rest.click(_then(lambda held: held.follow(to_the_end=True)), [desk], views)
    undo.click(_then(Desk.undo), [desk], views)
    for button, handler in players:
        button.click(handler, [desk, words], views)
    done.click(_then(tab.finish), [desk, words], views)
    with form:
        _form(desk, tool, views)


def _form(desk: gr.State, tool: gr.Dropdown, views: list[gr.components.Component]) -> None:
    """Draw a form whenever another tool is chosen."""

    @gr.render(inputs=[desk, tool])
    def fields(held: Desk | None, name: str | None) -> None:
        for each in held.tools if held else ():
            if each.name == name:
                boxes = [_box(field) for field in fields_of(each)]
                call = gr.Button("Call", variant="primary")
                call.click(_then(_maker(each)), [desk, *boxes], views)


def _maker(tool: Tool) -> Callable[..., None]:
    def make(held: Desk, *texts: str | None) -> None:
        try:
            held.call(tool.name, read_form(tool, texts))
        except ConfigError as error:
            held.tell(f"! {error}")

    return make


def _box(field: Field) -> gr.Textbox | gr.Dropdown:
    """Return what asks for an argument; names of parameters have no markup in Python."""
    label = f"{field.name}{'' if field.required else ' (optional)'}"
    if field.choices:
        texts = [each if isinstance(each, str) else json.dumps(each) for each in field.choices]
        return gr.Dropdown([("", ""), *((text, text) for text in texts)], value="", label=label)
    return gr.Textbox(label=label, placeholder=field.label)


def _build_tab(run: Path) -> None:
    sentence = gr.Textbox(label="A task, in one sentence", value=_first_task())
    recorded = gr.Checkbox(label="From the recorded replies of the demo, without a key", value=True)
    folder = gr.Textbox(label="Run folder to keep it in", value=str(run.parent / "built"))
    with gr.Row():
        start = gr.Button("Build", variant="primary", elem_id="build")
        stop = gr.Button("Cancel")
    seen = gr.Textbox(label="What happens", lines=24, max_lines=40, autoscroll=True)
    build = gr.State(None, delete_callback=lambda held: held.stop() if held else None)

    def begin(text: str, from_demo: bool, where: str) -> Iterator[tuple[Build, str]]:  # noqa: FBT001
        made = Build(Path(where), text, recorded=from_demo)
        for shown in made.watch():
            yield made, shown

    start.click(begin, [sentence, recorded, folder], [build, seen])
    stop.click(lambda held: held.stop() if held else None, [build], [])


def _first_task() -> str:
    """Return a task whose build has been recorded."""
    return str(next(read_objects(DEMO / "tasks.jsonl"))["task"])


def serve(run: Path, scenarios: Sequence[LoadedScenario], settings: Settings, port: int) -> None:
    """Serve the page on this machine until Ctrl-C."""
    theme = gr.themes.Default(font=_FONT, font_mono=_MONO)
    page(run, scenarios, settings).launch(
        server_name=_HOST, server_port=port, share=False, theme=theme, footer_links=[], quiet=True
    )
