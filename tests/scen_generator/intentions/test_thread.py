"""What holds the steps of a message together."""

from envscaler.records import Tool
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import Place, Thread, main_records
from tests.scen_generator.intentions.making import knowledge

BOOKING: Place = ("bookings", "BK-001")  # of boat BT-001, on berth A1
OTHER: Place = ("bookings", "BK-002")  # of boat BT-003
BOAT: Place = ("boats", "BT-001")


def _drawn(tool: str, **records: Place) -> Drawn:
    return Drawn(Tool(name=tool, description="", parameters={}), records, {}, frozenset())


def _thread(*steps: Drawn, about: Place | None = None) -> Thread:
    known = knowledge()
    thread = Thread(known.nouns, World(known.context.collections))
    if about is not None:
        thread.begin(*about)
    for each in steps:
        thread.note(each)
    return thread


def test_the_first_step_is_about_anything_where_nothing_was_said() -> None:
    assert _thread().fits(_drawn("cancel_booking", booking_id=BOOKING), closely=True)


def test_the_first_step_has_to_do_with_what_was_said() -> None:
    thread = _thread(about=BOAT)

    assert thread.fits(_drawn("cancel_booking", booking_id=BOOKING), closely=True)
    assert not thread.fits(_drawn("cancel_booking", booking_id=OTHER), closely=False)


def test_a_step_goes_on_with_the_record_of_an_earlier_one() -> None:
    thread = _thread(_drawn("cancel_booking", booking_id=BOOKING))

    assert thread.fits(
        _drawn("move_booking", booking_id=BOOKING, berth_id=("berths", "A2")), closely=True
    )
    assert not thread.fits(_drawn("move_booking", booking_id=OTHER), closely=True)


def test_another_record_of_a_kind_is_spoken_of_only_with_the_like_of_an_earlier_step() -> None:
    like = _drawn("move_booking", booking_id=OTHER, berth_id=("berths", "A1"))
    thread = _thread(_drawn("move_booking", booking_id=BOOKING, berth_id=("berths", "A1")))
    other = _thread(_drawn("cancel_booking", booking_id=BOOKING))

    assert thread.fits(like, closely=False)
    assert not thread.fits(like, closely=True)
    assert not other.fits(like, closely=False)


def test_no_step_leaves_what_the_message_is_about() -> None:
    thread = _thread(_drawn("cancel_booking", booking_id=BOOKING), about=BOAT)

    berth = _drawn("set_berth_status", berth_id=("berths", "A1"))  # of the booking, no boat's
    assert not thread.fits(berth, closely=False)


def test_a_change_of_the_person_does_not_go_with_changes_of_what_belongs_to_them() -> None:
    thread = _thread(_drawn("rename_boat", boat_id=BOAT), about=BOAT)

    assert thread.fits(_drawn("measure_boat", boat_id=BOAT), closely=False)
    assert not thread.fits(_drawn("cancel_booking", booking_id=BOOKING), closely=False)


def test_whoever_acts_is_the_same_in_all_steps_and_nobody_that_it_is_about() -> None:
    step = _drawn("cancel_booking", booking_id=BOOKING, requester_id=BOAT)
    thread = _thread(step)

    assert main_records(step) == [BOOKING]
    assert thread.fits(_drawn("move_booking", booking_id=BOOKING, requester_id=BOAT), closely=True)
    other = _drawn("move_booking", booking_id=BOOKING, requester_id=("boats", "BT-002"))
    assert not thread.fits(other, closely=False)
