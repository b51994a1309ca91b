"""Write `docs/artifacts.md` from the records: `python -m tests.docs_artifacts`."""

import ast
import inspect
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from envscaler import records
from envscaler.certify.outcomes import Certificate
from envscaler.check_env.stage import Examined
from envscaler.pipeline.log import LogEntry
from envscaler.records import Dropped, Record
from envscaler.scen_generator.proof.floor import Floor
from envscaler.scen_generator.proof.verify import Verified

PAGE = Path(__file__).parents[1] / "docs/artifacts.md"
FILES: dict[str, tuple[str, type[Record]]] = {
    "tasks.jsonl": ("build-skel", records.Task),
    "candidates.jsonl": ("build-skel", records.Candidate),
    "topics.jsonl": ("build-skel", records.Topic),
    "skeletons.jsonl": ("build-skel", records.Skeleton),
    "assessments.jsonl": ("build-skel", records.Assessment),
    "envs.jsonl": ("build-skel, import", records.Environment),
    "scenario_candidates.jsonl": ("gen-scen", records.Scenario),
    "scenarios.jsonl": ("gen-scen, import", records.Scenario),
    "rollouts.jsonl": ("rollout, play, app", records.Trajectory),
    "trajectories.jsonl": ("rollout, play, app", records.Trajectory),
    "dropped.jsonl": ("every stage", Dropped),
    "calibration.jsonl": ("calibrate", records.Calibration),
    "verified.jsonl": ("verify", Verified),
    "floor.jsonl": ("verify --floor", Floor),
    "examined.jsonl": ("check-env --run", Examined),
    "certificate.json": ("certify", Certificate),
    "log.jsonl": ("every command", LogEntry),
}
"""File → the commands that write it, and what a row is; in the order of the pipeline."""
HEAD = """\
# Artifacts and schema

What lies in a run folder, file by file and field by field. The page is made from the records in
[`envscaler/records`](../envscaler/records) by `python -m tests.docs_artifacts`, and a test holds
it to them.

Every `.jsonl` has one row a line, in UTF-8. A row is read as a frozen record: unknown fields are
refused, and so is another `schema_version` than {version}. What has no value is `null`.
A field with a default may be missing when you write rows yourself. Where the meaning is empty, the
name says it.

```bash
envscaler show runs/one/scenarios.jsonl                  # the rows of a file
envscaler show runs/one scen-35cfeafe6fa3 --json         # one row, whole
```

In Python the records are in `envscaler.records`; `Scenario.model_json_schema()` is the JSON schema
of a row.

| file | written by | a row is |
|---|---|---|
"""
TAIL = """
## Beside the rows

| file | what |
|---|---|
| `settings/COMMAND.yaml` | what a command was run with, without keys; `--config` takes it |
| `store.sqlite` | every reply, by a hash of its request; `store export` writes JSONL |
| `requests*.jsonl` | requests that wait for a batch service, with `--policy batch` |
| `report.html` | the run as one page, after `report` |
| `preview/` | a run of its own with what `--preview` has made |
| `shards/I-of-N/` | what a shard has made, until `merge` |
| `exports/NAME/` | rows for trainers, with a card; see [training.md](training.md) |
| `certificate.md` | the certificate for people |

Rows refer to each other by ids. An id is a hash of what a row was made from, of a scenario of its
content: the same input has the same id on every machine. `provenance.parents` has the ids of the
rows that a row was made from.
"""


@cache
def notes(kind: type) -> dict[str, tuple[str, str]]:
    """Return the type and the sentence under each field of a class, and each member of an enum."""
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, tuple[str, str]] = {}
    last = ""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign):
            last = ast.unparse(node.target)
            found[last] = (ast.unparse(node.annotation), "")
        elif isinstance(node, ast.Assign):
            last = ast.literal_eval(node.value) if issubclass(kind, StrEnum) else ""
            found[last] = ("", "")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            found[last] = (found[last][0], inspect.cleandoc(str(node.value.value)))
        else:
            last = ""
    found.pop("", None)
    return found


def fields(kind: type) -> dict[str, tuple[str, str]]:
    """Return the notes of a class and of those above it, those above first."""
    above = [each for each in reversed(kind.__mro__) if each not in (object, str)]
    ours = [each for each in above if each.__module__.startswith("envscaler.")]
    return {name: note for each in ours for name, note in notes(each).items()}


def parts(kind: type) -> dict[str, type]:
    """Return the records and enums that the fields of a class name, by name."""
    module = inspect.getmodule(kind)
    named = {name for typed, _ in fields(kind).values() for name in re.findall(r"\w+", typed)}
    known = vars(records) | vars(module)
    found = {name: known[name] for name in sorted(named) if name in known}
    return {
        name: each
        for name, each in found.items()
        if inspect.isclass(each) and issubclass(each, (Record, StrEnum))
    }


def every_part() -> dict[str, type]:
    """Return all that rows are made of, below the rows themselves, by name."""
    rows = {kind for _, kind in FILES.values()}
    found: dict[str, type] = {}
    waiting: list[type] = [*rows]
    while waiting:
        for name, each in parts(waiting.pop()).items():
            if name not in found and each not in rows:
                found[name] = each
                waiting.append(each)
    return dict(sorted(found.items()))


def page() -> str:
    """Write the page."""
    head = HEAD.replace("{version}", str(records.SCHEMA_VERSION))
    return "\n".join([head.rstrip(), *_index(), *_files(), *_parts()]) + "\n" + TAIL


def _index() -> Iterator[str]:
    for name, (commands, kind) in FILES.items():
        yield f"| [`{name}`](#{_anchor(name)}) | {commands} | {_first_sentence(kind)} |"


def _files() -> Iterator[str]:
    for name, (_, kind) in FILES.items():
        yield from ("", f"## {name}", "")
        home = _home(name, kind)
        if home != name:
            yield f"Rows as in [`{home}`](#{_anchor(home)})."
            continue
        yield from _table(kind)


def _home(name: str, kind: type) -> str:
    """Return the file that a record is described under."""
    named = re.match(r"`([\w.]+)`", inspect.getdoc(kind) or "")
    return named[1] if named and named[1] in FILES else name


def _parts() -> Iterator[str]:
    yield from ("", "# Parts of rows")
    for name, kind in every_part().items():
        yield from ("", f"## {name}", "")
        yield from _table(kind)


def _table(kind: type) -> Iterator[str]:
    yield _one_line(inspect.getdoc(kind) or "")
    is_enum = issubclass(kind, StrEnum)
    yield from ("", "| value | |" if is_enum else "| field | type | |")
    yield "|---|---|" if is_enum else "|---|---|---|"
    for name, (typed, note) in fields(kind).items():
        if name.startswith("_") or name == "model_config":
            continue
        middle = "" if is_enum else f" {_typed(typed)} |"
        yield f"| `{name}` |{middle} {_one_line(note)} |"


def _typed(typed: str) -> str:
    """Say a Python type in words of JSON, its parts as links."""
    text = re.sub(r"tuple\[(.*), \.\.\.\]", r"list of \1", typed)
    text = re.sub(r"tuple\[(.*), \.\.\.\]", r"list of \1", text)
    text = re.sub(r"dict\[str, (.*)\]", r"object of \1", text)
    text = re.sub(
        r"Literal\[(.*?)\]",
        lambda found: found[1].replace("', '", "` or `").replace("'", "`"),
        text,
    )
    words = {"str": "text", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}
    words |= {"RewardDefinition": "`goal` or `fraction`", "Event": "text"}
    words |= {"JsonObject": "object", "JsonValue": "any JSON", "AwareDatetime": "time"}
    for name, word in words.items():
        text = re.sub(rf"(?<!`)\b{name}\b(?!`)", word, text)
    text = text.replace(" | ", " or ")
    for name in every_part():
        text = re.sub(rf"(?<![\w`#\[]){name}(?![\w`\]])", f"[{name}](#{_anchor(name)})", text)
    return text


def _first_sentence(kind: type) -> str:
    text = _one_line(inspect.getdoc(kind) or "")
    return re.sub(r"^`[\w.]+`[^:]*: ", "", text).split(". ")[0].rstrip(".")


def _one_line(text: str) -> str:
    text = re.sub(r"\bNone\b", "null", " ".join(text.split()))
    return text.replace("|", "\\|").replace("->", "→")


def _anchor(heading: str) -> str:
    return heading.lower().replace(".", "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
