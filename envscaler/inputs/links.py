"""Where in a state the values of an argument come from, to find them in other states too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.environment.state.collections import is_tag, items_of, pairs_of, record_of
from envscaler.inputs.leaves import Path, leaf_at, leaves_of
from envscaler.records import JsonObject

_MAX_DEPTH = 6
_MOST_KEYS = 60


@dataclass(frozen=True, slots=True)
class Ref:
    """A key on the way that another argument gives."""

    path: Path


Step = str | int | Ref | None
"""A key, an argument that is the key, or None for every key and place."""


@dataclass(frozen=True, slots=True)
class ValueSource:
    """Where values come from: the keys of a container, or what a field holds."""

    steps: tuple[Step, ...]
    keys: bool
    """The keys of what is found there, not the values."""

    def values(self, state: JsonObject, arguments: JsonObject) -> Iterator[JsonValue]:
        """Yield what a state has there, given the other arguments."""
        for found in _followed(state, self.steps, arguments):
            if self.keys:
                pairs, items = pairs_of(found), items_of(found)
                inner = [key for key, _ in pairs] if pairs is not None else items
                yield from (one for one in inner or () if not isinstance(one, dict | list))
            elif not isinstance(found, dict | list):
                yield found

    @property
    def refs(self) -> tuple[Path, ...]:
        """The arguments that have to be chosen before."""
        return tuple(step.path for step in self.steps if isinstance(step, Ref))


def _followed(
    value: JsonValue, steps: Sequence[Step], arguments: JsonObject
) -> Iterator[JsonValue]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    wanted = leaf_at(arguments, step.path) if isinstance(step, Ref) else step
    for key, item in _entries_of(value, wanted, is_ref=isinstance(step, Ref)):
        if step is None or key == wanted or (isinstance(step, Ref) and str(key) == str(wanted)):
            yield from _followed(item, rest, arguments)


def _entries_of(
    value: JsonValue, wanted: JsonValue, *, is_ref: bool
) -> Iterable[tuple[JsonValue, JsonValue]]:
    """Return the entries of a container, of a plain dict only the one that is wanted, if one is."""
    if not isinstance(value, dict) or is_tag(value) or not (is_ref or isinstance(wanted, str)):
        return _entries(value)
    key = str(wanted)
    return [(key, value[key])] if key in value else ()


def _entries(value: JsonValue) -> Iterable[tuple[JsonValue, JsonValue]]:
    """Return the fields of a record, the items of a dict, or those of a list by their places."""
    if isinstance(value, list):
        return enumerate(value)
    record = record_of(value)
    if record is not None:
        return record.items()
    pairs = pairs_of(value)
    return enumerate(items_of(value) or ()) if pairs is None else pairs


@dataclass
class Places:
    """Finds containers by their keys, and fields by what they hold, in one state."""

    state: JsonObject
    by_keys: dict[tuple[JsonValue, ...], list[tuple[str | int, ...]]] = field(
        default_factory=dict[tuple[JsonValue, ...], list[tuple[str | int, ...]]]
    )
    by_value: dict[JsonValue, set[tuple[Step, ...]]] = field(
        default_factory=dict[JsonValue, set[tuple[Step, ...]]]
    )

    def __post_init__(self) -> None:
        for name, value in self.state.items():
            self._read(value, (name,), (name,), 0)

    def _read(
        self, value: JsonValue, path: tuple[str | int, ...], loose: tuple[Step, ...], depth: int
    ) -> None:
        if not isinstance(value, dict | list):
            self.by_value.setdefault(value, set()).add(loose)
            return
        if depth > _MAX_DEPTH:
            return
        pairs = pairs_of(value)
        record = record_of(value) if pairs is None else None
        if record is not None:
            self._read_pairs([*record.items()], path, loose, depth, is_record=True)
        elif pairs is not None:
            self._read_pairs(pairs, path, loose, depth, is_record=_is_record(pairs))
        else:
            items = items_of(value) or []
            self._note_keys(tuple(items)[:_MOST_KEYS], path)
            for place, item in enumerate(items):
                self._read(item, (*path, place), (*loose, None), depth + 1)

    def _read_pairs(
        self,
        pairs: Sequence[tuple[JsonValue, JsonValue]],
        path: tuple[str | int, ...],
        loose: tuple[Step, ...],
        depth: int,
        *,
        is_record: bool,
    ) -> None:
        keys = tuple(key for key, _ in pairs)[:_MOST_KEYS]
        self._note_keys(keys, path)
        for key, item in pairs:
            if isinstance(key, str | int):
                step = key if is_record else None
                self._read(item, (*path, key), (*loose, step), depth + 1)

    def _note_keys(self, keys: tuple[JsonValue, ...], path: tuple[str | int, ...]) -> None:
        if keys and all(isinstance(key, str | int) for key in keys):
            self.by_keys.setdefault(keys, []).append(path)

    def of_keys(
        self, keys: Sequence[JsonValue], arguments: JsonObject, own: Path
    ) -> ValueSource | None:
        """Say where a container with these keys lies; None when the state has none."""
        found = self.by_keys.get(tuple(keys), ())
        if not found:
            return None
        given = {
            str(value): where
            for where, value in leaves_of(arguments)
            if where != own and isinstance(value, str | int)
        }
        steps = [_step(step, given, inner=n > 0) for n, step in enumerate(found[0])]
        alone = not any(isinstance(step, Ref) for step in steps)
        if len(steps) == 2 and len(found) > 1 and alone:
            steps = [steps[0], None]
        return ValueSource(tuple(steps), keys=True)

    def of_values(self, values: Sequence[JsonValue]) -> list[ValueSource]:
        """Say which fields hold all of some values."""
        known = [self.by_value.get(value, set[tuple[Step, ...]]()) for value in values]
        shared = set[tuple[Step, ...]].intersection(*known) if known else set[tuple[Step, ...]]()
        return [ValueSource(steps, keys=False) for steps in sorted(shared, key=repr)]


def _step(step: str | int, given: dict[str, Path], *, inner: bool) -> Step:
    return Ref(given[str(step)]) if inner and str(step) in given else step


def _is_record(pairs: Sequence[tuple[JsonValue, JsonValue]]) -> bool:
    """Say whether the keys are names of fields: what is in them is of several kinds."""
    kinds = {type(item) for _, item in pairs if item is not None}
    names = all(isinstance(key, str) and key.isidentifier() and key.islower() for key, _ in pairs)
    return names and (len(kinds) > 1 or kinds <= {str, int, float, bool})
