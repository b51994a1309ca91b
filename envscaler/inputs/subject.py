"""The environment under examination: its tools, and what its source says about them."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, cast

from envscaler.environment.code.assemble import read_class
from envscaler.environment.code.convention import Convention, convention_of
from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.hints.hints import Hints, mine
from envscaler.inputs.said_aside import kept_by, kept_of_refusals
from envscaler.records import JsonObject, Skeleton, Tool

ToolKind = Literal["query", "change", "unknown"]

_QUERIES = frozenset(
    (
        "browse", "calculate", "check", "compare", "compute", "count", "describe", "estimate",
        "fetch", "find", "get", "has", "is", "list", "look", "lookup", "preview", "query", "read",
        "retrieve", "search", "show", "summarise", "summarize", "validate", "verify", "view",
    )
)  # fmt: skip
_CHANGES = frozenset(
    (
        "accept", "activate", "add", "adjust", "admit", "adopt", "allocate", "amend", "append",
        "apply", "approve", "archive", "assign", "attach", "ban", "bill", "block", "book",
        "borrow", "cancel", "change", "charge", "clean", "clear", "close", "collect", "complete",
        "confirm", "cook", "correct", "create", "credit", "deactivate", "debit", "declare",
        "decline", "decrease", "define", "delete", "deliver", "demote", "deposit", "detach",
        "discard", "discharge", "dispatch", "edit", "enroll", "enter", "equip", "extend", "fill",
        "finalize", "finish", "flag", "follow", "freeze", "grant", "harvest", "hide", "hold",
        "increase", "insert", "invite", "issue", "join", "launch", "leave", "lend", "lift",
        "like", "link", "load", "lock", "log", "mark", "merge", "modify", "move", "mute", "open",
        "pack", "pause", "pay", "pick", "pin", "place", "play", "post", "postpone", "promote",
        "publish", "purge", "rate", "reassign", "record", "redeem", "refund", "register",
        "reject", "release", "remove", "rename", "renew", "reorder", "repair", "replace",
        "reschedule", "reserve", "reset", "resolve", "restock", "restore", "resume", "retire",
        "return", "revoke", "schedule", "scrap", "set", "settle", "share", "shift", "ship",
        "sign", "skip", "sort", "split", "star", "start", "stop", "submit", "subscribe",
        "suspend", "swap", "tag", "transfer", "trash", "unassign", "unban", "unblock", "unfollow",
        "unfreeze", "unlink", "unload", "unlock", "unmute", "unpack", "unshare", "unstar",
        "unsubscribe", "update", "upload", "void", "vote", "waive", "wash", "withdraw",
    )
)  # fmt: skip
_ORDERED = frozenset(
    (
        "bring", "copy", "defer", "deny", "drop", "enrol", "import", "put", "rejoin", "reopen",
        "reverse", "send", "switch", "undo", "unplan", "untag",
    )
)  # fmt: skip
"""More words for changes, which count where they stand in an order only."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOUNS = frozenset(
    (
        "book", "charge", "credit", "debit", "deposit", "flag", "issue", "like", "link", "lock",
        "log", "mark", "open", "order", "pin", "place", "post", "rate", "record", "refund",
        "return", "schedule", "start", "stop", "tag", "transfer", "vote", "change",
    )
)  # fmt: skip
"""Words for changes that begin the names of things as well."""
_ORDERS = re.compile(
    rf"({'|'.join(sorted((_CHANGES | _ORDERED) - _NOUNS))}) "
    r"(an?|the|all|each|every|another|several|some|one|its?)\b",
    re.IGNORECASE,
)
"""How a description begins that tells what is to be done: `Lift all closures`."""
_TELLS_TO = re.compile(r"\w+ (an?|the|all|each|every|another|several|some|one|its?)\b")
"""How a description begins that has a verb first: `Give a recipe 1 to 5 stars`."""
_TELLS = re.compile(
    r"(the|a|an|all|each|every|for each|percent|share|number|total)\b", re.IGNORECASE
)
"""How a description begins that is the name of what is given back."""
_SAYS = re.compile(
    r"(find|say|show|list|tell|return|compute|calculate|count|describe|display|look up|work out|"
    r"summari[sz]e)s?\b|[`\"]*[{\[]",
    re.IGNORECASE,
)
"""How a description begins that tells what is found out, or the form of an answer."""
_OUTSIDE = frozenset(("export", "generate", "print", "trigger"))
"""What may be done outside of a state, where the source changes nothing in it."""
_ANSWERS = re.compile(r"(can|may|are|mean|average|total)_|\w+_(of|for|at)$")
"""Names of questions: `can_give`, `mean_level`, `stock_of`."""
_OF = re.compile(r"\w(?<!dispose)_of$")
_SAID = re.compile(r"(Tell|Show|Say|List|Count|Compute|Look|Tells|Shows|Says|Lists|Counts)\b")
"""How a description begins that gives an answer, where nothing is written."""
_CHECKING_IN = ("check_in", "check_out")


@dataclass(frozen=True)
class Subject:
    """An environment, read once."""

    skeleton: Skeleton
    hints: Hints
    methods: Mapping[str, FunctionNode]
    """Every method of the class, private ones too."""

    @cached_property
    def convention(self) -> Convention:
        """How the class tells success from refusal."""
        source = self.skeleton.source
        module = read_class(source.lstrip("\n"), self.skeleton.class_name).module
        helpers = [node for node in module.body if isinstance(node, FunctionNode)]
        found = convention_of(self.methods, helpers)
        # The methods were read without the empty lines above the code.
        above = len(source) - len(source.lstrip("\n"))
        return replace(found, raises=frozenset(line + above for line in found.raises))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What the rules, the docstrings and the comments of the class say."""
        found = read_class(self.skeleton.source, self.skeleton.class_name)
        texts = [*self.skeleton.rules, self.skeleton.introduction]
        texts += [ast.get_docstring(node) or "" for node in found.lineage]
        texts += [_rules_in(ast.get_docstring(one) or "") for one in self.methods.values()]
        texts += re.findall(r"#\s*(.+)", self.skeleton.source)
        parts = [
            part for text in texts for part in re.split(r"(?<=[.;!?])\s+|\n\s*[-*\d]|\n\n", text)
        ]
        return tuple(" ".join(part.split()) for part in parts if len(part) > 12)

    @cached_property
    def class_names(self) -> set[str]:
        """Names that the class itself has, which its instances may do without."""
        found = read_class(self.skeleton.source, self.skeleton.class_name)
        return {
            target.id
            for node in found.lineage
            for item in node.body
            if isinstance(item, ast.Assign | ast.AnnAssign)
            for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
            if isinstance(target, ast.Name)
        }

    @cached_property
    def tools(self) -> dict[str, Tool]:
        return {tool.name: tool for tool in self.skeleton.tools if tool.name in self.methods}

    @cached_property
    def kinds(self) -> dict[str, ToolKind]:
        """What each tool is for: as it was planned, or as its name begins."""
        planned: dict[str, ToolKind] = {
            one.name: one.kind
            for one in self.skeleton.operations
            if not (one.kind == "change" and self._is_done_outside(one.name))
        }
        return {name: planned.get(name) or self._kind_of(tool) for name, tool in self.tools.items()}

    def _is_done_outside(self, tool: str) -> bool:
        """Say whether what a tool does may leave nothing in the state, as its source does."""
        return tool.split("_")[0] in _OUTSIDE and not self.writes(tool)

    def _kind_of(self, tool: Tool) -> ToolKind:
        does_write, own_name = self.writes(tool.name), tool.name
        tool = tool.model_copy(update={"name": _CAMEL.sub("_", own_name).lower()})
        described = tool.description.strip()
        first, said = tool.name.split("_")[0], re.split(r"\W", described.lower())[0]
        if not does_write:
            return _kind_of_reader(tool, first)
        if first in _QUERIES and said in _CHANGES:
            return "change"  # `estimate`: "Change the points of a task"
        if said in _CHANGES and first not in _CHANGES:
            # `hire`: "Add a worker. To hire one again changes nothing"
            return "change" if _ORDERS.match(described) else "unknown"
        kind = kind_of(tool.name, tool.description)
        # `get`: "The value of a key; counts as a hit"
        acts = _fetches(first, described) or self._writes_by_its_words(own_name)
        return "unknown" if kind == "query" and acts else kind

    def _writes_by_its_words(self, tool: str) -> bool:
        """Say whether a description tells that a query leaves something behind."""
        if _LEAVES.search(ast.get_docstring(self.methods[tool]) or ""):
            return True
        named = re.compile(rf"`{re.escape(tool)}`|\b{re.escape(tool)}\(")
        return any(named.search(one) and _LEAVES.search(one) for one in self.sentences)

    @cached_property
    def open_parameters(self) -> dict[str, frozenset[str]]:
        """Return the parameters of each tool that take values of more than one type."""
        return {
            name: frozenset(
                parameter
                for parameter, shape in properties_of(tool).items()
                if not isinstance(shape.get("type"), str)
            )
            for name, tool in self.tools.items()
        }

    def counts_refusals(self, tool: str) -> bool:
        """Say whether it is said of a tool that a wrong call is counted, as that of a wrong PIN."""
        return bool(_COUNTED.search(ast.get_docstring(self.methods[tool]) or ""))

    @cached_property
    def kept_aside(self) -> frozenset[str]:
        """Names of what is said to be counted or kept of calls that are refused, or only look."""
        told = (one for one in self.sentences if _KEPT_ASIDE.search(one))
        named = frozenset(
            name for one in told for found in _NAMED.findall(one) for name in found if name
        )
        return named | kept_of_refusals(self.sentences)

    def kept_by(self, tool: str) -> frozenset[str]:
        """Names of what a tool is said to leave something in, such as a log of who has read."""
        return kept_by(ast.get_docstring(self.methods[tool]) or "")

    def writes(self, tool: str) -> bool:
        """Say whether the source of a tool changes any attribute."""
        return tool in self.skeleton.structure.changes


def _fetches(first: str, described: str) -> bool:
    """Say whether something is fetched by somebody: `fetch_parcels`, "The owner takes them"."""
    said = re.split(r"[.;:]", described)[0]
    return first in _FETCHES and bool(_HAPPENS.search(said))


def _kind_of_reader(tool: Tool, first: str) -> ToolKind:
    """Return the kind of a tool whose source changes nothing.

    Args:
        tool: The tool.
        first: The first word of its name.
    """
    described = tool.description.strip()
    # A `return_rate` gives nothing back, and `open_shifts` are "Shifts that are not full".
    asks = _tells(tool.name, described) or _is_listing(tool.name, described)
    asks = asks or bool(_OF.search(tool.name) or _SAID.match(described))
    kind = "query" if asks else kind_of(tool.name, tool.description)
    if first in _OUTSIDE:
        return "unknown"
    # A `bill` may be "Price, what is paid and what is due of a stay".
    return "unknown" if kind == "change" and not _says_so(first, described) else kind


def read_subject(skeleton: Skeleton) -> Subject:
    """Read the source of an environment.

    Raises:
        ReplyError: It does not parse, or has no such class.
    """
    found = read_class(skeleton.source, skeleton.class_name)
    hints = mine(skeleton.source, skeleton.rules)
    return Subject(skeleton, hints, found.methods)


_ARGUMENTS = re.compile(
    r"(?s)\n\s*(Args|Arguments|Parameters|Returns)\s*:?\s*\n.*?(?=\n\s*Constraints|\Z)|:param.*|:return.*"
)


def _rules_in(docstring: str) -> str:
    """Return what a docstring says, but for its parameters and results."""
    return _ARGUMENTS.sub("\n", docstring)


_STATED = re.compile(
    r"\b(must|never|only|cannot|always|at most|at least|exactly|nobody|no two|may not|unique)\b"
)


def stated_rules(skeleton: Skeleton) -> tuple[str, ...]:
    """Return the rules of an environment: those of its row, else what its source states."""
    if skeleton.rules:
        return skeleton.rules
    sentences = read_subject(skeleton).sentences
    return tuple(dict.fromkeys(one for one in sentences if _STATED.search(one.lower())))


def rules_of_all(skeleton: Skeleton) -> tuple[str, ...]:
    """Return the rules of an environment that are not said of one tool, in its own description."""
    subject = read_subject(skeleton)
    own = [
        " ".join(each.split()) for each in map(ast.get_docstring, subject.methods.values()) if each
    ]
    return tuple(
        one
        for one in stated_rules(skeleton)
        if one in skeleton.rules or not any(one in each for each in own)
    )


def properties_of(tool: Tool) -> dict[str, JsonObject]:
    """Return the schema of each parameter."""
    return cast("dict[str, JsonObject]", tool.parameters.get("properties") or {})


def required_of(tool: Tool) -> list[str]:
    """Return the names of the parameters that a call must give."""
    return cast("list[str]", tool.parameters.get("required") or [])


_ASKS = re.compile(
    r"^(how (many|much|often|long|far|old|big|full|busy)|whether|which|what|"
    r"(ids?|names?|titles?) of|the number of)\b|"
    r"(?:^|[.;,(]\s*)(?:(?:it|this) )?(changes nothing|does not change anything)\b|"
    r"\bread[- ]only\b",
    re.IGNORECASE,
)


_LOOSE = frozenset(("check", "read", "validate", "verify"))
"""Words for queries that begin the names of changes as well."""
_FETCHES = _LOOSE | {"fetch", "retrieve"}
"""Words for queries that may be what somebody comes to take away."""
_TOLD = frozenset(
    (
        "availability", "balance", "breakdown", "cost", "count", "details", "forecast", "history",
        "info", "information", "list", "load", "manifest", "overview", "plan", "progress", "queue",
        "ranking", "rate", "report", "schedule", "score", "scores", "statement", "statistics",
        "stats", "status", "summary", "timeline", "total", "totals", "usage", "utilisation",
        "utilization",
    )
)  # fmt: skip
"""How names end of what is told."""
_LISTED = re.compile(
    r"(\w+(ing|able|ible|ed)|active|all|due|free|idle|late|latest|my|next|open|own|popular|recent|top)"
    r"_\w+s$"
)
"""Names of what is listed: `expiring_units`, `overdue_loans`, `free_rooms`."""
_COUNTED = re.compile(
    r"\b(wrong|failed|refused|rejected|unsuccessful|bad)\b[^.;]*\b(counts?|counted|noted|logged|"
    r"recorded|remembered|locks?|locked|strikes?)\b",
    re.IGNORECASE,
)
"""What is said where a refusal leaves a count behind."""
_KEPT_ASIDE = re.compile(
    r"\b(refus(ed|als?)|reject(ed|ions?)|failed|failures|unsuccessful|wrong|quer(y|ies)|look-?ups?"
    r"|look(s|ed)?|search(es)?|reads|reading|questions?|views?|asked|asking|hits?|returned|shown)\b[^.;]*"
    r"\b(counts?|counted|adds? (one|1)|raises?|raised|goes up|logged|logs|noted|notes|recorded"
    r"|records|remembered|kept|written)\b"
    r"|\b(counts?|counts up|logs?|lists?|notes?|records?|remembers|number of|counter of|log of)\b"
    r"( of)?( all| every| each)?( the)? (refus(ed|als?)|rejected|failed|unsuccessful|wrong"
    r"|queries|look-?ups|searches)\b",
    re.IGNORECASE,
)
"""What is said of a counter of refusals, or a log of queries."""
_NAMED = re.compile(r"[`'\"](\w+)[`'\"]|\b([a-z]+_[a-z_]+)\b")
"""Names of attributes and fields in a sentence."""
_LEAVES = re.compile(
    r"\b(counts? as an?|adds? (one|1) to|increments?|is (then )?(marked|logged|noted)"
    r"|(is|are) (then |first )?(overwritten|rewritten|replaced)"
    r"|marks? (it|them|this|the \w+) (as )?(read|seen|viewed|opened)"
    r"|(records|logs|notes|remembers) (that|who|when|it|this|each|every"
    r"|the (call|query|read|reading|search|look-?up|access|view)))\b",
    re.IGNORECASE,
)
"""What is said of a query that leaves something behind."""
_NAMES_WHAT = re.compile(
    r"^(the|all|every|everything|sum|mean|average|median|total|cost|numbers?|ids?|keys?|"
    r"(share|names?)(?= of)|"
    r"items|litres|minutes|hours|days|prices?|plates|planned|for each|list|count|tell) ",
    re.IGNORECASE,
)
"""How a description begins that names what is told."""
_HAPPENS = re.compile(
    r"\b(becomes?|goes|(?:gets?|gives?)(?! (?:an? |the )?(?:empty|list|none|nothing|null|no)\b)|"
    r"takes?|pays?|joins?|moves?|comes?|is (?:marked|set|moved|added|"
    r"removed|made|put|taken|closed|opened|released|cancelled)|"
    r"are (?:marked|set|moved|added|removed))\b"
)
"""What is said of a change, not of an answer."""


def _names_what(description: str) -> bool:
    """Say whether a description begins with what is told, and not with what happens."""
    first = re.split(r"[,.;:]", description.strip())[0]
    return bool(_NAMES_WHAT.match(first)) and not _HAPPENS.search(first)


def _tells(name: str, description: str) -> bool:
    """Say whether a tool is called and described as what it gives back."""
    if _names_what(description) or _ASKS.search(description):
        return True
    named = name.split("_")[0] in _NOUNS or name.rpartition("_")[2] in _TOLD
    return named and bool(_TELLS.match(description))


def kind_of(name: str, description: str) -> ToolKind:
    """Return what a tool is for, by its name, else by how its description begins."""
    first = "move" if name.startswith(_CHECKING_IN) else name.split("_")[0]
    said = re.split(r"\W", description.strip().lower())[0]
    if first in _LOOSE and said in _CHANGES and said not in {"return", "open"}:
        return "change"  # `read_meter`: "Book a reading"
    # `place_of`: "Tell a boat's place"
    if first in _QUERIES or _tells_of(name, description):
        return "query"
    if first in _CHANGES or _ORDERS.match(description.strip()):
        return "change"
    return "query" if _asks(name, description) else "unknown"


def _tells_of(name: str, description: str) -> bool:
    return bool(_OF.search(name) and _SAID.match(description.strip()))


def _asks(name: str, description: str) -> bool:
    """Say whether a description is about something that is told."""
    if _ASKS.search(description.strip()) or _names_what(description):
        return True
    if _says(name, description.strip()):
        return True
    told = name.rpartition("_")[2] in _TOLD and _TELLS.match(description.strip())
    return _is_listing(name, description) or (bool(told) and not _HAPPENS.search(description))


def _says(name: str, description: str) -> bool:
    """Say whether a description begins with what is told, and names nothing that is done."""
    says = _SAYS.match(description)
    rest = description[says.end() :] if says else description
    words = {word.removesuffix("s") for word in re.findall(r"[a-z]+", rest.lower())}
    if not words.isdisjoint(_CHANGES | _ORDERED) or _HAPPENS.search(description):
        return False
    return bool(says or _ANSWERS.match(name))


def _says_so(verb: str, described: str) -> bool:
    """Say whether a description is of a change: by its first word, or by the verb of the name."""
    said = re.split(r"\W", described.lower())[0]
    if not described or said in _CHANGES or said.removesuffix("s") in _CHANGES:
        return True
    return bool(_TELLS_TO.match(described)) or verb[:4] in described.lower().split(". ")[0]


def _is_listing(name: str, description: str) -> bool:
    """Say whether a name is that of what is listed, and nothing is said to happen."""
    first, said = name.split("_")[0], re.split(r"\W", description.strip().lower())[0]
    listed = _LISTED.match(name) and said not in _CHANGES and said != first
    return bool(listed) and not _HAPPENS.search(description)
