"""The fields of records and their types, from what code writes, reads and calculates."""

import ast

import pytest

from envscaler.environment.hints.record_shapes import Shapes, parts_of, shapes_of

HEAD = "class Shop:\n    def __init__(self):\n        self.orders = {}\n"


def shapes(*lines: str, parameters: str = "") -> Shapes:
    body = "".join(f"        {line}\n" for line in lines)
    return shapes_of(ast.parse(f"{HEAD}    def act(self, order_id{parameters}):\n{body}"))


def field(name: str, *lines: str, parameters: str = "") -> str:
    """Return the type of a field of an order; KeyError when the field was not seen."""
    return shapes(*lines, parameters=parameters).fields["orders",][name]


ORDER = "order = self.orders[order_id]"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["self.orders[order_id] = {'x': 3}"], "int"),
        (["self.orders[order_id] = {'x': 3.5}"], "float"),
        (["self.orders[order_id] = {'x': True}"], "bool"),
        (["self.orders[order_id] = {'x': 'a'}"], "str"),
        (["self.orders[order_id] = {'x': f'{order_id}'}"], "str"),
        (["self.orders[order_id] = {'x': []}"], "List[str]"),
        (["self.orders[order_id] = {'x': {}}"], "dict"),
        (["self.orders[order_id] = {'x': round(1.5, 1)}"], "float"),
        (["self.orders[order_id] = {'x': len(self.orders)}"], "int"),
        (["self.orders[order_id] = {'x': 1 if order_id else 2}"], "int"),
        (["row = {'x': 2.5}", "self.orders[order_id] = row"], "float"),
        (["self.orders.setdefault(order_id, {'x': 1})"], "int"),
        ([ORDER, "order['x'] += 1"], "int"),
        ([ORDER, "return order['x'] * 2"], "int"),
        ([ORDER, "return order['x'] < 5"], "int"),
        ([ORDER, "return 5 >= order['x']"], "int"),
        ([ORDER, "return order['x']"], ""),
        ([ORDER, "return order.get('x')"], ""),
        (["self.orders[order_id] = {'x': order_id()}"], ""),
    ],
)
def test_the_type_of_a_field_is_what_the_code_makes_of_it(lines: list[str], kind: str) -> None:
    assert field("x", *lines) == kind


@pytest.mark.parametrize("kind", ["int", "float", "str"])
def test_a_field_has_the_type_of_the_parameter_that_is_stored_in_it(kind: str) -> None:
    line = "self.orders[order_id] = {'x': given}"

    assert field("x", line, parameters=f", given: {kind}") == kind


def test_a_type_that_is_written_stays_when_the_field_is_calculated_with() -> None:
    lines = ["self.orders[order_id] = {'price': 2.5}", ORDER, "return order['price'] * 2"]

    assert field("price", *lines) == "float"


def test_a_field_that_is_compared_with_a_parameter_has_its_type() -> None:
    assert field("x", ORDER, "return order['x'] == given", parameters=", given: float") == "float"


def test_records_inside_a_list_of_a_record_are_told_apart() -> None:
    found = shapes("self.orders[order_id] = {'lines': [{'pieces': 2} for _ in range(3)]}")

    assert [*parts_of(found, ("orders",))] == [("lines", "List[str]", ("orders", "lines"), True)]
    assert found.fields["orders", "lines"] == {"pieces": "int"}
