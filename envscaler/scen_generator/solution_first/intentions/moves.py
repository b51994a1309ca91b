"""Whether a thing is needed where it would be moved to, and can be spared where it stands."""

import re

from pydantic import JsonValue

from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.around import referring
from envscaler.scen_generator.solution_first.intentions.lifecycle import (
    is_down,
    is_free,
    is_open,
)
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_kind, is_status
from envscaler.scen_generator.solution_first.intentions.reasons import reason_for
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import NEEDED_THERE
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import Place, main_records
from envscaler.scen_generator.solution_first.intentions.together import PLACE

_STORES = re.compile(r"\b(stor(e|age)|cellar|warehouse|depot)", re.IGNORECASE)
"""Names of places where nothing is needed."""
_HAPPENS = re.compile(r"incident|accident|emergenc|alarm")


def is_moved_in_vain(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a thing would be moved where it is needed though the records belie that.

    It does not work, another one of its sort stands free there, that is a store, or something
    has happened where it stands, or there: then it is sent to that rather than moved.

    Args:
        drawn: The request.
        subject: The thing.
        world: The state.
        nouns: What the state holds.
    """
    is_moved = any(map(PLACE.search, drawn.arguments))
    if not is_moved or reason_for(drawn, world, nouns) is not NEEDED_THERE:
        return False
    places = [each for each in main_records(drawn) if each != subject]
    if not _works(world.records(subject[0]).get(subject[1], {})):
        return True
    if any(
        _is_there_enough(subject, each, world) or _is_scene(each, world, nouns) for each in places
    ):
        return True
    return _is_put_away(drawn, places, world) or _is_needed_here(subject, places, world, nouns)


def _is_put_away(drawn: Drawn, places: list[Place], world: World) -> bool:
    """Tell whether a thing would be moved to a store: one that is on record, or told by a name."""
    told = (str(to) for name, to in drawn.values.items() if PLACE.search(name))
    return any(map(_STORES.search, told)) or any(_is_store(each, world) for each in places)


def _works(record: JsonObject) -> bool:
    held = (str(value) for name, value in record.items() if is_status(name))
    return all(is_free(each) and not is_down(each) for each in held)


def _is_store(place: Place, world: World) -> bool:
    record = world.records(place[0]).get(place[1], {})
    return any(isinstance(value, str) and _STORES.search(value) for value in record.values())


def _is_there_enough(thing: Place, place: Place, world: World) -> bool:
    """Tell whether another one of the sort of a thing stands free in a place."""
    sort = _sort(world.records(thing[0]).get(thing[1], {}))
    return any(
        key != thing[1]
        and place[1] in [value for value in record.values() if isinstance(value, str | int)]
        and _sort(record) == sort
        and _works(record)
        for key, record in world.records(thing[0]).items()
    )


def _sort(record: JsonObject) -> list[JsonValue]:
    """Return of what sort a thing is."""
    return [value for name, value in record.items() if is_kind(name)]


def _is_needed_here(thing: Place, places: list[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether something has happened where a thing stands, and is not over."""
    kinds = {noun for noun, _ in places}
    held = world.records(thing[0]).get(thing[1], {})
    here = [
        (link.target, key)
        for link in nouns.links[thing[0]]
        if link.target in kinds and isinstance(key := held.get(link.field), str | int)
    ]
    return any(_is_scene(each, world, nouns) for each in here)


def _is_scene(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something has happened at a place, and is not over."""
    return any(
        _HAPPENS.search(other[0]) is not None and is_open(str(status_of(other, world)))
        for other in referring(place, world, nouns)
    )
