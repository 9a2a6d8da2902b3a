"""Somebody belongs to one unit at a time; who does not find theirs asks, and an officer above answers once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.models import AuditEntry
from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.people.models import Person, system_actor
from sangkien.units.actions import (
    MAX_NOTE,
    AlreadySettled,
    join_unit,
    refuse_request,
    request_unit,
    settle_request,
    withdraw_request,
)
from sangkien.units.models import Membership, Role, Unit, UnitKind, UnitRequest
from sangkien.units.queries import last_request, search_units, unit_of, waiting_requests
from tests.factories import World, grant, join, make_person, make_unit, make_world

DAY = timedelta(days=1)
State = UnitRequest.State


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def worker(world: World) -> Person:
    return make_person("worker")


@pytest.fixture
def officer(world: World) -> Person:
    person = make_person("canbo")
    grant(person, world.districts[0])
    return person


def ask(person: Person, above: Unit, name: str = "CĐCS Công ty May Thăng Long", note: str = "") -> UnitRequest:
    return request_unit(actor=person, above=above, name=name, note=note)


def today() -> object:
    return clock.day_of(clock.now())


def history(person: Person) -> list[tuple[str, object, object]]:
    rows = Membership.objects.filter(person=person).order_by("since", "pk")
    return [(row.unit.code, row.since, row.until) for row in rows.select_related("unit")]


# --- joining ------------------------------------------------------------------------------------------------------


def test_joining_closes_the_former_membership_on_the_same_day(world: World, worker: Person) -> None:
    former = join(worker, world.grassroots[0])
    join_unit(actor=worker, unit=world.grassroots[1])
    assert history(worker) == [
        ("HNI-001-0001", former.since, today()),
        ("THA-001-0001", today(), None),
    ]
    assert unit_of(worker) == world.grassroots[1]


def test_joining_twice_on_one_day_keeps_the_last_choice_alone(world: World, worker: Person) -> None:
    for unit in (*world.grassroots, world.unions[0]):
        join_unit(actor=worker, unit=unit)
    assert history(worker) == [("HNI", today(), None)]


def test_joining_the_same_unit_again_changes_nothing(world: World, worker: Person) -> None:
    former = join(worker, world.grassroots[0])
    assert join_unit(actor=worker, unit=world.grassroots[0]) == former
    assert not AuditEntry.objects.exists()


def test_joining_is_in_the_record_of_the_unit(world: World, worker: Person) -> None:
    join_unit(actor=worker, unit=world.grassroots[0])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject) == ("join_unit", worker, "HNI-001-0001")
    assert entry.unit_path == world.grassroots[0].path


def test_a_closed_unit_cannot_be_joined(world: World, worker: Person) -> None:
    closed = make_unit("CLO", world.top, closed_on=clock.day_of(clock.now()))
    with pytest.raises(InvalidInput) as refusal:
        join_unit(actor=worker, unit=closed)
    assert refusal.value.field == "unit"
    assert unit_of(worker) is None


def test_one_belongs_somewhere_since_a_day_that_has_come_and_after_what_was_before(
    world: World, worker: Person
) -> None:
    now = clock.day_of(clock.now())
    join_unit(actor=worker, unit=world.grassroots[0], since=now - 10 * DAY)
    join_unit(actor=worker, unit=world.grassroots[1], since=now - 5 * DAY)
    for impossible in (now + DAY, now - 6 * DAY, now - 20 * DAY):
        with pytest.raises(InvalidInput) as refusal:
            join_unit(actor=worker, unit=world.grassroots[2], since=impossible)
        assert refusal.value.code == "impossible_day"
    assert [code for code, _since, _until in history(worker)] == ["HNI-001-0001", "THA-001-0001"]


@pytest.mark.parametrize("nobody", ["system", "closed"])
def test_only_people_with_an_open_account_belong_somewhere(world: World, nobody: str) -> None:
    actor = system_actor("tests") if nobody == "system" else make_person(is_active=False)
    for act in (
        lambda: join_unit(actor=actor, unit=world.grassroots[0]),
        lambda: ask(actor, world.districts[0]),
        lambda: withdraw_request(actor=actor),
    ):
        with pytest.raises(NotAllowed):
            act()


# --- asking -------------------------------------------------------------------------------------------------------


def test_a_request_is_recorded_and_people_are_told(world: World, worker: Person) -> None:
    request = ask(worker, world.districts[0], name="  CĐCS  Công ty May Thăng Long ", note="Số 5 phố Huế\n")
    assert (request.name, request.note, request.state) == ("CĐCS Công ty May Thăng Long", "Số 5 phố Huế", "waiting")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_kind, entry.subject) == ("request_unit", "unit_request", str(request.pk))
    assert (entry.unit_path, entry.at, entry.details) == (world.districts[0].path, request.made_at, {})
    told = OutboxEntry.objects.values_list("consumer", "at", "subject", "number")
    assert list(told) == [(consumer, entry.at, entry.pk, 0) for consumer in outbox.RECORD_CONSUMERS]
    assert last_request(worker) == request


def test_one_request_waits_at_a_time(world: World, worker: Person) -> None:
    ask(worker, world.districts[0])
    with pytest.raises(Conflict) as refusal:
        ask(worker, world.districts[1])
    assert refusal.value.code == "waiting"
    assert withdraw_request(actor=worker) == 1
    assert withdraw_request(actor=worker) == 0
    again = ask(worker, world.districts[1])
    assert [r.state for r in UnitRequest.objects.order_by("pk")] == [State.WITHDRAWN, State.WAITING]
    assert last_request(worker) == again


def test_who_finds_their_unit_meanwhile_waits_no_longer(world: World, worker: Person, officer: Person) -> None:
    request = ask(worker, world.districts[0])
    join_unit(actor=worker, unit=world.grassroots[1])
    assert waiting_requests(officer, clock.now()) == []
    with pytest.raises(AlreadySettled) as refusal:
        settle_request(actor=officer, request_id=request.pk, new_name="CĐCS Mới")
    assert refusal.value.request.state == State.WITHDRAWN
    assert unit_of(worker) == world.grassroots[1]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": " "}, "name", "no_name"),
        ({"name": "!"}, "name", "no_name"),
        ({"name": "x" * 201}, "name", "too_long"),
        ({"note": "x" * (MAX_NOTE + 1)}, "note", "too_long"),
        ({"name": "cong ty HNI-001"}, "name", "unit_exists"),
    ],
)
def test_a_request_that_cannot_be_is_refused_at_its_field(
    world: World, worker: Person, changes: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(worker, world.districts[0], **changes)
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not UnitRequest.objects.exists()


def test_a_grassroots_union_or_a_closed_one_stands_above_nothing(world: World, worker: Person) -> None:
    closed = make_unit("CLO", world.top, closed_on=clock.day_of(clock.now()))
    for above in (world.grassroots[0], closed):
        with pytest.raises(InvalidInput) as refusal:
            ask(worker, above)
        assert refusal.value.field == "above"


# --- settling -----------------------------------------------------------------------------------------------------


def test_settled_with_a_unit_that_there_is(world: World, worker: Person, officer: Person) -> None:
    request = ask(worker, world.districts[0])
    done = settle_request(actor=officer, request_id=request.pk, unit=world.grassroots[0], answer="Đã có")
    assert (done.state, done.unit, done.settled_by, done.answer) == (
        State.SETTLED,
        world.grassroots[0],
        officer,
        "Đã có",
    )
    assert unit_of(worker) == world.grassroots[0]
    entry = AuditEntry.objects.get(action="settle_unit_request")
    assert (entry.actor, entry.subject, entry.details) == (
        officer,
        str(request.pk),
        {"unit": "HNI-001-0001", "is_new": False},
    )
    assert OutboxEntry.objects.filter(subject=entry.pk, consumer__in=outbox.RECORD_CONSUMERS).count() == 1


def test_settled_with_a_new_unit_below_the_one_above(world: World, worker: Person, officer: Person) -> None:
    make_unit("HNI-001-0041", world.districts[0])
    make_unit("HNI-001-X", world.districts[0])
    request = ask(worker, world.districts[0])
    unit = settle_request(actor=officer, request_id=request.pk, new_name="CĐCS Công ty May 10").unit
    assert unit is not None
    assert (unit.code, unit.kind, unit.name_vi) == ("HNI-001-0042", UnitKind.GRASSROOTS_UNION, "CĐCS Công ty May 10")
    assert (unit.parent, unit.path) == (world.districts[0], [*world.districts[0].path, unit.pk])
    assert (unit.opened_on, unit.closed_on) == (today(), None)
    assert search_units("cong ty may 10") == [unit] == search_units("hni-001-0042")
    assert unit_of(worker) == unit
    assert AuditEntry.objects.get(action="create_unit").unit_path == unit.path


@pytest.mark.parametrize(
    "name", ["CĐCS Công ty May 10", "Công ty May 10", "cdcs cong ty may 10", "Công đoàn Công ty May 10"]
)
def test_a_unit_of_the_same_name_below_the_same_one_is_not_opened_twice(
    world: World, worker: Person, officer: Person, name: str
) -> None:
    there = make_unit("HNI-001-0007", world.districts[0], name_vi="CĐCS Công ty May 10")
    request = ask(worker, world.districts[0])
    with pytest.raises(InvalidInput) as refusal:
        settle_request(actor=officer, request_id=request.pk, new_name=name)
    assert (refusal.value.field, refusal.value.code) == ("new_name", "unit_exists")
    assert there.code in str(refusal.value)
    assert there.name_vi in str(refusal.value)
    assert UnitRequest.objects.get().state == State.WAITING


def test_diacritics_and_places_tell_units_apart(world: World, worker: Person, officer: Person) -> None:
    make_unit("HNI-001-0007", world.districts[0], name_vi="CĐCS Trường Hoà An")
    make_unit("THA-001-0007", world.districts[1], name_vi="CĐCS Trường Hoa Ân")
    request = ask(worker, world.districts[0])
    with pytest.raises(InvalidInput):  # the tone stands elsewhere, the word is the same
        settle_request(actor=officer, request_id=request.pk, new_name="CĐCS Trường Hòa An")
    unit = settle_request(actor=officer, request_id=request.pk, new_name="CĐCS Trường Hoa Ân").unit
    assert unit is not None
    assert unit.code == "HNI-001-0008"


@pytest.mark.parametrize("given", ["nothing", "both"])
def test_an_officer_gives_one_unit(world: World, worker: Person, officer: Person, given: str) -> None:
    request = ask(worker, world.districts[0])
    unit, name = (world.grassroots[0], "CĐCS Mới") if given == "both" else (None, "  ")
    with pytest.raises(InvalidInput) as refusal:
        settle_request(actor=officer, request_id=request.pk, unit=unit, new_name=name)
    assert refusal.value.code == "unit_needed"


def test_refused_in_writing(world: World, worker: Person, officer: Person) -> None:
    request = ask(worker, world.districts[0])
    with pytest.raises(InvalidInput) as refusal:
        refuse_request(actor=officer, request_id=request.pk, answer=" ")
    assert refusal.value.field == "answer"
    done = refuse_request(actor=officer, request_id=request.pk, answer="Công ty này thuộc quận khác")
    assert (done.state, done.unit, done.answer) == (State.REFUSED, None, "Công ty này thuộc quận khác")
    assert unit_of(worker) is None
    assert AuditEntry.objects.get(action="refuse_unit_request").actor == officer
    assert ask(worker, world.districts[1]).state == State.WAITING


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["settle", "refuse"])
@pytest.mark.parametrize(
    ("where", "role", "allowed"),
    [
        ("at", Role.VERIFIER, True),
        ("at", Role.UNIT_ADMINISTRATOR, True),
        ("above", Role.VERIFIER, True),
        ("top", Role.UNIT_ADMINISTRATOR, True),
        ("at", Role.VIEWER, False),
        ("top", Role.VIEWER, False),
        ("below", Role.VERIFIER, False),
        ("beside", Role.VERIFIER, False),
        ("beside", Role.UNIT_ADMINISTRATOR, False),
    ],
)
def test_who_may_answer(world: World, worker: Person, act: str, where: str, role: Role, allowed: bool) -> None:
    units = {
        "at": world.districts[0],
        "above": world.unions[0],
        "top": world.top,
        "below": world.grassroots[0],
        "beside": world.districts[1],
    }
    person = make_person("someone")
    grant(person, units[where], role)
    request = ask(worker, world.districts[0])
    assert (waiting_requests(person, clock.now()) == [request]) == allowed

    def answer() -> UnitRequest:
        if act == "settle":
            return settle_request(actor=person, request_id=request.pk, unit=world.grassroots[0])
        return refuse_request(actor=person, request_id=request.pk, answer="Không có")

    if allowed:
        assert answer().state in (State.SETTLED, State.REFUSED)
    else:
        with pytest.raises(NotFound):
            answer()
        assert UnitRequest.objects.get().state == State.WAITING


def test_nobody_answers_their_own_request(world: World, officer: Person) -> None:
    request = ask(officer, world.districts[0])
    assert waiting_requests(officer, clock.now()) == []
    with pytest.raises(NotAllowed):
        settle_request(actor=officer, request_id=request.pk, unit=world.grassroots[0])


def test_a_request_that_there_is_not_is_not_found(officer: Person) -> None:
    with pytest.raises(NotFound):
        settle_request(actor=officer, request_id=999, new_name="CĐCS Mới")


def test_the_oldest_request_comes_first_in_as_many_queries_for_three_as_for_one(world: World, officer: Person) -> None:
    counts = []
    asked = []
    for _n in range(3):
        asked.append(ask(make_person(), world.districts[0]))
        with CaptureQueriesContext(connection) as captured:
            found = waiting_requests(officer, clock.now())
            assert [(r.person.full_name, r.above.code) for r in found]
        counts.append(len(captured))
        assert found == asked
    assert len(set(counts)) == 1
    assert waiting_requests(officer, clock.now(), limit=2) == asked[:2]


# --- two at once --------------------------------------------------------------------------------------------------


def both(*acts: Callable[[], object]) -> list[object]:
    """What acts that are begun at the same time return or raise."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_the_second_is_told_what_the_first_did(transactional_db: None) -> None:
    world = make_world()
    worker, one, two = make_person(), make_person("one"), make_person("two")
    for person in (one, two):
        grant(person, world.districts[0])
    request = ask(worker, world.districts[0])
    results = both(
        lambda: settle_request(actor=one, request_id=request.pk, unit=world.grassroots[0]),
        lambda: refuse_request(actor=two, request_id=request.pk, answer="Không có"),
    )
    late = [result for result in results if isinstance(result, AlreadySettled)]
    done = [result for result in results if isinstance(result, UnitRequest)]
    assert (len(late), len(done)) == (1, 1), results
    assert (late[0].request.state, late[0].request.settled_by) == (done[0].state, done[0].settled_by)
    assert OutboxEntry.objects.filter(consumer="notices-record").count() == 2  # asked, answered once


@pytest.mark.django_db(transaction=True)
def test_two_new_units_below_one_have_two_codes_and_two_of_one_name_are_one(transactional_db: None) -> None:
    world = make_world()
    officer = make_person()
    grant(officer, world.districts[0])
    asked = [ask(make_person(), world.districts[0]) for _ in range(4)]
    names = ["CĐCS Công ty A", "CĐCS Công ty B", "CĐCS Công ty C", "CĐCS Công ty C"]
    results = both(
        *(
            lambda r=r, name=name: settle_request(actor=officer, request_id=r.pk, new_name=name)
            for r, name in zip(asked, names, strict=True)
        )
    )
    codes = sorted(r.unit.code for r in results if isinstance(r, UnitRequest) and r.unit)
    assert codes == ["HNI-001-0002", "HNI-001-0003", "HNI-001-0004"]
    assert [r.code for r in results if isinstance(r, InvalidInput)] == ["unit_exists"]


@pytest.mark.django_db(transaction=True)
def test_two_joins_at_once_leave_one_membership(transactional_db: None) -> None:
    world = make_world()
    worker = make_person()
    results = both(*(lambda unit=unit: join_unit(actor=worker, unit=unit) for unit in world.grassroots))
    assert all(isinstance(result, Membership) for result in results)
    assert Membership.objects.filter(person=worker).count() == 1
