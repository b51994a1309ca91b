"""What a person would let depend on what."""

from envscaler.environment.state.collections import Scalar
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.intentions.drafts import tells_by_what_changes
from envscaler.scen_generator.solution_first.intentions.intention import (
    Condition,
    Extreme,
    Group,
    Limit,
    Only,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sense import (
    depends,
    differs_sensibly,
    fits_many,
    instead,
    is_wanted_of,
    stands_in,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place

TASK: Place = ("tasks", "TA-1")
ROOM: Place = ("rooms", "RO-1")
OTHER: Place = ("rooms", "RO-2")
GUEST: Place = ("guests", "GU-1")


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _if(field: str, value: Scalar, test: str = "is") -> Condition:
    return Condition(Told("tasks", "TA-1"), field, test, value)


def test_a_change_hangs_on_the_status_of_its_own_record() -> None:
    delete = _drawn("delete_task", task_id=TASK)

    assert depends(_if("status", "blocked"), TASK, delete)
    assert not depends(_if("status", "blocked"), ROOM, delete)
    assert not depends(_if("color", "blue"), TASK, delete)


def test_a_name_is_no_status() -> None:
    assert not depends(_if("state", "Ohio"), TASK, _drawn("delete_task", task_id=TASK))


def test_nothing_is_set_to_what_it_is_already() -> None:
    block = _drawn("set_task_status", {"new_status": "blocked"}, task_id=TASK)

    assert not depends(_if("status", "blocked"), TASK, block)
    assert depends(_if("status", "pending"), TASK, block)


def test_on_an_amount_hangs_only_what_has_to_do_with_it() -> None:
    asked: list[tuple[str, str, dict[str, Scalar]]] = [
        ("total", "approve_order", {}),
        ("total", "complete_order", {}),
        ("salary", "deactivate_employee", {}),
        ("total", "set_order_note", {"note": "Call first."}),
        ("reputation", "submit_review", {"rating": 5}),
        ("stock", "create_order", {"quantity": 2}),
    ]

    fitting = [
        field
        for field, tool, values in asked
        if depends(_if(field, 10, "over"), TASK, _drawn(tool, values, task_id=TASK))
    ]

    assert fitting == ["total", "stock"]


def test_another_room_is_booked_where_one_is_not_free_and_for_nobody_else() -> None:
    book = _drawn("create_booking", {"nights": 3}, room_id=ROOM, guest_id=GUEST)
    elsewhere = _drawn("create_booking", {"nights": 3}, room_id=OTHER, guest_id=GUEST)
    for_another = _drawn("create_booking", {"nights": 3}, room_id=ROOM, guest_id=("guests", "GU-2"))
    free = _if("status", "available")

    assert differs_sensibly(free, ROOM, book, elsewhere)
    assert stands_in(book, elsewhere)
    assert not differs_sensibly(free, ROOM, book, for_another)
    assert not stands_in(book, for_another)


def test_two_ends_of_a_record_may_stand_for_each_other() -> None:
    delete, archive = _drawn("delete_task", task_id=TASK), _drawn("archive_task", task_id=TASK)

    assert stands_in(delete, archive)
    assert not stands_in(delete, _drawn("archive_task", task_id=("tasks", "TA-2")))
    assert not stands_in(delete, _drawn("assign_task", task_id=TASK))


def test_nobody_writes_one_text_or_one_amount_for_many() -> None:
    assert fits_many(_drawn("set_task_status", {"status": "open"}, task_id=TASK))
    assert fits_many(_drawn("set_due_date", {"due_date": "2025-03-01"}, task_id=TASK))
    assert not fits_many(_drawn("set_taken_at", {"taken_at": "2025-03-01"}, task_id=TASK))
    assert not fits_many(_drawn("set_note", {"note": "Call first."}, task_id=TASK))
    assert not fits_many(_drawn("set_calories", {"calories": 600}, task_id=TASK))


def test_instead_of_a_record_each_other_one_is_tried() -> None:
    book = _drawn("create_booking", room_id=ROOM, guest_id=GUEST)

    found = [*instead(book, {"rooms": ["RO-1", "RO-2"]})]

    assert [each.records for each in found] == [{"room_id": OTHER, "guest_id": GUEST}]


def test_what_is_as_it_should_be_stays_unless_it_belongs_to_somebody() -> None:
    active = Group("tasks", field="status", value="active")
    delete = _drawn("delete_task", task_id=TASK)

    assert not is_wanted_of(active, delete, is_human=False)
    assert is_wanted_of(Group("tasks", field="status", value="failed"), delete, is_human=False)
    owned = Group("tasks", "room_id", Told("rooms", "RO-1"), "status", "active")
    assert is_wanted_of(owned, delete, is_human=False)


def test_people_are_told_by_whose_they_are_or_by_what_they_wait_for() -> None:
    staff = Group("staff", "room_id", Told("rooms", "RO-1"))

    assert not is_wanted_of(staff, _drawn("remove_staff", staff_id=TASK), is_human=True)
    assert is_wanted_of(staff, _drawn("move_staff", staff_id=TASK), is_human=True)
    activate = _drawn("activate_user", user_id=("users", "US-1"))
    assert is_wanted_of(Group("users", None, None, "status", "pending"), activate, is_human=True)
    assert not is_wanted_of(Group("users", None, None, "role", "guest"), activate, is_human=True)


def test_what_is_told_by_chance_or_by_what_changes_is_no_group() -> None:
    move = _drawn("move_task", task_id=TASK)
    sort = _drawn("set_task_type", {"type": "minor"}, task_id=TASK)
    in_town = Group("rooms", field="city", value="Tampa")
    major = Group("tasks", field="type", value="major")

    assert is_wanted_of(major, move, is_human=False)
    assert not is_wanted_of(major, sort, is_human=False)
    assert not is_wanted_of(in_town, move, is_human=False)
    assert not is_wanted_of(Group("tasks", "room_id", in_town), move, is_human=False)
    assert not is_wanted_of(Group("tasks", None, None, "priority", "low"), move, is_human=False)


def test_what_only_stands_alike_is_not_put_into_one_thing() -> None:
    blocked = Group("tasks", field="status", value="blocked")
    of_room = Group("tasks", "room_id", Told("rooms", "RO-1"), "status", "blocked")
    into = _drawn("add_task_to_project", project_id=("projects", "PR-1"), task_id=TASK)

    assert not is_wanted_of(blocked, into, is_human=False)
    assert is_wanted_of(of_room, into, is_human=False)
    handed = _drawn("assign_task", task_id=TASK, user_id=("users", "US-1"))
    assert is_wanted_of(blocked, handed, is_human=False)


def test_a_condition_decides_about_how_things_stand_or_there_is_none() -> None:
    move = _drawn("update_location", task_id=TASK, site_id=ROOM)

    assert not depends(_if("status", "pending"), TASK, move)
    assert not depends(_if("severity", "severe"), TASK, _drawn("resolve_task", task_id=TASK))
    assert depends(_if("status", "pending"), TASK, _drawn("cancel_task", task_id=TASK))


def test_what_ends_soon_is_changed_rather_than_done_away_with() -> None:
    soon = Group("tasks", limit=Limit("due", is_over=False, value="2025-02-01"))
    later = _drawn("set_due", {"due": "2025-03-01"}, task_id=TASK)

    assert is_wanted_of(soon, later, is_human=False)
    assert not is_wanted_of(soon, _drawn("delete_task", task_id=TASK), is_human=False)


def test_nothing_is_told_by_what_it_is_given() -> None:
    moved = _drawn("set_due_date", {"new_due_date": "2025-03-01"}, task_id=TASK)
    blocked = _drawn("set_task_status", {"status": "blocked"}, task_id=TASK)

    assert tells_by_what_changes(moved, [Extreme(Group("tasks"), "due_date", most=True)])
    assert not tells_by_what_changes(moved, [Extreme(Group("tasks"), "created", most=True)])
    assert not tells_by_what_changes(blocked, [Only(Group("tasks", field="status", value="open"))])


def test_nothing_is_put_into_another_thing_on_a_condition() -> None:
    put = _drawn("add_task_to_project", task_id=TASK, project_id=("projects", "PR-1"))
    assert not depends(_if("status", "pending"), TASK, put)
    assert depends(_if("status", "blocked"), TASK, _drawn("delete_task", task_id=TASK))
