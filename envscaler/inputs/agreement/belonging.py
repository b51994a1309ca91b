"""Who belongs to whom: two ways from one record to another end at the same one."""

from collections import Counter
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of, stem_of
from envscaler.inputs.agreement.complaints import complain_once
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.scenes import is_scene, scenes
from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.word_lists import CLIENTS, STAFF
from envscaler.records import JsonObject

_BY_ANYBODY = frozenset((
    *("comment", "like", "reply", "review", "vote", "message", "share", "reaction", "bid"),
    *("application", "answer", "follow", "rating", "activity", "log", "entry", "view", "access"),
    "read",
))  # fmt: skip
"""Words for records about a thing that others than its owner make."""
_ONCE = frozenset(
    [
        "review",
        "membership",
        "enrollment",
        "registration",
        "rating",
        "vote",
        "like",
        "follow",
        "leaderboard",
        "participation",
        "subscription",
        "attendance",
    ]
)
"""Words for records of which each two partners have one at most."""
_ONE_EACH = frozenset(
    ["stat", "stats", "profile", "setting", "settings", "balance", "inventory", "summary", "feed"]
)
"""Words for records of which each owner has one."""
_LINES = frozenset(["charge", "line", "item", "entry", "fee", "position", "statement"])
"""Words for records that a whole is made of."""
_AT_A_TIME = frozenset(["incident", "admission", "plan", "emergency"])
"""Words for records of which nobody has two at a time."""
_DOERS = {
    frozenset(("maintenance", "repair")): frozenset(("technician", "engineer", "mechanic")),
    frozenset(("allergy", "prescription", "consultation", "encounter", "plan", "diagnosis")): (
        frozenset(("physician", "nurse", "doctor"))
    ),
    frozenset(("communication", "admission")): frozenset(("physician", "nurse", "doctor")),
}
"""Words for records → roles of those who make them, if there are any."""
_SPECIALTIES = frozenset(("specialty", "specialization", "speciality"))
_PAYMENTS = frozenset(("payment", "transaction", "instalment", "installment"))
TEAMS = frozenset(["team", "crew", "attendees", "participants", "members", "staff", "assignees"])
"""Words for lists of people."""
_BASKETS = frozenset(
    ["purchase", "purchases", "purchased", "bought", "cart", "basket", "wishlist", "favorites"]
)
"""Words for lists of things that are sold."""
_SOLD = frozenset(["product", "commodity", "item", "article"])
_PAPERS = frozenset(("license", "licence", "permit", "registration", "certificate"))
"""Words for what is valid in one state."""
_HEADS = frozenset(["manager", "head", "lead", "supervisor", "director"])
"""Words for who leads those of a unit."""
_MEMBERS = frozenset(("membership", "enrollment", "enrolment", "leaderboard"))
_NO_MEMBERS = frozenset(("pending", "removed", "cancelled", "inactive", "expired", "rejected"))
_GONE = frozenset(
    ("terminated", "inactive", "retired", "former", "resigned", "suspended", "on leave", "on_leave")
)
_MOST_TRIES = 20
_PLACED = 0.6
"""How often something is a part of something already."""


def settle_belonging(records: Records) -> None:
    """Make the references of all records agree."""
    for table in records.in_order():
        _play_their_roles(records, table)
        _pair_up(records, table)
        _one_each(records, table)
        _cover_the_wholes(records, table)
        _spread(records, table)
        complain_once(records, table)
        _only_once(records, table)
        _one_at_a_time(records, table)
        _done_by_those_who_can(records, table)
        _done_by_specialists(records, table)
        _follow_the_owner(records, table)
        _address_the_client(records, table)
        _differ(records, table)
    for table in records.tables:
        _name_those_who_are_there(records, table)
        _list_what_refers_back(records, table)


def _play_their_roles(records: Records, table: Table) -> None:
    """Let a patient be a user whose role is that of a patient."""
    for name, home in records.references(table).items():
        role = (stem_of(name) or name).rpartition("_")[2]
        playing = [
            key
            for key, record in zip(home.keys, home.records, strict=True)
            if home is not table and role in roles_of(record)
        ]
        for record in table.records if playing else ():
            if record.get(name) not in (None, *playing):
                record[name] = records.chance.choice(playing)


def roles_of(record: JsonObject) -> set[str]:
    """Return what somebody is, in small letters: a nurse."""
    told = (value for name, value in record.items() if name.endswith(("role", "type")))
    return {value.lower() for value in told if isinstance(value, str)}


def _pair_up(records: Records, table: Table) -> None:
    """Let two records that refer to each other as one of a kind be each other's."""
    for name, home in records.references(table).items():
        back = [one for one, other in records.references(home).items() if other is table]
        back = [one for one in back if _is_called(one, table.kind)]
        if home is table or not back or not _is_called(name, home.kind):
            continue
        if records.is_optional(table, name) or len(home.keys) != len(table.keys):
            continue
        for one, other in zip(table.records, home.records, strict=True):
            one[name] = home.key_of(other)
            other[back[0]] = table.key_of(one)


def _is_called(name: str, kind: str) -> bool:
    """Say whether a field is called after a kind of records: `assigned_ambulance_id`."""
    stem = stem_of(name) or ""
    return stem == kind or stem.endswith(f"_{kind}")


def _one_each(records: Records, table: Table) -> None:
    """Give each owner one record, where more would contradict each other."""
    references = records.references(table)
    if len(references) != 1 or not _ONE_EACH & {*table.words}:
        return
    [(name, home)] = references.items()
    owners = records.chance.sample(home.keys, len(home.keys))
    for record, owner in zip(table.records, owners, strict=False):
        record[name] = owner


def _cover_the_wholes(records: Records, table: Table) -> None:
    """Let each whole have a part: an invoice without charges has no total."""
    if not _LINES & {*table.words}:
        return
    for name, home in records.references(table).items():
        has_sum = any("total" in one or "amount" in one for one in home.of_type(int, float))
        is_part = {"statement"} & {*table.words} and not home.is_of_people
        if not has_sum and not is_part and table.name not in home.fields():
            continue
        wholes = records.chance.sample(home.keys, len(home.keys))
        for record, whole in zip(table.records, wholes, strict=False):
            record[name] = whole


def _spread(records: Records, table: Table) -> None:
    """Let a bill have two payments at most, as long as there are others."""
    for name, home in records.references(table).items():
        if not _PAYMENTS & {*table.words} or home.is_of_people:
            continue
        owned = {**records.belonging(table, name)}
        for key in home.keys:
            for record in owned.get(key, [])[2:]:
                free = [one for one in home.keys if len(owned.get(one, [])) < 2]
                if free:
                    record[name] = records.chance.choice(free)
                    owned.setdefault(record[name], []).append(record)


def _follow_the_owner(records: Records, table: Table) -> None:
    """Let a dispute of a bill be one of the patient of that bill."""
    if _BY_ANYBODY & {*table.words}:
        return
    references = records.references(table)
    for name, home in references.items():
        for theirs, end in records.references(home).items():
            mine = _same_field(theirs, end, references)
            if home is table or mine in (None, name):
                continue
            for record in table.records:
                if record.get(name) and record.get(mine):
                    record[mine] = records.record(record[name]).get(theirs, record[mine])


def _same_field(theirs: str, end: Table, references: Mapping[str, Table]) -> str | None:
    """Return the field that means the same as one of another record.

    What stands somewhere by now has not happened there.
    """
    if theirs.startswith("current_"):
        return None
    stem = (stem_of(theirs) or theirs).rpartition("_")[2]
    for name, home in references.items():
        mine = stem_of(name) or name
        if home is end and (mine == stem or (mine == end.kind and stem in CLIENTS)):
            return name
    return None


def _address_the_client(records: Records, table: Table) -> None:
    """Let what is written about somebody go to them, or to theirs, and not to another one."""
    references = records.references(table)
    for name, home in references.items():
        about = f"{home.kind}_id"
        if name.startswith("recipient") and references.get(about) is home:
            for record in table.records:
                record[name] = record[about]


def _only_once(records: Records, table: Table) -> None:
    """Let nobody review the same thing twice."""
    references = [*records.references(table)]
    if len(references) < 2 or not _ONCE & {*table.words}:
        return
    seen: set[tuple[JsonValue, ...]] = set()
    for record in table.records:
        for _ in range(_MOST_TRIES):
            pair = tuple(record.get(name) for name in references)
            if pair not in seen:
                break
            last = references[-1]
            record[last] = records.chance.choice(records.references(table)[last].keys)
        seen.add(tuple(record.get(name) for name in references))


def _one_at_a_time(records: Records, table: Table) -> None:
    """Let nobody have two accidents at a time, nor two be at one place, if there are others."""
    for name, home in records.references(table).items():
        is_of_one = bool(_AT_A_TIME & {*table.words}) and home.words[0] in CLIENTS
        if is_scene(table, home):
            others = records.chance.sample(scenes(home), len(scenes(home)))
            for turn, record in enumerate(table.records):
                record[name] = others[turn % len(others)]
        elif is_of_one:
            others = records.chance.sample(home.keys, len(home.keys))
            for record, other in zip(table.records, others, strict=False):
                record[name] = other


def _done_by_those_who_can(records: Records, table: Table) -> None:
    """Let machines be repaired by technicians, and allergies be recorded by physicians."""
    roles = doers_of(table)
    for name, home in records.references(table).items() if roles else ():
        able = [key for key in home.keys if roles & roles_of(records.record(key))]
        for record in table.records if able and home.is_of_people else ():
            if record[name] not in able:
                record[name] = records.chance.choice(able)


def doers_of(table: Table) -> frozenset[str]:
    """Return the roles of those who make records of a kind; nothing where anybody does."""
    return roles_for({*table.words})


def roles_for(named: set[str]) -> frozenset[str]:
    """Return the roles of those who make what is named so; nothing where anybody does."""
    return next((can for words, can in _DOERS.items() if words & named), frozenset[str]())


def _done_by_specialists(records: Records, table: Table) -> None:
    """Let operations be done by surgeons, where what is done tells who does it."""
    for name, home in records.references(table).items():
        fields = [one for one in home.fields() if one in _SPECIALTIES] if home.is_of_people else []
        for record in table.records if fields else ():
            told = _who_does(records, table, record)
            can = [
                key
                for key, one in zip(home.keys, home.records, strict=True)
                if one.get(fields[0]) in told
            ]
            if can and record.get(name) not in (None, *can):
                record[name] = records.chance.choice(can)


def _who_does(records: Records, table: Table, record: JsonObject) -> tuple[str, ...]:
    """Return the specialties of those who do what a record is about; nothing if any may."""
    found = (
        find(str(value), (*table.words, *name.split("_")), records.field)
        for name, value in record.items()
    )
    return next(
        (one.columns["specialty"] for one in found if one and "specialty" in one.columns), ()
    )


def _where_valid(table: Table) -> list[str]:
    return [name for name in table.of_type(str) if name in {"state", "country"}]


def _what_it_is(table: Table) -> list[str]:
    """Return the fields that are called like their records: `allergen` of an allergy record."""
    found = [name for name in table.of_type(str) if name.startswith((table.kind[:6], "treatment"))]
    return [name for name in found if not name.endswith(("id", "status", "type"))]


def _differ(records: Records, table: Table) -> None:
    """Let nobody have the same allergy twice, or two licences in one state."""
    is_paper = bool(_PAPERS & {*table.words})
    owners = [
        name
        for name, home in records.references(table).items()
        if home.words[0] in CLIENTS or (is_paper and home.is_of_people)
    ]
    what = _where_valid(table) if is_paper else _what_it_is(table)
    if len(owners) != 1 or len(what) != 1:
        return
    seen: set[tuple[JsonValue, JsonValue]] = set()
    for record in table.records:
        for _ in range(_MOST_TRIES):
            if (record[owners[0]], record[what[0]]) not in seen:
                break
            record[what[0]] = records.vocabulary.text(what[0], table.kind)
        seen.add((record[owners[0]], record[what[0]]))


def _list_what_refers_back(records: Records, table: Table) -> None:
    """Let a list hold those records that say they are of its owner, and a whole its own parts."""
    for name, home in records.lists(table).items():
        back = [one for one, other in records.references(home).items() if other is table]
        if len(back) == 1:
            owned = records.belonging(home, back[0])
            for key, record in zip(table.keys, table.records, strict=True):
                mine = [home.key_of(one) for one in owned.get(key, ())]
                _put(record, name, mine)
        elif name == home.name and not table.is_of_people and not home.is_of_people:
            _share_out(records, table, name, home)
        else:
            _list_what_was_done(records, table, name, home)


def _share_out(records: Records, table: Table, name: str, home: Table) -> None:
    """Put each record into one list: a task is part of one project. Some are in none yet."""
    shares: dict[int, list[JsonValue]] = {place: [] for place in range(len(table.records))}
    for key in home.keys:
        place = records.chance.randrange(len(shares))
        if records.chance.random() < _PLACED:
            shares[place].append(key)
    for place, record in enumerate(table.records):
        _put(record, name, shares[place])


def _list_what_was_done(records: Records, table: Table, name: str, home: Table) -> None:
    """Add to a list what another record says of both: who reviews something has bought it."""
    for owner, thing in _between(records, table, home):
        lists = records.record(owner)
        known = items_of(lists[name]) or []
        if thing not in known:
            _put(lists, name, [*known, thing])


def _between(records: Records, table: Table, home: Table) -> Iterator[tuple[JsonValue, JsonValue]]:
    """Yield what records refer to that refer to one of each of two tables."""
    for other in records.tables:
        references = records.references(other)
        owners = [name for name, one in references.items() if one is table]
        things = [name for name, one in references.items() if one is home]
        for record in (
            other.records if len(owners) == len(things) == 1 and other is not home else ()
        ):
            if record.get(owners[0]) and record.get(things[0]):
                yield record[owners[0]], record[things[0]]


def _put(record: JsonObject, name: str, items: list[JsonValue]) -> None:
    """Put items into a list or a set."""
    held = record[name]
    record[name] = dict.fromkeys(held, items) if isinstance(held, dict) else items


def _name_those_who_are_there(records: Records, table: Table) -> None:
    """Let a team be people who are there, and a basket hold things that are sold there."""
    known = records.lists(table)
    for name in table.fields():
        homes = [] if name in known else _who_is_in(records, table, {*name.split("_")})
        for record in table.records if homes else ():
            items = items_of(record.get(name)) or []
            if items and all(isinstance(one, str) for one in items):
                keys = homes[0].keys
                _put(record, name, records.chance.sample(keys, min(len(items), len(keys))))


def _who_is_in(records: Records, table: Table, words: set[str]) -> list[Table]:
    """Return the tables whose records a list of that name holds, the likeliest first."""
    others = [one for one in records.tables if one is not table]
    if words & TEAMS:
        people = [one for one in others if one.is_of_people]
        return sorted(people, key=lambda one: not STAFF & {*one.words})
    return [one for one in others if words & _BASKETS and one.words[0] in _SOLD]


def settle_heads(records: Records) -> None:
    """Let a department be led by one of its own who is still there: the best paid one.

    Statuses and salaries have to be settled before.
    """
    for table in records.tables:
        _lead_their_own(records, table)


def settle_members(records: Records) -> None:
    """Let those who do something in a group be members of it; statuses are settled before."""
    for table in records.tables:
        members = [one for one in table.records if not _statuses(one) & _NO_MEMBERS]
        if members and _MEMBERS & {*table.words}:
            _act_as_members(records, table, members)


def _act_as_members(records: Records, table: Table, members: list[JsonObject]) -> None:
    """Let those who write in a group be members of it."""
    references = records.references(table)
    people = [name for name, home in references.items() if home.is_of_people]
    groups = [name for name, home in references.items() if not home.is_of_people]
    if len(people) != 1 or len(groups) != 1:
        return
    for other in records.tables:
        theirs = records.references(other) if other is not table else {}
        who = _only(theirs, references[people[0]])
        where = _only(theirs, references[groups[0]])
        acting = Counter[int]()
        for record in other.records if who and where else ():
            _act_as_one(records, record, members, ((who, people[0]), (where, groups[0])), acting)


def _only(references: Mapping[str, Table], home: Table) -> str:
    """Return the field that refers to a table; empty where there is none, or more than one."""
    found = [name for name, one in references.items() if one is home]
    return found[0] if len(found) == 1 else ""


def _act_as_one(
    records: Records,
    record: JsonObject,
    members: list[JsonObject],
    fields: tuple[tuple[str, str], tuple[str, str]],
    acting: Counter[int],
) -> None:
    """Let a record be of one of the members of its group, or of another group that has some.

    Args:
        records: All of them.
        record: It is changed.
        members: Records that say who is a member of what.
        fields: Names of the record's and the members' fields, for the person and for the group.
        acting: How often each of them has done so before; those come first who have not.
    """
    _, (where, group) = fields
    mine = [one for one in members if one[group] == record[where]] or members
    idle = [one for one in members if not acting[id(one)]]
    near = [one for one in idle if one[group] == record[where]]
    chosen = records.chance.choice(near or idle or mine)
    acting[id(chosen)] += 1
    record.update({name: chosen[theirs] for name, theirs in fields})


def _lead_their_own(records: Records, table: Table) -> None:
    for name, home in records.references(table).items():
        back = [one for one, other in records.references(home).items() if other is table]
        if len(back) != 1 or not _HEADS & {*name.split("_")}:
            continue
        owned = records.belonging(home, back[0])
        for key, unit in zip(table.keys, table.records, strict=True):
            mine = [one for one in owned.get(key, ()) if not _GONE & _statuses(one)]
            mine.sort(key=_salary, reverse=True)
            head = home.key_of(mine[0]) if mine else None
            unit[name] = head
            for one in owned.get(key, ()) if name in home.fields() else ():
                _put_under(one, name, home.key_of(one), head)


def _salary(member: JsonObject) -> float:
    value = member.get("salary")
    return value if isinstance(value, int | float) else 0


def _put_under(member: JsonObject, name: str, own: JsonValue, head: JsonValue) -> None:
    """Let a member have the head of its unit above it; the head has nobody."""
    member[name] = head if own != head else None


def _statuses(record: JsonObject) -> set[str]:
    told = (value for name, value in record.items() if name.endswith("status"))
    return {value for value in told if isinstance(value, str)}
