"""A class that keeps the argument of its constructor starts in the same state again and again."""

import asyncio

from envscaler.records import JsonObject
from envscaler.sandbox import Sandbox, Start
from tests.check_env.arena import skeleton
from tests.sandbox.guests import settings

KEEPER = '''
class Keeper:
    def __init__(self, init_config: dict):
        self.notes = {}
        self.init_config = init_config

    def add_note(self, name: str, text: str) -> dict:
        """Add a note.

        Args:
            name: Of the note.
            text: What it says.
        """
        self.notes[name] = text
        return {"success": True}
'''


def test_the_whole_state_of_an_object_gives_the_same_object() -> None:
    async def twice() -> tuple[JsonObject, JsonObject]:
        async with Sandbox.start(settings()) as sandbox:
            keeper = skeleton(KEEPER)
            first = await sandbox.fresh(keeper, Start(initial_state={"notes": {"a": "b"}}))
            return first, await sandbox.fresh(keeper, Start(initial_state=first))

    first, again = asyncio.run(twice())

    assert again == first
