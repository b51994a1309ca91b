"""Which tool reads and writes what."""

import gzip
import json
from pathlib import Path
from textwrap import indent

import pytest

from envscaler.environment.dataflow.structure import structure_of
from envscaler.records import Structure

SHOP = """
from heapq import heappush
import copy

def touch(order, note="x"):
    order["note"] = note

def pick(orders, key):
    return orders.get(key)

class Base:
    shelf = []
    def close(self):
        self.state = "closed"

class Shop(Base):
    def __init__(self, init_config: dict, name: str = "shop"):
        self.orders: dict = {}
        self.queue = init_config.get("queue", [])
        self.name = name
        self.count = 0
        self._log = []

    @property
    def first(self):
        return self.orders["O1"]

    def _find(self, key):
        return self.orders.get(key)

    def _all(self):
        return list(self.orders.values())

    def _note(self, order):
        order["seen"] = True

    def _note_deeply(self, order):
        self._note(order)

    def _loop(self, n):
        self.count += n
        return self._loop(n - 1)

    def tool(self, key, other=None):
BODY
"""


def structure(*lines: str) -> Structure:
    body = indent("\n".join(lines), "        ")
    return structure_of(SHOP.replace("BODY", body), "Shop")


def written(*lines: str) -> set[str]:
    found = structure(*lines)
    return {name for name, use in found.attributes.items() if "tool" in use.written_by}


def read(*lines: str) -> set[str]:
    found = structure(*lines)
    return {name for name, use in found.attributes.items() if "tool" in use.read_by}


WRITES = [
    (["self.orders = {}"], {"orders"}),
    (["self.orders, self.count = {}, 1"], {"orders", "count"}),
    (["self.count += 1"], {"count"}),
    (["self.orders[key] = 1"], {"orders"}),
    (["self.orders[key]['status'] = 1"], {"orders"}),
    (["del self.orders[key]"], {"orders"}),
    (["self.queue.append(key)"], {"queue"}),
    (["self.orders.pop(key)"], {"orders"}),
    (["self.orders.setdefault(key, []).append(1)"], {"orders"}),
    (["self.orders.update(a=1)"], {"orders"}),
    (["heappush(self.queue, key)"], {"queue"}),
    (["setattr(self, 'name', key)"], {"name"}),
    (["getattr(self, 'queue').append(1)"], {"queue"}),
    (["Shop.shelf.append(1)"], {"shelf"}),
    (["type(self).shelf.append(1)"], {"shelf"}),
    (["orders = self.orders", "orders[key] = 1"], {"orders"}),
    (["order = self.orders.get(key)", "order['status'] = 1"], {"orders"}),
    (["order = self.orders.get(key) or {}", "order['status'] = 1"], {"orders"}),
    (["if (order := self.orders.get(key)):", "    order['status'] = 1"], {"orders"}),
    (["for order in self.orders.values():", "    order['status'] = 1"], {"orders"}),
    (["for n, order in enumerate(self.queue):", "    order['n'] = n"], {"queue"}),
    (["found = [o for o in self.orders.values() if o]", "found[0]['x'] = 1"], {"orders"}),
    (["order = next(o for o in self.queue if o)", "order['x'] = 1"], {"queue"}),
    (["found = []", "for o in self.queue:", "    found.append(o)", "found[0]['x'] = 1"], {"queue"}),
    (["a, b = self.orders[key], other", "a['x'] = b"], {"orders"}),
    (["items = self.queue", "items += [1]"], {"queue"}),
    (["order = None", "while key:", "    if order: order['x'] = 1",
      "    order = self.orders[key]"], {"orders"}),
    (["try:", "    order = self.orders[key]", "except KeyError:", "    order = {}",
      "order['x'] = 1"], {"orders"}),
    (["match self.orders[key]:", "    case {'lines': lines}:", "        lines.append(1)"],
     {"orders"}),
    (["order = self._find(key)", "order['x'] = 1"], {"orders"}),
    (["for order in self._all():", "    order['x'] = 1"], {"orders"}),
    (["self._note(self.orders[key])"], {"orders"}),
    (["self._note_deeply(order=self.orders[key])"], {"orders"}),
    (["touch(self.orders[key])"], {"orders"}),
    (["touch(pick(self.orders, key))"], {"orders"}),
    (["self.first['x'] = 1"], {"orders"}),
    (["self._loop(1)"], {"count"}),
    (["self.close()"], {"state"}),
    (["super().close()"], {"state"}),
    (["def inner():", "    self.count = 1", "inner()"], {"count"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "attributes"), WRITES)
def test_a_change_is_traced_to_its_attribute(lines: list[str], attributes: set[str]) -> None:
    assert written(*lines) == attributes


READS_ONLY = [
    ["return self.orders"],
    ["orders = dict(self.orders)", "orders[key] = 1"],
    ["order = self.orders[key].copy()", "order['x'] = 1"],
    ["order = {**self.orders[key]}", "order['x'] = 1"],
    ["order = copy.deepcopy(self.orders[key])", "order['lines'].append(1)"],
    ["found = [o for o in self.queue]", "found.append(1)"],
    ["found = sorted(self.queue)", "found.pop()"],
    ["found = self.queue[1:]", "found.clear()"],
    ["total = self.count", "total += 1"],
    ["order = self.orders[key]", "order = {}", "order['x'] = 1"],
    ["result = {}", "result['x'] = self.orders[key]"],
    ["key['x'] = self.count"],
    ["self._find(key)"],
    ["text = self.name.replace('a', 'b')"],
    [
        "groups = {}",
        "for order in self.orders.values():",
        "    groups.setdefault(order['day'], []).append(order['total'])",
    ],
]


@pytest.mark.parametrize("lines", READS_ONLY)
def test_working_on_a_copy_writes_nothing(lines: list[str]) -> None:
    assert written(*lines) == set()


READS: list[tuple[list[str], set[str]]] = [
    (["return self.orders[key], self.count"], {"orders", "count"}),
    (["return self._find(key)"], {"orders"}),
    (["return self.first"], {"orders"}),
    (["return sorted(self.queue, key=lambda q: self.orders[q])"], {"queue", "orders"}),
    (["return f'{self.name}'"], {"name"}),
    (["return map(self._find, self.queue)"], {"orders", "queue"}),
    (["self.orders[key] = other"], set()),
    (["self.queue.append(key)"], set()),
    (["self.count += 1"], {"count"}),
    (["return self.queue.pop()"], {"queue"}),
]


@pytest.mark.parametrize(("lines", "attributes"), READS)
def test_reads_are_followed_into_helpers(lines: list[str], attributes: set[str]) -> None:
    assert read(*lines) == attributes


def test_attributes_come_with_their_types() -> None:
    found = structure("self.late = f'{key}'", "self.unknown = key")

    assert {name: use.type for name, use in found.attributes.items()} == {
        "shelf": "list",
        "orders": "dict",
        "queue": "list",
        "name": "str",
        "count": "int",
        "_log": "list",
        "state": "str",
        "late": "str",
        "unknown": "",
    }


def test_tools_that_write_nothing_are_queries() -> None:
    found = structure("return self.count")

    assert found.queries == ("tool",)
    assert found.changes == ("close",)


@pytest.mark.parametrize(
    "name", ["pipeline_stage2_step6_analysis_env_class_code", "pipeline_demo_env_temp"]
)
def test_published_structures_are_found_and_more_writes(shared_data: Path, name: str) -> None:
    with gzip.open(shared_data / f"envscaler/{name}.json.gz") as file:
        (row,) = json.load(file)

    found = structure_of(row["env_class_code"], row["env_class_name"])

    states: dict[str, dict[str, str]] = row["env_structure"]["states"]
    assert set(found.attributes) == set(states)
    for attribute, use in states.items():
        assert found.attributes[attribute].type == use["type"]
        assert set(found.attributes[attribute].read_by) == set(use["used_by"])
        assert set(found.attributes[attribute].written_by) >= set(use["modified_by"])


def test_published_operations_are_of_the_kind_they_were_declared(shared_data: Path) -> None:
    with gzip.open(shared_data / "envscaler/env_metadata_dev.json.gz") as file:
        environments = json.load(file)
    others: list[str] = []
    for row in environments.values():
        queries = structure_of(row["env_class_code"], row["env_class_name"]).queries
        others += [
            operation["operation_name"]
            for operation in row["operation_list"]
            if (operation["operation_type"] == "query") != (operation["operation_name"] in queries)
        ]

    # Of 497; this one was declared as a change and only returns a message.
    assert others == ["trigger_overdue_alert"]
