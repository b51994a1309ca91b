"""Classes of which a method of their own makes an object out of one value of the state."""

import pytest

from envscaler.check_env.examine import examine
from envscaler.errors import GuestError
from envscaler.published.module import skeleton_of
from envscaler.records import Examination, JsonObject
from envscaler.sandbox import Sandbox, Start
from tests.check_env.arena import SMALL
from tests.one_sandbox import in_one_sandbox
from tests.sandbox.guests import settings

TOOLS = '''
    def show(self, name: str) -> dict:
        """Show a dog."""
        if name not in self.dogs:
            return {"success": False, "error": "There is no such dog"}
        return {"success": True, "data": {"name": name, "tricks": list(self.dogs[name].tricks)}}

    def teach(self, name: str, trick: str) -> dict:
        """Teach a dog a trick."""
        if name not in self.dogs or not trick or trick in self.dogs[name].tricks:
            return {"success": False, "error": "No such dog, or it knows that"}
        self.dogs[name].tricks.append(trick)
        return {"success": True, "message": "Taught"}
'''
DOG = """
import json
from dataclasses import dataclass, field

@dataclass
class Dog:
    name: str
    tricks: list


"""
BY_ROWS = '{row["name"]: Dog(row["name"], list(row["tricks"])) for row in data["dogs"]}'
ROWS: JsonObject = {"dogs": [{"name": "Rex", "tricks": []}, {"name": "Ida", "tricks": ["sit"]}]}

OF_DATACLASS = f"""{DOG}@dataclass
class Kennel:
    dogs: dict[str, Dog]
    city: str = "Oslo"
    log: list = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: dict) -> "Kennel":
        return cls({BY_ROWS}, data.get("city", "Rome"))
{TOOLS}"""
OF_SEVERAL = f"""{DOG}class Kennel:
    def __init__(self, dogs, city, fee):
        self.dogs, self.city, self.fee = dogs, city, fee

    @classmethod
    def reopen(cls, saved, strict=True):
        data = dict(saved)
        found = cls({BY_ROWS}, "Rome", fee=3)
        found.fee += 1
        return found
{TOOLS}"""
OF_NEW = f"""{DOG}class Kennel:
    @classmethod
    def waken(cls, data):
        found = cls.__new__(cls)
        found.dogs, found.city = {BY_ROWS}, "Rome"
        return found
{TOOLS}"""
OF_NAME = f"""{DOG}class Kennel:
    def __init__(self, dogs):
        self.dogs, self.city = dict(dogs), "Rome"

    @staticmethod
    def load_state(data):
        return Kennel(dogs={BY_ROWS})

    @classmethod
    def empty(cls):
        return cls({{}})
{TOOLS}"""
OF_TEXT = f"""{DOG}class Kennel:
    def __init__(self, dogs: dict, city: str):
        self.dogs, self.city = dogs, city

    @classmethod
    def from_json(cls, text: str):
        data = json.loads(text)
        return cls({BY_ROWS}, "Rome")
{TOOLS}"""
SLOTTED = OF_NEW.replace("class Kennel:", 'class Kennel:\n    __slots__ = ("dogs",\n "city")\n')
OF_SLOTS = OF_DATACLASS.replace("@dataclass\nclass Kennel", "@dataclass(slots=True)\nclass Kennel")
OF_SLOTTED_PARTS = OF_NEW.replace(
    "@dataclass\nclass Dog:\n    name: str\n    tricks: list\n",
    """class Dog:
    __slots__ = ("name", "tricks")

    def __init__(self, name, tricks):
        self.name, self.tricks = name, tricks
""",
)
FORMS = [OF_DATACLASS, OF_SEVERAL, OF_NEW, OF_NAME, OF_TEXT, SLOTTED, OF_SLOTS, OF_SLOTTED_PARTS]
FLAT = f"""{DOG}class Kennel:
    def __init__(self, store, clock):
        self.store, self.clock = store, clock

    @classmethod
    def open(cls, store, clock=None):
        return cls(dict(store), clock or 0)

    @property
    def dogs(self):
        kept = [key for key in self.store if key.startswith("dog:")]
        return {{key[4:]: Dog(key[4:], self.store[key]) for key in kept}}
{TOOLS}"""


@pytest.mark.parametrize("source", FORMS)
def test_a_state_goes_to_the_method_that_makes_an_object_of_it(source: str) -> None:
    async def work(sandbox: Sandbox) -> None:
        row = skeleton_of(source)
        first = await sandbox.open(row, Start(initial_state=ROWS))
        shown = await first.call("show", {"name": "Ida"})
        await first.call("teach", {"name": "Rex", "trick": "roll"})
        state = await first.state()
        second = await sandbox.open(row, Start(initial_state=state))

        assert [tool.name for tool in row.tools] == ["show", "teach"]
        assert shown.value == {"success": True, "data": {"name": "Ida", "tricks": ["sit"]}}
        assert state["city"] == "Rome"
        assert await second.state() == state

    in_one_sandbox(settings(), work)


@pytest.mark.parametrize("source", FORMS)
def test_nothing_sound_is_reported_of_one(source: str) -> None:
    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton_of(source), (ROWS,), sandbox, budget=SMALL)

    found = in_one_sandbox(settings(), work)

    assert found.serious == ()
    assert found.tools["teach"].succeeded


def test_a_flat_store_is_kept_whole_under_one_attribute() -> None:
    state: JsonObject = {"dog:Rex": [], "dog:Ida": ["sit"], "next": 3}

    async def work(sandbox: Sandbox) -> tuple[Examination, JsonObject, JsonObject]:
        row = skeleton_of(FLAT)
        first = await sandbox.open(row, Start(initial_state=state))
        await first.call("teach", {"name": "Rex", "trick": "roll"})
        seen = await first.state()
        second = await sandbox.open(row, Start(initial_state=seen))
        examined = await examine(row, (state,), sandbox, budget=SMALL)
        return examined, seen, await second.state()

    examined, seen, again = in_one_sandbox(settings(), work)

    assert seen == {"store": {**state, "dog:Rex": ["roll"]}, "clock": 0}
    assert again == seen
    assert (examined.serious, examined.tools["teach"].succeeded > 0) == ((), True)


def test_a_constructor_that_fits_a_state_better_has_it() -> None:
    source = OF_SEVERAL.replace('data["dogs"]', 'data["hounds"]')
    state: JsonObject = {"dogs": {}, "city": "Bergen", "fee": 9}

    async def work(sandbox: Sandbox) -> None:
        opened = await sandbox.open(skeleton_of(source), Start(initial_state=state))

        assert await opened.state() == state

    in_one_sandbox(settings(), work)


def test_a_method_that_takes_something_else_than_a_state_makes_no_object_of_one() -> None:
    source = OF_NAME.replace("def load_state(data):", "def load_state(one, two):").replace(
        'data["dogs"]', "one"
    )
    named = source.replace(
        "def empty(cls):\n        return cls({})",
        "def named(cls, name):\n        return cls({name: Dog(name, [])})",
    )

    async def work(sandbox: Sandbox) -> None:
        row = skeleton_of(named)
        opened = await sandbox.open(row, Start(initial_state={"dogs": {}}))

        assert [tool.name for tool in row.tools] == ["show", "teach"]
        assert await opened.state() == {"dogs": {}, "city": "Rome"}

    in_one_sandbox(settings(), work)


def test_what_such_a_method_says_of_a_state_that_it_refuses_is_told() -> None:
    state: JsonObject = {"hounds": []}

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(skeleton_of(OF_SEVERAL), (state,), sandbox, budget=SMALL)

    with pytest.raises(GuestError, match="KeyError: 'dogs'") as told:
        in_one_sandbox(settings(), work)
    assert "\n" not in str(told.value)
