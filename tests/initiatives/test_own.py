"""What becomes of one's own: the list, who has it now, what was asked, sending it again with everything changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.initiatives import actions
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import AskedField, Author, EligibilityRecord, Event, EventPart, Initiative, Kind
from sangkien.initiatives.queries import Cursor, asked_of, mine, whereabouts, whereabouts_of
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.eligibility import as_record, evaluate, rules_in_force
from sangkien.programmes.models import Phase
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import moments, summary
from sangkien.tally.rebuild import verify
from sangkien.units.models import RoleGrant, Unit
from tests.factories import World, grant, make_person
from tests.initiatives.conftest import MakeIn
from tests.tally.simulation import Recount

# --- mine --------------------------------------------------------------------------------------------------------


def list_of(person: Person, limit: int = 20) -> list[Initiative]:
    found: list[Initiative] = []
    after: Cursor | None = None
    while True:
        page = mine(person, after=after, limit=limit)
        found += page.initiatives
        after = page.next
        if after is None:
            return found


def test_mine_is_what_one_entered_or_is_an_author_of_once_and_the_newest_first(world: World) -> None:
    person, other = make_person(), make_person()
    me = AuthorInput("Tôi", Category.UNION_OFFICER, 100, person_id=person.pk)
    entered = world.submit(actor=person)
    named = world.submit(actor=other, authors=[me])
    both = world.submit(actor=person, authors=[me])
    world.submit(actor=other)
    actions.withdraw(actor=person, initiative_id=entered.pk, note="Nhầm.")
    wanted = [both, named, entered]
    for limit in (1, 2, 3, 20):
        assert list_of(person, limit) == wanted
    person.is_active = False
    assert list_of(person) == []


def test_mine_asks_the_same_number_of_questions_however_much_there_is(world: World) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page = mine(world.member)
            found = whereabouts_of(page.initiatives)
            for one in page.initiatives:
                str(one.unit), str(one.field), [a.response for a in one.authors.all()], str(found[one.pk].unit)
        return len(asked)

    world.submit()
    few = questions()
    world.submit()
    last = world.submit(world.grassroots[2])
    actions.mark_valid(actor=world.officer, initiative_id=last.pk)
    assert questions() == few


def test_mine_goes_on_where_a_page_ended_also_among_equal_moments(world: World) -> None:
    for _time in range(5):
        world.submit()
    at = Initiative.objects.order_by("pk")[0].submitted_at
    with connection.cursor() as cursor:
        cursor.execute("UPDATE initiatives_initiative SET submitted_at = %s, created_at = %s", [at, at])
    numbers = [i.pk for i in list_of(world.member, 2)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 5


# --- who has it --------------------------------------------------------------------------------------------------


def unit_that_has(initiative: Initiative) -> Unit | None:
    return whereabouts(Initiative.objects.get(pk=initiative.pk)).unit


def test_it_is_with_the_nearest_unit_that_has_somebody_to_verify_it(world: World) -> None:
    initiative = world.submit()
    assert unit_that_has(initiative) == world.top
    for unit in (world.unions[0], world.districts[0], world.grassroots[0]):
        grant(make_person(), unit)
        assert unit_that_has(initiative) == unit
    grant(make_person(), world.grassroots[1])
    assert unit_that_has(initiative) == world.grassroots[0]


def test_who_cannot_decide_does_not_have_it(world: World) -> None:
    author, closed = make_person(), make_person(is_active=False)
    initiative = world.submit(
        authors=[AuthorInput("Lê Văn Ba", Category.UNION_OFFICER, 100, person_id=author.pk)],
    )
    unit = world.grassroots[0]
    for person in (world.member, author, closed):
        grant(person, unit)
    RoleGrant.objects.create(
        person=make_person(), unit=unit, role="verifier", granted_by=world.officer,
        since=clock.now() - timedelta(days=2), until=clock.now() - timedelta(days=1),
    )  # fmt: skip
    RoleGrant.objects.create(
        person=make_person(), unit=unit, role="viewer", granted_by=world.officer, since=clock.now() - timedelta(days=2)
    )
    assert unit_that_has(initiative) == world.top
    RoleGrant.objects.filter(unit=world.top).delete()
    found = whereabouts(initiative)
    assert (found.unit, found.with_whom) == (None, "officer")


@pytest.mark.parametrize(
    ("state", "with_whom"),
    [
        (State.SUBMITTED, "officer"),
        (State.RETURNED, "author"),
        (State.VALID, "nobody"),
        (State.INVALID, "nobody"),
        (State.WITHDRAWN, "nobody"),
    ],
)
def test_in_each_state_somebody_has_it_or_nobody_since_the_last_event(
    world: World, make_in: MakeIn, state: State, with_whom: str
) -> None:
    initiative = make_in(state)
    found = whereabouts(initiative)
    last = Event.objects.order_by("-number")[0]
    assert (found.with_whom, found.since) == (with_whom, last.at)
    assert found.unit == (world.top if state == State.SUBMITTED else None)


# --- what was asked ----------------------------------------------------------------------------------------------


def send_back(world: World, initiative: Initiative, **asked: str) -> Initiative:
    return actions.return_initiative(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu.", asked=asked
    )


def test_what_was_asked_of_single_fields_is_that_of_the_last_return(world: World) -> None:
    initiative = world.submit()
    assert asked_of(initiative) == {}
    send_back(world, initiative, solution="  Vẽ  sơ đồ\0. ", attachments="", authors="Ai là Ba?")
    assert asked_of(initiative) == {"solution": "Vẽ sơ đồ.", "attachments": "", "authors": "Ai là Ba?"}
    assert {row.number for row in AskedField.objects.all()} == {2}
    actions.resubmit(actor=world.member, initiative_id=initiative.pk)
    send_back(world, initiative, unit="Đơn vị nào?")
    assert asked_of(initiative) == {"unit": "Đơn vị nào?"}
    actions.resubmit(actor=world.member, initiative_id=initiative.pk)
    send_back(world, initiative)
    assert asked_of(initiative) == {}
    assert AskedField.objects.count() == 4, "what was asked before stays on the record"


@pytest.mark.parametrize(("asked", "code"), [({"state": "x"}, "unknown_field"), ({"title": "x" * 501}, "too_long")])
def test_nothing_else_can_be_asked(world: World, asked: dict[str, str], code: str) -> None:
    initiative = world.submit()
    with pytest.raises(InvalidInput) as refusal:
        send_back(world, initiative, **asked)
    assert refusal.value.code == code
    assert Initiative.objects.get().state == State.SUBMITTED


# --- what the rules said -----------------------------------------------------------------------------------------


def test_what_the_rules_said_is_stored_with_each_sending(world: World) -> None:
    initiative = world.submit(recognition_document="")
    send_back(world, initiative)
    actions.resubmit(
        actor=world.member, initiative_id=initiative.pk, content=world.content(recognition_document="12/QĐ-CT")
    )
    first, second = EligibilityRecord.objects.order_by("number")
    assert (first.number, second.number) == (1, 3)
    said = [{f["rule"]: f["outcome"] for f in record.findings} for record in (first, second)]
    assert [s["document_given"] for s in said] == ["warned", "passed"]
    assert {f["version"] for f in first.findings} == {1}
    at = Event.objects.get(number=1).at
    in_force = rules_in_force(world.programme, at)
    facts = actions.facts_of(world.content(), at)
    assert first.findings == as_record(evaluate(in_force, world.phase, facts))


def test_everything_that_the_rules_refuse_is_said_together_with_all_else(world: World) -> None:
    tomorrow = clock.day_of(clock.now()) + timedelta(days=1)
    Phase.objects.update(closes_at=clock.now() - timedelta(seconds=1))
    unit = world.grassroots[0]
    unit.closed_on = tomorrow - timedelta(days=1)
    with pytest.raises(InvalidInput) as refusal:
        world.submit(
            unit, title="", recognised_by="", recognised_on=tomorrow, is_ip_protected=True, applied_on=tomorrow,
            authors=[AuthorInput("Ba", Category.UNION_OFFICER, 99)],
        )  # fmt: skip
    found = {(error.field, error.code) for error in refusal.value.errors}
    assert found == {
        ("title", "required"),
        ("recognised_by", "required"),
        ("authors", "shares_total_100"),
        ("unit", "unit_closed"),
        (None, "phase_closed"),
        ("recognised_on", "not_recognised_yet"),
        ("is_ip_protected", "ip_protected"),
        ("applied_on", "not_applied_yet"),
    }
    assert all(str(error) for error in refusal.value.errors)
    assert not Initiative.objects.exists()
    assert not EligibilityRecord.objects.exists()


# --- sending it again with everything changed --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # only what is committed is counted
def test_what_is_sent_again_with_everything_changed_counts_in_its_new_place_alone(world: World) -> None:
    initiative = world.submit(world.grassroots[0], benefit_claimed=10_000_000)
    returned_at = send_back(world, initiative).decided_at
    content = world.content(
        title="Tên mới", kind=Kind.RESEARCH_PROJECT, field=world.fields[1], benefit_claimed=25_000_000,
        conditions="Cần điện", applicable_scope="Toàn ngành", confidential_parts="Tỷ lệ pha", award="Bằng khen",
    )  # fmt: skip
    authors = [
        AuthorInput("Người Mới", Category.PARTY_STATE_BODY, 70, unit=world.grassroots[2], workplace="Tổ 1"),
        AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 30),
    ]
    actions.resubmit(
        actor=world.member, initiative_id=initiative.pk, content=content, authors=authors, unit=world.grassroots[1]
    )
    stored = Initiative.objects.get()
    assert (stored.state, stored.decided_at, stored.unit_id) == (State.SUBMITTED, None, world.grassroots[1].pk)
    assert (stored.unit_path, stored.category) == (world.grassroots[1].path, Category.PARTY_STATE_BODY)
    assert (stored.conditions, stored.applicable_scope) == ("Cần điện", "Toàn ngành")
    assert (stored.confidential_parts, stored.award) == ("Tỷ lệ pha", "Bằng khen")
    assert [(a.name, a.share, a.unit_id) for a in Author.objects.all()] == [
        ("Người Mới", 70, world.grassroots[2].pk),
        ("Trần Thị Hoa", 30, None),
    ]
    old, new = Event.objects.filter(kind=EventKind.RESUBMITTED).order_by("number")
    assert (old.part, new.part, old.at) == (EventPart.OLD, EventPart.NEW, new.at)
    assert EligibilityRecord.objects.order_by("-number")[0].number == new.number
    assert fold_all().events == 4
    assert verify().is_clean
    now, recount = moments(world.programme), Recount()
    for unit in (world.top, *world.unions, *world.grassroots):
        assert summary(world.programme, now, unit=unit).counts == recount.of(unit, now.as_of), unit.code
    assert summary(world.programme, now, unit=world.unions[0]).counts.submitted == 0
    assert summary(world.programme, now, unit=world.unions[1]).counts.benefit_claimed == 25_000_000
    before = moments(world.programme, returned_at)
    assert summary(world.programme, before, unit=world.unions[0]).counts.submitted == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["category", "unit"])
def test_what_moves_to_another_category_or_unit_is_an_event_in_two_parts(world: World, change: str) -> None:
    initiative = world.submit()
    send_back(world, initiative)
    category = Category.UNION_OFFICER if change == "category" else Category.ENTERPRISE_WORKER
    actions.resubmit(
        actor=world.member,
        initiative_id=initiative.pk,
        authors=[AuthorInput("Trần Thị Hoa", category, 100)],
        unit=world.grassroots[1] if change == "unit" else world.grassroots[0],
    )
    assert [e.part for e in Event.objects.order_by("number")[2:]] == [EventPart.OLD, EventPart.NEW]
    assert Author.objects.get().unit_id == Initiative.objects.get().unit_id
    assert fold_all().events == 4
    assert verify().is_clean


def test_what_stays_in_its_place_is_one_event_under_the_tree_of_its_first_day(world: World) -> None:
    initiative = world.submit()
    send_back(world, initiative)
    unit, path = world.grassroots[0], initiative.unit_path
    Unit.objects.filter(pk=unit.pk).update(parent=world.districts[1], path=[*world.districts[1].path, unit.pk])
    unit.refresh_from_db()
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, content=world.content(title="Mới"), unit=unit)
    assert Initiative.objects.get().unit_path == path
    assert [e.part for e in Event.objects.all()] == [EventPart.WHOLE] * 3


def test_it_is_not_sent_again_into_a_closed_unit_but_stays_in_one_that_closed_meanwhile(world: World) -> None:
    initiative = world.submit()
    send_back(world, initiative)
    today = clock.day_of(clock.now())
    Unit.objects.filter(pk__in=[u.pk for u in world.grassroots]).update(closed_on=today)
    for unit in world.grassroots:
        unit.refresh_from_db()
    with pytest.raises(InvalidInput) as refusal:
        actions.resubmit(actor=world.member, initiative_id=initiative.pk, unit=world.grassroots[1])
    assert (refusal.value.code, refusal.value.field) == ("unit_closed", "unit")
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, unit=world.grassroots[0])


@pytest.mark.parametrize("note", ["", " \n "])
def test_a_withdrawal_says_why(world: World, note: str) -> None:
    initiative = world.submit()
    with pytest.raises(InvalidInput) as refusal:
        actions.withdraw(actor=world.member, initiative_id=initiative.pk, note=note)
    assert (refusal.value.code, refusal.value.field) == ("note_required", "note")
    actions.withdraw(actor=world.member, initiative_id=initiative.pk, note="Đã gửi ở đơn vị khác.")
    assert Event.objects.order_by("-number")[0].note == "Đã gửi ở đơn vị khác."


def test_a_submission_takes_few_statements(world: World) -> None:
    two = [
        AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 60),
        AuthorInput("Lê Văn Ba", Category.ENTERPRISE_WORKER, 40),
    ]
    world.submit()
    with CaptureQueriesContext(connection) as asked:
        world.submit(authors=two, key=uuid4())
    statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 3, statements
