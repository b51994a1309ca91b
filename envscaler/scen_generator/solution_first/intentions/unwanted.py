"""Changes that nobody asks for, whatever the occasion: other names, trades, and lower salaries."""

import re
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from envscaler.inputs.agreement.belonging import roles_for, roles_of
from envscaler.inputs.agreement.figures import fit_severity
from envscaler.inputs.agreement.suited import never_stands_so
from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.consistent import in_tone
from envscaler.scen_generator.solution_first.intentions.around import leads, referred_to
from envscaler.scen_generator.solution_first.intentions.causes import former_of
from envscaler.scen_generator.solution_first.intentions.endings import is_ended_in_vain
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_down
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    is_served,
    main_records,
    subjects_of,
)
from envscaler.scen_generator.solution_first.intentions.together import PLACE, RESPONSIBLE
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR, PRAISING, UPDATE

_STARS = re.compile(r"rating|stars")
_MIDDLE = 3
_NAME = re.compile(r"(^|_)(name|title|currency)$")
_TRADE = re.compile(
    r"special|profession|trade|occupation|role|gender|blood|user_type|qualification"
)
"""What somebody is, and does not become overnight."""
_WORKS = re.compile(r"document|file|policy|report|statement")
"""What is written with care, and replaced by no note."""
_HAPPENED = re.compile(r"incident|accident|emergenc")
"""What took place somewhere, and is not moved."""
_BORN = re.compile(r"birth|(^|_)dob$|^(new_)?(date|time|timestamp)$|_at$")
"""What is put right by itself."""
_BODY = re.compile(r"^(new_|updated_)?(content|body|text|summary)$")
_PAY = re.compile(r"salary|wage")
_LEAST, _MOST = re.compile(r"(^|_)min(imum)?($|_)"), re.compile(r"(^|_)max(imum)?($|_)")
_RAISE = 1.16
"""Nobody gets much more at once."""
_FIELDS = ("sport", "health")
"""Fields of work in which things have their places."""
_ABSENT = frozenset(("on leave", "inactive", "suspended", "terminated"))
_TRADES = re.compile(r"^(specialty|speciality|profession|occupation|role|department|trade)$")
"""What somebody is who sees to something."""
_POST = re.compile(r"position|job|post$")

_PLAYED_DOWN = (["severe", "moderate"], ["severe", "mild"], ["moderate", "mild"])
"""How bad something was, and would be from now on."""


def is_unwanted(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether nobody would ask for a change.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
    """
    if is_ended_in_vain(drawn, world):
        return True
    if drawn.is_creating:
        return _is_unwanted_anew(drawn, world, nouns)
    subject = next(iter(subjects_of(drawn, nouns)), None)
    if subject is None:
        return False
    return (
        _is_misjudged(drawn, subject, world, nouns)
        or _is_paid_oddly(drawn, subject, world, nouns)
        or _is_for_another(drawn, subject, world, nouns)
        or _is_out_of_area(drawn, world, nouns)
        or _goes_to_another_trade(drawn, subject, world, nouns)
        or (nouns.is_human(subject[0]) and _is_moved_oddly(drawn, subject, world, nouns))
    )


def _is_misjudged(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be liked, praised, rated or called as nobody does."""
    is_odd = _is_liked_by_nobody(drawn, nouns) or _is_out_of_tone(drawn, subject, world)
    is_odd = is_odd or _is_out_of_measure(drawn, subject, world) or _is_put_up_broken(drawn)
    return is_odd or _changes_what_it_is(drawn, subject, world, nouns)


def _is_liked_by_nobody(drawn: Drawn, nouns: Nouns) -> bool:
    """Tell whether a like would only be counted, without anybody who likes it, or shares it."""
    is_by_somebody = any(nouns.is_human(noun) for noun, _ in drawn.records.values())
    return drawn.tool.name.startswith(("like_", "share_")) and not is_by_somebody


def _is_put_up_broken(drawn: Drawn) -> bool:
    """Tell whether a thing would be put somewhere else as it breaks."""
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    return any(map(PLACE.search, drawn.arguments)) and any(map(is_down, new))


def _is_out_of_measure(drawn: Drawn, subject: Place, world: World) -> bool:
    """Tell whether somebody would itch severely, or swell up mildly, or a danger be played down."""
    record = world.records(subject[0]).get(subject[1], {})
    told = {**record, **drawn.values}
    levels = [record.get("severity"), drawn.values.get("severity")]
    if levels in _PLAYED_DOWN:
        return True  # the worst reaction counts
    given = {"severity", "reaction"} & {*drawn.values}
    return bool(given) and fit_severity({**told}) != told


def _is_out_of_tone(drawn: Drawn, subject: Place, world: World) -> bool:
    """Tell whether stars would not go with what a review says, or one helped that says little."""
    record = world.records(subject[0]).get(subject[1], {})
    given = {name: value for name, value in drawn.values.items() if _STARS.search(name)}
    if PRAISING.search(drawn.tool.name):
        return any(_STARS.search(name) and value == _MIDDLE for name, value in record.items())
    rated = {**record, **given}
    return bool(given) and in_tone(rated) != rated


def _is_unwanted_anew(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether nobody would ask for something new."""
    return (
        _is_out_of_range(drawn, main_records(drawn), world, nouns)
        or _is_by_another_trade(drawn, nouns)
        or _is_new_out_of_area(drawn, world, nouns)
        or _happens_amid_others(drawn, nouns)
    )


def _happens_amid_others(drawn: Drawn, nouns: Nouns) -> bool:
    """Tell whether an accident would happen where another one has, or where help is waiting."""
    if not _HAPPENED.search(drawn.tool.name):
        return False
    scenes = [place for place in main_records(drawn) if PLACE.search(place[0])]
    return any(
        record.get(link.field) == key and (_HAPPENED.search(noun) or _is_free(record))
        for home, key in scenes
        for noun, links in nouns.links.items()
        for link in links
        if link.target == home
        for record in nouns.collections[noun].records
    )


def _is_free(record: Mapping[str, JsonValue]) -> bool:
    return any(is_status(name) and value == "available" for name, value in record.items())


def _changes_what_it_is(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a thing would be called or read otherwise, or somebody be of another trade."""
    if drawn.tool.name.split("_")[0] not in UPDATE:
        return False
    names = [name for name in drawn.values if not is_status(name)]
    if _is_put_otherwise(names) or _is_said_of_another(drawn, subject, world, nouns):
        return True
    if _HAPPENED.search(subject[0]) and any(map(PLACE.search, drawn.arguments)):
        return True
    if nouns.is_human(subject[0]):
        return any(map(_TRADE.search, names))
    return bool(_WORKS.search(subject[0])) and any(map(_BODY.search, names))


def _is_said_of_another(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a record would stand as only others do: an incident that has arrived."""
    new = [value for name, value in drawn.values.items() if is_status(name)]
    if any(nouns.sounds_double(subject[0], value) for value in new):
        return True
    words = nouns.singular(subject[0]).split()
    record = world.records(subject[0]).get(subject[1], {})
    return any(never_stands_so(words, record, str(value)) for value in new)


def _is_put_otherwise(names: Sequence[str]) -> bool:
    """Tell whether a name would be another one, or a day be put right among other things."""
    return any(map(_NAME.search, names)) or (len(names) > 1 and any(map(_BORN.search, names)))


def _is_paid_oddly(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would be paid less, or as nobody is for such work."""
    is_less = _is_no_raise(drawn, subject, world)
    return is_less or _is_out_of_range(drawn, [subject], world, nouns)


def _is_no_raise(drawn: Drawn, person: Place, world: World) -> bool:
    """Tell whether somebody would earn less, or far more, or is not there to be told."""
    for name, value in drawn.values.items() if any(map(_PAY.search, drawn.values)) else ():
        held = world.value(*person, "salary") if _PAY.search(name) else None
        if not isinstance(held, int | float) or not isinstance(value, int | float):
            continue
        return not held < value <= held * _RAISE or status_of(person, world) not in (None, "active")
    return False


def _is_out_of_range(drawn: Drawn, places: list[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would earn more or less than is paid for such work."""
    paid = [value for name, value in drawn.values.items() if _PAY.search(name)]
    paid = [value for value in paid if isinstance(value, int | float)]
    homes = [*places, *(each for place in places for each in referred_to(place, world, nouns))]
    for home in homes if paid else ():
        record = world.records(home[0]).get(home[1], {})
        low, high = _bound(record, _LEAST), _bound(record, _MOST)
        if low is not None and high is not None and not low <= paid[0] <= high:
            return True
    return False


def _bound(record: dict[str, JsonValue], named: re.Pattern[str]) -> float | None:
    found = (value for name, value in record.items() if named.search(name))
    return next((each for each in found if isinstance(each, int | float)), None)


def _is_out_of_place(drawn: Drawn, person: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would be put where there is no such work as theirs, or the other way.

    An account manager is moved to no department that has no account managers.
    """
    if str(status_of(person, world)).replace("_", " ") in _ABSENT:
        return any(not nouns.is_human(noun) for noun, _ in main_records(drawn))
    now = dict(referred_to(person, world, nouns))
    new = {noun: key for noun, key in main_records(drawn) if not nouns.is_human(noun)}
    then = now | new
    return bool(new) and any(
        then.get(home, key) != key
        for post in then.items()
        if _POST.search(post[0])
        for home, key in referred_to(post, world, nouns)
    )


def _is_by_another_trade(drawn: Drawn, nouns: Nouns) -> bool:
    """Tell whether something would be done by somebody whose work it is not, as others' is."""
    roles = roles_for({*drawn.tool.name.split("_")})
    staff = [place for place in main_records(drawn) if nouns.is_human(place[0])]
    for noun, key in staff if roles else ():
        able = any(
            roles & roles_of(nouns.record(noun, each)) for each in nouns.collections[noun].ids
        )
        if able and not roles & roles_of(nouns.record(noun, key)):
            return True
    return False


def _steps_down(drawn: Drawn, person: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would get another job who leads others, or a unit."""
    is_moved = any(map(_POST.search, (drawn.tool.name, *drawn.arguments)))
    return is_moved and leads(person, world, nouns)


def _is_moved_oddly(drawn: Drawn, person: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would get a job, or a place, that is not for them."""
    is_out = _is_out_of_place(drawn, person, world, nouns)
    return is_out or _steps_down(drawn, person, world, nouns)


def _goes_to_another_trade(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a matter would go to somebody of another trade than who has it: a surgeon's."""
    return any(
        _TRADES.match(name) and held != world.value(*former, name)
        for person in main_records(drawn)
        for former in former_of(person, subject, world, nouns)
        for name, held in world.records(person[0]).get(person[1], {}).items()
    )


def _is_for_another(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a record would be of another client than it is."""
    owners = {*referred_to(subject, world, nouns), subject}
    others = [name for name, place in drawn.records.items() if place not in owners]
    is_change = drawn.tool.name.split("_")[0] in {*UPDATE, "link"} and bool(drawn.records)
    return is_change and any(
        is_served(drawn.records[name][0])
        and not ACTOR.match(name)
        and not RESPONSIBLE.search(f"{drawn.tool.name} {name}")
        and drawn.records[name][0] in {link.target for link in nouns.links[subject[0]]}
        for name in others
    )


def _is_out_of_area(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether a thing would be put where such things do not stand: a treadmill in a sauna."""
    things = [place for place in main_records(drawn) if not nouns.is_human(place[0])]
    for thing in things:
        held = world.records(thing[0]).get(thing[1], {}).values()
        usual = _usual_places(held, nouns.singular(thing[0]).split())
        named = _names([each for each in things if each != thing], world)
        if usual and named and named.isdisjoint(usual):
            return True
    return False


def _is_new_out_of_area(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something new would be put where such things do not stand."""
    usual = _usual_places(drawn.values.values(), drawn.tool.name.split("_"))
    places = [place for place in main_records(drawn) if not nouns.is_human(place[0])]
    named = _names(places, world)
    return bool(usual) and bool(named) and named.isdisjoint(usual)


def _names(places: Iterable[Place], world: World) -> set[str]:
    return {
        value
        for noun, key in places
        for name, value in world.records(noun).get(key, {}).items()
        if _NAME.search(name) and isinstance(value, str)
    }


def _usual_places(held: Iterable[JsonValue], words: Sequence[str]) -> Sequence[str]:
    """Return where a thing of which something is told stands, where the catalogue says so."""
    texts = [value for value in held if isinstance(value, str)]
    kinds = [*reversed(words)]
    found = (find(text, kinds, field) for text in texts for field in _FIELDS)
    return next((one.columns["location"] for one in found if one and "location" in one.columns), ())
