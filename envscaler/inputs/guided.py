"""Search for arguments that get past a tool's checks, led by what it compares them with."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.environment.schema.validate import check_arguments
from envscaler.inputs.correspondence import (
    ORDERED,
    Suggestion,
    looks_up_in_other_case,
    operands_of,
    suggestions_of,
)
from envscaler.inputs.leaves import Path, leaf_at, leaves_of, with_leaf
from envscaler.inputs.links import Places, ValueSource
from envscaler.inputs.sentinels import Sentinels
from envscaler.inputs.subject import properties_of, required_of
from envscaler.inputs.trace import Event, Reached, Trace, TraceSession
from envscaler.records import JsonObject, ObservationKind, Tool

_SEARCH = 90
"""Calls towards the first success of a tool."""
_OPTIONAL = 14
"""Calls to find out about one optional parameter."""
_WIDTH = 14
"""Suggestions of one call that are tried."""
_MATCHING = frozenset(("re", "match", "fullmatch", "search", "findall", "finditer", "sub"))
_SHAPES = 4
_MOST_TRACES = 30
"""Successful arguments that are kept."""


@dataclass
class Knowledge:
    """What is known of the arguments of one tool."""

    links: dict[Path, dict[ValueSource, None]] = field(
        default_factory=dict[Path, dict[ValueSource, None]]
    )
    """Part of the arguments → where in a state its values are."""
    words: dict[Path, dict[JsonValue, None]] = field(
        default_factory=dict[Path, dict[JsonValue, None]]
    )
    """Part → values that got a call further."""
    lengths: dict[Path, int] = field(default_factory=dict[Path, int])
    """Lists that have to be of one length."""
    shapes: list[JsonObject] = field(default_factory=list[JsonObject])
    """Arguments that succeeded, or those that came furthest."""
    lines: set[int] = field(default_factory=set[int])
    """Lines that were reached."""
    fields: dict[tuple[int, str], list[bool]] = field(
        default_factory=dict[tuple[int, str], list[bool]]
    )
    """Line and field that the source asks records for → whether each of them had it."""
    reached: set[Reached] = field(default_factory=set[Reached])
    traces: list[Trace] = field(default_factory=list[Trace])
    """Calls that reached something new."""
    patterns: set[Path] = field(default_factory=set[Path])
    """Texts that are used as regular expressions."""
    matched: dict[Path, str] = field(default_factory=dict[Path, str])
    """Texts that are matched with a regular expression of the class."""
    bounds: dict[Path, set[int]] = field(default_factory=dict[Path, set[int]])
    """Numbers that a number was compared with."""
    compared: dict[Path, dict[ValueSource, None]] = field(
        default_factory=dict[Path, dict[ValueSource, None]]
    )
    """Fields that a part is compared with by size."""
    in_other_case: bool = False
    """A text that is kept somewhere was looked up there in capitals, or in small letters."""
    succeeded: bool = False
    timeouts: int = 0


@dataclass
class Guide:
    """Searches in one state.

    Args:
        session: Where calls are traced.
        places: Of the state in which they begin.
    """

    session: TraceSession
    places: Places
    sentinels: Sentinels = field(default_factory=Sentinels)

    async def learn(self, tool: Tool, known: Knowledge, seeds: list[JsonObject]) -> None:
        """Search for arguments of a tool, from some that may fit and from ones that stand out.

        Raises:
            SandboxError: The machinery failed.
        """
        required = required_of(tool)
        first = self.sentinels.arguments(tool, required)
        best = await _Search(self, tool, known, _SEARCH).run([first])
        for seed in () if best else seeds:
            best = best or await _Search(self, tool, known, _SEARCH // 3).run([seed])
        if best is None:
            return
        for name in properties_of(tool):
            if name not in required and known.timeouts < 2:
                more = {**best.arguments, **self.sentinels.arguments(tool, [name])}
                await _Search(self, tool, known, _OPTIONAL).run([more])

    async def attempt(self, tool: Tool, known: Knowledge, arguments: JsonObject) -> None:
        """Make one call and learn from it."""
        await _Search(self, tool, known, 1).run([arguments])


@dataclass
class _Search:
    guide: Guide
    tool: Tool
    known: Knowledge
    left: int
    made: set[str] = field(default_factory=set[str])
    reached: set[Reached] = field(default_factory=set[Reached])
    furthest: Trace | None = None
    """The last call that reached something new."""

    async def run(self, seeds: list[JsonObject]) -> Trace | None:
        """Follow suggestions, those of the call that came furthest first; return a success."""
        queue: list[tuple[Trace, Iterator[Suggestion]]] = []
        best: Trace | None = None
        for seed in seeds:
            best = await self._try(seed, queue, None) or best
        best = await self._follow(queue, best)
        if best is None and self.furthest and not self.known.shapes:
            self.known.shapes.append(self.furthest.arguments)
        return best

    async def _follow(
        self, queue: list[tuple[Trace, Iterator[Suggestion]]], best: Trace | None
    ) -> Trace | None:
        """Try suggestions until calls are used up, or one succeeded and nothing is left to see."""
        while queue and self.left > 0:
            trace, suggestions = queue[-1]
            suggestion = next(suggestions, None)
            if suggestion is None:
                queue.pop()
                continue
            changed = with_leaf(trace.arguments, suggestion.path, suggestion.value)
            best = await self._try(changed, queue, (trace, suggestion)) or best
            if best is not None and self._covered():
                break
        return best

    def _covered(self) -> bool:
        """Say whether a success has been seen and not much is left to be tried."""
        self.left = min(self.left, 24)
        return self.left <= 0

    async def _try(
        self,
        arguments: JsonObject,
        queue: list[tuple[Trace, Iterator[Suggestion]]],
        origin: tuple[Trace, Suggestion] | None,
    ) -> Trace | None:
        """Make a call; keep it when it reached new lines."""
        if not self._may_be_made(arguments):
            return None
        self.left -= 1
        trace = await self.guide.session.run(self.tool.name, arguments)
        self.known.timeouts += trace.kind is ObservationKind.TIMEOUT
        further = trace.reached - self.reached
        if further or trace.succeeded:
            self._note(origin)
        self._note_links(trace)
        self.reached |= trace.reached
        self.known.lines |= trace.lines
        if further:
            self._keep(trace)
            queue.append((trace, _first(suggestions_of(trace), _WIDTH)))
        if not trace.succeeded:
            return None
        self.known.succeeded = True
        if len(self.known.shapes) < _SHAPES or further:
            self.known.shapes.append(arguments)
        return trace

    def _may_be_made(self, arguments: JsonObject) -> bool:
        """Say whether a call is valid and may still be made; each is asked for once."""
        shown = repr(arguments)
        if shown in self.made or self.left <= 0 or self.known.timeouts >= 2:
            return False
        self.made.add(shown)
        return check_arguments(self.tool, arguments)[1] is None

    def _keep(self, trace: Trace) -> None:
        """Remember a call that came further than all before it."""
        self.furthest = trace
        if not trace.reached <= self.known.reached and len(self.known.traces) < _MOST_TRACES:
            self.known.traces.append(trace)
        self.known.reached |= trace.reached

    def _note(self, origin: tuple[Trace, Suggestion] | None) -> None:
        """Remember what got a call further."""
        if origin is None:
            return
        suggestion = origin[1]
        if suggestion.length is not None:
            self.known.lengths[suggestion.path] = suggestion.length
        for path, value in leaves_of(suggestion.value, suggestion.path):
            if not isinstance(value, dict | list):
                self.known.words.setdefault(path, {})[value] = None

    def _note_links(self, trace: Trace) -> None:
        """Remember where in the state the values of a part are."""
        self._note_fields(trace)
        self.known.in_other_case |= looks_up_in_other_case(trace)
        links = self.known.links
        for suggestion in _first(suggestions_of(trace), 200):
            if suggestion.keys:
                path = suggestion.about or suggestion.path
                link = self.guide.places.of_keys(suggestion.keys, trace.arguments, path)
                if link is not None:
                    links.setdefault(path, {})[link] = None
        for path, value in leaves_of(trace.arguments):
            self._note_hostile(trace, path, value)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                self._note_order(trace, path, value)
                self._note_equals(trace, path, value)

    def _note_fields(self, trace: Trace) -> None:
        """Remember which fields the source asks of records, and whether they have them."""
        leaves = [value for _, value in leaves_of(trace.arguments)]
        given = {str(value) for value in leaves}
        objects = [[*value] for value in leaves if isinstance(value, dict)]
        for event in trace.events:
            asked, keys = _field_asked(event)
            if asked is not None and asked not in given and keys not in objects:
                self.known.fields.setdefault((event.line, asked), []).append(event.holds)

    def _note_equals(self, trace: Trace, path: Path, value: JsonValue) -> None:
        """Remember which fields hold all that a part was compared with on one line."""
        for operands in operands_of(trace, value).values():
            held = [one for one in operands if not isinstance(one, dict | list)]
            for link in self.guide.places.of_values(held)[:2]:
                self.known.links.setdefault(path, {})[link] = None

    def _note_order(self, trace: Trace, path: Path, value: JsonValue) -> None:
        """Remember which fields a part is compared with by size."""
        for values in _compared_by_line(trace, value).values():
            if len(values) > 1:
                for source in self.guide.places.of_values(values):
                    self.known.compared.setdefault(path, {})[source] = None

    def _note_hostile(self, trace: Trace, path: Path, value: JsonValue) -> None:
        """Remember what meets regular expressions, and what is compared with numbers."""
        for event in trace.events:
            if event.operation in _MATCHING and isinstance(value, str):
                self._note_match(event, path, value)
            elif event.operation in ORDERED and value in (event.left, event.right):
                other = event.right if event.left == value else event.left
                if type(value) is int and type(other) is int:
                    self.known.bounds.setdefault(path, set()).add(other)

    def _note_match(self, event: Event, path: Path, value: str) -> None:
        """Remember a part that is a pattern, or one that a pattern is matched with."""
        right = event.right
        pattern = right.get("pattern") if isinstance(right, dict) else right
        if pattern == value:
            self.known.patterns.add(path)
        elif event.left == value and isinstance(pattern, str):
            self.known.matched[path] = pattern


def _field_asked(event: Event) -> tuple[str | None, JsonValue]:
    """Return the field that a look-up asks of a record, if it does, and those that it has."""
    keys = event.right.get("keys") if isinstance(event.right, dict) else None
    if event.operation != "get" or not keys or not isinstance(event.left, str):
        return None, keys
    return event.left, keys


def _first(found: Iterator[Suggestion], most: int) -> Iterator[Suggestion]:
    """Yield distinct suggestions, the first of each path and value."""
    told: set[tuple[Path, str]] = set()
    for one in found:
        name = (one.path, repr(one.value))
        if name not in told:
            told.add(name)
            yield one
        if len(told) >= most:
            return


def values_at(
    known: Knowledge, path: Path, state: JsonObject, arguments: JsonObject
) -> list[JsonValue]:
    """List what the state has for a part of the arguments, the others given."""
    found: dict[tuple[str, str], JsonValue] = {}
    like = leaf_at(arguments, path)
    for link in known.links.get(path, ()):
        for value in link.values(state, arguments):
            if value is not None:
                kept = int(str(value)) if _by_number(value, like) else value
                found.setdefault((type(kept).__name__, repr(kept)), kept)
    return [*found.values()]


def _by_number(value: JsonValue, like: JsonValue) -> bool:
    """Say whether a key that is digits stands for a number here."""
    return isinstance(value, str) and value.isdecimal() and type(like) is int


def _compared_by_line(trace: Trace, value: JsonValue) -> dict[int, list[JsonValue]]:
    """Return what a value is compared with by size, line by line."""
    held: dict[int, list[JsonValue]] = {}
    for event in trace.events:
        if event.operation in ORDERED and value in (event.left, event.right):
            other = event.right if event.left == value else event.left
            if isinstance(other, str | int | float):
                held.setdefault(event.line, []).append(other)
    return held
