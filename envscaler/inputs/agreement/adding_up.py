"""Numbers that other records tell: sums, counts, what is paid, ranks, and numbers in a range."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import pool_of, status_fields, statuses
from envscaler.inputs.agreement.statuses import AGAIN, MISSED, OWED, PAID, SETTLED, UNSETTLED
from envscaler.inputs.catalogue.catalogue import find
from envscaler.records import JsonObject

_PAYMENTS = frozenset(["payment", "transaction", "receipt", "instalment", "installment"])
_LINES = frozenset(["charge", "line", "item", "entry", "fee", "position"])
_PAID = 0.5
"""Share of the bills with payments that are paid though they were not meant to be."""
_TRIED = 0.6
"""How often a bill with several payments was paid by the last of them, as those before failed."""
_FUNNEL = ("view", "like", "comment", "share")
"""Counts that get smaller: who comments on something has seen it."""
_SHARES = ((0.4, 0.95), (0.1, 0.4), (0.1, 0.4), (0.1, 0.6))
"""How many of the followers see something, of those like it, and so on: the least and the most."""
_LEAST_USES, _TIMES_USED = 60, 12
"""How often something was used at least, and how many times as often as was made up."""
_OPINIONS = frozenset(("helpful", "vote", "votes", "upvotes", "likes"))
"""Words for counts of people who have said what they think, each of them once."""


def settle_numbers(records: Records) -> None:
    """Make all numbers agree with the records that they are about."""
    for table in records.tables:
        _write_as_declared(records, table)
        _number_versions(records, table)
    for table in records.tables:
        _add_lines(records, table)
        _add_things(records, table)
        _pay(records, table)
        _count(records, table)
        _keep_in_range(records, table)
        _rank(table)
        _count_opinions(records, table)
        for record in table.records:
            _narrow(records, record)
            _use(record)


def _write_as_declared(records: Records, table: Table) -> None:
    """Let a number that the class declares to be a float be one: a price has cents."""
    kinds = records.hints.record_for(table.name)
    for name in table.of_type(int, float):
        for record in table.records if "float" in kinds.get(name, "") else ():
            value = record.get(name)
            if isinstance(value, int):
                record[name] = float(value)


def _money(table: Table, *words: str) -> str:
    """Return the number field that has one of some words; the first word counts most."""
    numbers = table.of_type(int, float)
    return next((one for word in words for one in numbers if word in one.split("_")), "")


def _put(record: JsonObject, name: str, value: float) -> None:
    """Put a number into a field, of the type that is there."""
    record[name] = round(value) if isinstance(record[name], int) else round(value, 2)


def _add_lines(records: Records, table: Table) -> None:
    """Let a total be the sum of its parts."""
    total = _money(table, "total", "subtotal")
    for child, name in records.children(table) if total else ():
        amount = _money(child, "amount", "price", "cost", "total", "value")
        if not amount or not _LINES & {*child.words}:
            continue
        for key, parts in records.belonging(child, name).items():
            known = [one[amount] for one in parts]
            if key in table.keys:
                _put(records.record(key), total, sum(_number(one) for one in known))
                _make_whole(records.record(key), total, parts, amount)


def _make_whole(record: JsonObject, total: str, parts: Sequence[JsonObject], amount: str) -> None:
    """Let the parts of a whole number be whole ones, too."""
    if isinstance(record[total], int):
        for one in parts:
            one[amount] = round(_number(one[amount]))
        record[total] = sum(round(_number(one[amount])) for one in parts)


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _add_things(records: Records, table: Table) -> None:
    """Let an order name things that are sold, of one category, at the sum of their prices."""
    goods = next((one for one in records.tables if _money(one, "price")), None)
    listed = [name for name in table.fields() if {"item", "items", "products"} & {*name.split("_")}]
    total = _money(table, "total", "amount")
    if goods is None or goods is table or not total or len(listed) != 1:
        return
    if records.lists(table).get(listed[0], goods) is goods:
        for record in table.records:
            _add_up_things(records, record, listed[0], total, goods)


def _add_up_things(
    records: Records, record: JsonObject, name: str, total: str, goods: Table
) -> None:
    """Put other things into a list of such, and the sum of their prices beside it."""
    items, price = items_of(record[name]) or [], _money(goods, "price")
    if items and all(isinstance(one, str) for one in items):
        chosen = _of_one_category(records, goods, records.chance.randint(1, len(items)))
        record[name] = [*chosen]
        _put(record, total, sum(_number(records.record(key)[price]) for key in chosen))
        _make_whole(record, total, [records.record(key) for key in chosen], price)


def _of_one_category(records: Records, goods: Table, count: int) -> list[JsonValue]:
    """Return the ids of some things that are sold together."""
    first = records.chance.choice(goods.keys)
    sort = _category(goods, records.record(first))
    others = [
        key for key in goods.keys if key != first and _category(goods, records.record(key)) == sort
    ]
    return [first, *records.chance.sample(others, min(count - 1, len(others)))]


def _category(goods: Table, record: JsonObject) -> str:
    """Return the usual category of a thing; empty where none is known."""
    found = (find(str(value), goods.words, "") for value in record.values())
    return next((one.columns["category"][0] for one in found if one), "")


def _pay(records: Records, table: Table) -> None:
    """Let payments, what is paid and the status of a bill tell the same."""
    due = _money(table, "due", "total", "amount")
    paid = _money(table, "paid")
    for child, name in records.children(table) if due else ():
        amount = _money(child, "amount", "value", "total")
        if not amount or not _PAYMENTS & {*child.words}:
            continue
        owned = records.belonging(child, name)
        for key, bill in zip(table.keys, table.records, strict=True):
            found = (child, owned.get(key, []), amount)
            share = _share_paid(records, (table, bill, due, paid), has_payments=bool(found[1]))
            if _is_tried_again(records, child, len(found[1]), 0.5 if paid else share):
                _try_twice(records, (table, bill), _number(bill[due]), found)
            else:
                _pay_one(records, (table, bill, due, paid), found, share)


def _pay_one(
    records: Records,
    bill: tuple[Table, JsonObject, str, str],
    payments: tuple[Table, list[JsonObject], str],
    share: float,
) -> None:
    """Let the payments of one bill be all of it, a part of it, or tries that failed."""
    table, record, due, paid = bill
    child, found, amount = payments
    whole = _number(record[due])
    for place, each in enumerate(found):
        part = round(whole * share / len(found), 2)
        rest = round(whole * share, 2) - part * (len(found) - 1)
        is_last = place == len(found) - 1
        _put(each, amount, (rest if is_last else part) if share else whole)
        _say(records, child, each, SETTLED if share else UNSETTLED)
    if paid:
        _put(record, paid, sum(_number(each[amount]) for each in found))
    if {*PAID} & _may_be(records, table):
        _say(records, table, record, PAID if share == 1 else OWED)


def _is_tried_again(records: Records, payments: Table, count: int, share: float) -> bool:
    """Say whether all but the last of the payments of a bill have failed."""
    if count < 2 or 0 < share < 1 or not _may_be(records, payments) & {*MISSED}:
        return False
    return not share or records.chance.random() < _TRIED


def _try_twice(
    records: Records,
    bill: tuple[Table, JsonObject],
    whole: float,
    payments: tuple[Table, list[JsonObject], str],
) -> None:
    """Let the last of several payments of a bill wait, or pay it: those before have failed."""
    table, record = bill
    child, found, amount = payments
    may = _may_be(records, child)
    waits = bool(may & {*AGAIN}) and not statuses(table, record) & {*PAID}
    *missed, last = found
    for each in found:
        _put(each, amount, whole)
    for each in missed:
        _say(records, child, each, MISSED)
    _say(records, child, last, AGAIN if waits else SETTLED)
    if {*PAID} & _may_be(records, table):
        _say(records, table, record, OWED if waits else PAID)


def _share_paid(
    records: Records, bill: tuple[Table, JsonObject, str, str], *, has_payments: bool
) -> float:
    """Return which share of a bill is paid."""
    table, record, _, paid = bill
    stands, chance = statuses(table, record), records.chance
    if not has_payments:
        return 0
    if {*PAID} & _may_be(records, table):
        is_paid = bool(stands & {*PAID}) or chance.random() < _PAID
    else:
        is_paid = not paid and (not stands & {*OWED} or chance.random() < _PAID)
    part = chance.choice((0.25, 0.4, 0.5, 0.6, 0.75)) if paid else 0
    return 1 if is_paid else part


def _may_be(records: Records, table: Table) -> set[str]:
    """Return the statuses that records of a table may have."""
    return {word for one in status_fields(table) for word in pool_of(records, table, one)}


def _say(records: Records, table: Table, record: JsonObject, may: Sequence[str]) -> None:
    """Let a record have one of some statuses, if it has none and the table knows one."""
    for name in status_fields(table):
        fitting = [word for word in may if word in pool_of(records, table, name)]
        if fitting and record[name] not in fitting:
            record[name] = fitting[0]


def _count(records: Records, table: Table) -> None:
    """Let a count be the number of the records or items that it counts."""
    for name in table.of_type(int):
        counted = re.fullmatch(r"(?:num_|number_of_|total_)?(\w+?)s?(?:_count)?", name)
        if counted is None or counted[1] == name:
            continue
        thing = singular(counted[1])
        for record in table.records:
            _count_items(record, name, thing)
        for child, field in records.children(table):
            if thing in {child.words[0], child.kind}:
                owned = records.belonging(child, field)
                for key, record in zip(table.keys, table.records, strict=True):
                    record[name] = len(owned.get(key, ()))
                break


def _count_items(record: JsonObject, name: str, thing: str) -> None:
    """Let a count be the number of items of a list in the same record."""
    lists = (
        items_of(record.get(field)) for field in (f"{thing}s", f"{thing}_ids", f"{thing}_list")
    )
    found = next((one for one in lists if one is not None), None)
    if found is not None:
        record[name] = len(found)


def _number_versions(records: Records, table: Table) -> None:
    """Let the versions of a document be numbered from one, up to that of the document."""
    if "version" not in table.of_type(int):
        return
    for child, field in records.children(table):
        numbers = [one for one in child.of_type(int) if one in {"version", "version_number"}]
        if not numbers or "version" not in child.words:
            continue
        owned = records.belonging(child, field)
        for key, record in zip(table.keys, table.records, strict=True):
            found = owned.get(key, [])
            record["version"] = max(1, len(found))
            for place, one in enumerate(found):
                one[numbers[0]] = place + 1
            _repeat_content(record, found)


def _repeat_content(record: JsonObject, versions: Sequence[JsonObject]) -> None:
    """Let the last version have the content of its document, and those before less of it."""
    content = record.get("content")
    if not isinstance(content, str):
        return
    for place, one in enumerate(versions):
        is_last = place == len(versions) - 1
        text = content if is_last else f"{content.split('. ')[0].rstrip('.')}."
        text = f"Draft: {text}" if place < len(versions) - 2 else text
        for name in one:
            if name.startswith("content"):
                one[name] = text


def _keep_in_range(records: Records, table: Table) -> None:
    """Keep a salary in the range of its position."""
    for field, home in records.references(table).items():
        for name in table.of_type(int, float):
            ends = [one for one in home.of_type(int, float) if one.startswith(f"{name}_")]
            least = next((one for one in ends if one.endswith("min")), "")
            most = next((one for one in ends if one.endswith("max")), "")
            for record in table.records if least and most else ():
                other = records.record(record[field])
                low, high = _number(other[least]), _number(other[most])
                _put(record, name, round(records.chance.uniform(low, high), -2))


def _rank(table: Table) -> None:
    """Let the best score have the first rank."""
    names = table.fields()
    if not {"rank", "score"} <= {*names}:
        return
    references = [name for name in names if name.endswith("_id")]
    groups: dict[JsonValue, list[JsonObject]] = {}
    for record in table.records:
        groups.setdefault(record[references[0]] if references else "", []).append(record)
    for found in groups.values():
        scores = sorted((_number(one["score"]) for one in found), reverse=True)
        for place, (one, score) in enumerate(zip(found, scores, strict=True)):
            one["rank"] = place + 1
            _put(one, "score", score)


def _count_opinions(records: Records, table: Table) -> None:
    """Let no more people have found something helpful than there are others."""
    people = max((len(one.records) for one in records.tables if one.is_of_people), default=0)
    for name in table.of_type(int):
        if people > 1 and _OPINIONS & {*name.split("_")}:
            for record in table.records:
                record[name] = round(_number(record.get(name))) % people


def _narrow(records: Records, record: JsonObject) -> None:
    """Let some of those who follow somebody see a thing, and fewer comment on it."""
    names = [f"{one}_count" for one in _FUNNEL if isinstance(record.get(f"{one}_count"), int)]
    if len(names) > 1:
        left = _followers(records, record) or max(_number(record[one]) for one in names) * 4
        for name, (least, most) in zip(names, _SHARES, strict=False):
            left *= records.chance.uniform(least, most)
            record[name] = round(left)


def _followers(records: Records, record: JsonObject) -> float:
    """Return how many follow the one whom a record is of; 0 where nothing tells it."""
    owners = (records.record(value) for value in record.values() if records.home_of(value))
    found = (
        _number(value)
        for one in owners
        if one is not record
        for name, value in one.items()
        if {"follower", "followers"} & {*name.split("_")}
    )
    return next(found, 0)


def _use(record: JsonObject) -> None:
    """Let something be used often, and let the hours of use fit that: some minutes each time."""
    for name, value in record.items():
        counted = name.replace("hours", "count")
        uses = record.get(counted)
        if name.endswith("_hours") and isinstance(uses, int) and isinstance(value, int | float):
            record[counted] = _LEAST_USES + _TIMES_USED * uses
            _put(record, name, (_LEAST_USES + _TIMES_USED * uses) * (0.25 + value % 5 / 20))
