"""What is told of appeals, second looks, roles, targets and reorganisations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from sangkien.core import clock
from sangkien.core.models import OutboxAside
from sangkien.initiatives import actions
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Appeal, Initiative
from sangkien.initiatives.queries import get_by_number
from sangkien.initiatives.rules import appealable_until, finding_of
from sangkien.initiatives.states import ReasonCode
from sangkien.notices.appealing import appeals_close
from sangkien.notices.consumer import take_all
from sangkien.notices.models import Kind, Notice
from sangkien.notices.telling import told
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.actions import set_target
from sangkien.programmes.models import Basis, VerificationTerms
from sangkien.programmes.verification import appeal_closes, verification_terms
from sangkien.units.actions import end_grant, grant_role, move_unit
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_person, make_unit
from tests.notices.people import authors_of

pytestmark = pytest.mark.django_db(transaction=True)


def officer_of(unit: Unit, role: Role = Role.VERIFIER) -> Person:
    person = make_person()
    grant(person, unit, role)
    return person


def hearers(kind: Kind) -> set[Person]:
    """Take what has happened, and say who was told this of it."""
    take_all()
    assert not OutboxAside.objects.exists()
    return {notice.person for notice in Notice.objects.filter(kind=kind).select_related("person")}


def words(person: Person, kind: Kind) -> tuple[str, str, str, str, str]:
    """What the last notice of this kind says to a person, in English."""
    with override("en"):
        (one,) = told(person, list(Notice.objects.filter(person=person, kind=kind).order_by("-pk")[:1]))
    return one.heading, one.next_step, one.about, one.note, one.path


def appealed(world: World, first: Person) -> Appeal:
    number = world.submit().pk
    actions.mark_invalid(actor=first, initiative_id=number, reason=ReasonCode.DUPLICATE, note="Trùng.")
    return actions.appeal(actor=world.member, initiative_id=number, note="Không trùng.")


def test_an_appeal_is_told_to_the_nearest_officers_of_the_level_asked(world: World) -> None:
    first, level = officer_of(world.districts[0]), officer_of(world.unions[0])
    officer_of(world.unions[0], Role.VIEWER)
    made = appealed(world, first)
    assert hearers(Kind.APPEAL_MADE) == {level}
    assert words(level, Kind.APPEAL_MADE)[-1] == f"/ban-lam-viec/xem-lai/khieu-nai/{made.pk}/"


def test_an_appeal_against_the_top_is_not_told_to_who_decided(world: World) -> None:
    other = officer_of(world.top)
    appealed(world, world.officer)
    assert hearers(Kind.APPEAL_MADE) == {other}


def test_an_appeal_that_was_taken_back_before_anybody_heard_of_it_is_told_to_nobody(world: World) -> None:
    made = appealed(world, officer_of(world.districts[0]))
    actions.withdraw_appeal(actor=world.member, appeal_id=made.pk)
    assert hearers(Kind.APPEAL_MADE) == set()


@pytest.mark.parametrize("allow", [True, False])
def test_who_appealed_reads_the_answer_and_who_decided_first_hears_if_it_was_changed(world: World, allow: bool) -> None:
    first = officer_of(world.districts[0])
    made = appealed(world, first)
    actions.decide_appeal(actor=world.officer, appeal_id=made.pk, allow=allow, answer="Đã xem lại hồ sơ.")
    assert hearers(Kind.APPEAL_DECIDED) == {world.member}
    heading, next_step, _about, note, path = words(world.member, Kind.APPEAL_DECIDED)
    assert (heading, note) == (f"Your appeal was {'allowed' if allow else 'dismissed'}", "Đã xem lại hồ sơ.")
    assert path.startswith("/sang-kien/SK-")
    assert hearers(Kind.OVERTURNED) == ({first} if allow else set())
    if not allow:
        assert "That is final" in next_step


def test_an_appeal_that_was_allowed_is_told_once_to_who_made_it_and_as_valid_to_the_others(world: World) -> None:
    first, author = officer_of(world.districts[0]), make_person()
    number = world.submit(authors=authors_of(author)).pk
    actions.mark_invalid(actor=first, initiative_id=number, reason=ReasonCode.DUPLICATE, note="Trùng.")
    made = actions.appeal(actor=world.member, initiative_id=number, note="Không trùng.")
    actions.decide_appeal(actor=world.officer, appeal_id=made.pk, allow=True, answer="Đã xem lại hồ sơ.")
    assert hearers(Kind.APPEAL_DECIDED) == {world.member}
    assert hearers(Kind.VALIDATED) == {author}


def test_who_can_appeal_reads_until_when_and_who_cannot_does_not(world: World) -> None:
    author = make_person()
    one = world.submit(authors=authors_of(author))
    actions.mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng.")
    one = get_by_number(one.pk, world.member)
    finding = finding_of(one)
    assert finding is not None
    take_all()
    day = clock.format_date(clock.day_of_cutoff(appealable_until(one, finding)), "en")
    expected = f"If you do not agree, appeal on the page of the initiative: you can until the end of {day}."
    assert words(world.member, Kind.INVALIDATED)[1] == expected
    assert words(author, Kind.INVALIDATED)[1] == "The page of the initiative says what you can do."


def test_the_days_of_an_appeal_are_those_of_the_terms_when_it_was_found_invalid(world: World) -> None:
    now = clock.now()
    VerificationTerms.objects.create(
        programme=world.programme, appeal_days=5, effective_at=now - timedelta(days=9), recorded_by=world.officer
    )
    one = world.submit()
    moments = [now - timedelta(days=days) for days in (10, 9, 0)]
    found = appeals_close((one, moment) for moment in moments)
    terms = [verification_terms(world.programme, moment) for moment in moments]
    assert [term.appeal_days for term in terms[1:]] == [5, 5] != [terms[0].appeal_days] * 2
    assert found == {(one.pk, at): appeal_closes(term, at) for term, at in zip(terms, moments, strict=True)}


def test_a_decision_that_was_taken_back_is_marked_as_such(world: World) -> None:
    number = world.submit().pk
    actions.mark_invalid(actor=world.officer, initiative_id=number, reason=ReasonCode.DUPLICATE, note="Nhầm.")
    actions.undo_decision(actor=world.officer, initiative_id=number, expected_event=2)
    take_all()
    assert words(world.member, Kind.INVALIDATED)[1].startswith("This no longer holds")
    assert not words(world.member, Kind.REINSTATED)[1].startswith("This no longer holds")


@pytest.mark.parametrize("confirm", [True, False])
def test_who_found_it_valid_hears_only_if_that_was_overturned(world: World, confirm: bool) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    first = officer_of(world.districts[0])
    number = world.submit().pk
    actions.mark_valid(actor=first, initiative_id=number)
    reason = None if confirm else ReasonCode.DUPLICATE
    actions.decide_second_look(
        actor=world.officer, initiative_id=number, number=2, confirm=confirm, reason=reason, note="Trùng."
    )
    assert hearers(Kind.OVERTURNED) == (set() if confirm else {first})
    assert hearers(Kind.INVALIDATED) == (set() if confirm else {world.member})


def test_a_role_is_told_to_whoever_gets_it_and_loses_it(world: World) -> None:
    administrator, person = officer_of(world.unions[0], Role.UNIT_ADMINISTRATOR), make_person()
    given = grant_role(actor=administrator, person=person, unit=world.districts[0], role=Role.VERIFIER)
    assert hearers(Kind.ROLE_GRANTED) == {person}
    assert words(person, Kind.ROLE_GRANTED)[2] == "“Verifier, Federation HNI-001” (HNI-001)"
    end_grant(actor=administrator, grant_id=given.pk, reason="Chuyển công tác.")
    assert hearers(Kind.ROLE_ENDED) == {person}
    assert words(person, Kind.ROLE_ENDED)[3] == "Chuyển công tác."


def test_laying_down_ones_own_role_is_told_to_nobody(world: World) -> None:
    person = make_person()
    end_grant(actor=person, grant_id=grant(person, world.districts[0]).pk)
    assert hearers(Kind.ROLE_ENDED) == set()


def test_an_assigned_target_is_told_to_who_administers_that_very_unit(world: World) -> None:
    above, own = (officer_of(unit, Role.UNIT_ADMINISTRATOR) for unit in (world.unions[0], world.districts[0]))
    officer_of(world.districts[0])
    officer_of(world.grassroots[0], Role.UNIT_ADMINISTRATOR)
    common = {"programme": world.programme, "phase": None, "unit": world.districts[0]}
    set_target(actor=above, basis=Basis.ASSIGNED, value=1_200, **common)
    assert hearers(Kind.TARGET_SET) == {own}
    assert words(own, Kind.TARGET_SET)[2] == "“1,200, Federation HNI-001” (HNI-001)"
    set_target(actor=above, basis=Basis.REGISTERED, value=1_300, **common)
    assert Notice.objects.filter(kind=Kind.TARGET_SET).count() == 1
    take_all()
    assert Notice.objects.filter(kind=Kind.TARGET_SET).count() == 1


def test_a_reorganisation_is_told_to_the_officers_of_the_unit(world: World) -> None:
    actor, own = officer_of(world.top, Role.UNIT_ADMINISTRATOR), officer_of(world.districts[0])
    to = make_unit("HAI", world.top)
    move_unit(
        actor=actor, unit=world.districts[0], to=to, on=clock.day_of(clock.now()) - timedelta(days=1), reason="Sắp xếp."
    )
    assert hearers(Kind.REORGANISED) == {own}
    assert words(own, Kind.REORGANISED)[-1].startswith("/don-vi/")


def test_who_is_entered_as_the_principal_author_reads_that_they_can_object(world: World) -> None:
    first, second = make_person(), make_person()
    authors = [AuthorInput(p.full_name, Category.ENTERPRISE_WORKER, 50, person_id=p.pk) for p in (first, second)]
    world.submit(authors=authors)
    assert hearers(Kind.NAMED_AS_AUTHOR) == {first, second}
    assert words(first, Kind.NAMED_AS_AUTHOR)[0] == "An initiative has been entered for you"
    assert words(second, Kind.NAMED_AS_AUTHOR)[0] == "You are named as a co-author"


def test_three_appeals_cost_as_many_queries_as_one(world: World) -> None:
    first = officer_of(world.districts[0])
    officer_of(world.unions[0])
    counts = []
    for number in (1, 3):
        for _one in range(number):
            appealed(world, first)
        with CaptureQueriesContext(connection) as captured:
            take_all()
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Initiative.objects.count() == 4
