"""Where a method takes whichever item of a set comes first."""

import pytest

from envscaler.environment.code.classes import read_class
from envscaler.environment.code.set_order import picks_from_set


def picks(body: str) -> bool:
    text = "\n".join(f"        {line}" for line in body.splitlines())
    source = f"class Thing:\n    def pick(self, wanted):\n{text}\n"
    return picks_from_set(read_class(source).methods["pick"])


@pytest.mark.parametrize(
    "body",
    [
        "free = {one for one in self.rooms}\nreturn list(free)[0]",
        "free = set(self.rooms) - {wanted}\nreturn next(iter(free), None)",
        "return tuple(set(self.rooms).difference(wanted))[0]",
    ],
)
def test_what_comes_first_in_a_set_is_seen(body: str) -> None:
    assert picks(body)


@pytest.mark.parametrize(
    "body",
    [
        "return sorted(set(self.rooms))[0]",
        "free = [one for one in self.rooms]\nreturn next(iter(free))",
        "free = set(self.rooms)\nif len(free) != 1:\n    return None\nreturn next(iter(free))",
        "return list(self.rooms)[0]",
    ],
)
def test_what_has_an_order_or_is_alone_is_not(body: str) -> None:
    assert not picks(body)
