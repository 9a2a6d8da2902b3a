"""Appeals: who may, until when, who decides, and what changes and what never does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions, rules
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Appeal, Author, Event, Initiative, Response
from sangkien.initiatives.reviews import waiting_reviews
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.verification import appeal_closes, decision_due
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_person

WHY = "Đã có quyết định công nhận của hội đồng."


def officer_of(unit: Unit, role: Role = Role.VERIFIER) -> Person:
    person = make_person()
    grant(person, unit, role)
    return person


def found_invalid(world: World, by: Person | None = None) -> Initiative:
    """Submit an initiative and find it invalid, by the district's officer unless told otherwise."""
    officer = by or officer_of(world.districts[0])
    return actions.mark_invalid(
        actor=officer, initiative_id=world.submit().pk, reason=ReasonCode.NOT_RECOGNISED, note="Chưa công nhận."
    )


def appealed(world: World, by: Person | None = None) -> Appeal:
    return actions.appeal(actor=world.member, initiative_id=found_invalid(world, by).pk, note=WHY)


def decide(actor: Person, appeal: Appeal, *, allow: bool, benefit: int | None = None) -> Appeal:
    return actions.decide_appeal(
        actor=actor, appeal_id=appeal.pk, allow=allow, answer="Đã xem lại hồ sơ.", benefit_verified=benefit
    )


# --- making one --------------------------------------------------------------------------------------------------


def test_its_people_appeal_to_the_level_above_who_decided(world: World) -> None:
    made = appealed(world)
    assert (made.state, made.number, made.person, made.note) == (Appeal.State.WAITING, 2, world.member, WHY)
    assert (made.unit, made.unit_path) == (world.unions[0], world.unions[0].path)
    assert made.due_at == decision_due(VerificationTerms(), made.made_at)
    assert Initiative.objects.get().state == State.INVALID
    assert AuditEntry.objects.get(action="appeal").subject == str(made.pk)


def test_against_the_top_it_goes_to_another_officer_of_the_top(world: World) -> None:
    made = appealed(world, world.officer)
    assert made.unit == world.top
    assert not rules.may_decide_appeal(world.officer, made, clock.now())
    assert rules.may_decide_appeal(officer_of(world.top), made, clock.now())


def test_an_author_who_has_confirmed_appeals_and_one_who_is_only_named_does_not(world: World) -> None:
    author = make_person()
    named = AuthorInput("Lê Văn Ba", Category.UNION_OFFICER, 100, person_id=author.pk)
    number = world.submit(authors=[named]).pk
    actions.mark_invalid(actor=world.officer, initiative_id=number, reason=ReasonCode.DUPLICATE, note="Trùng.")
    with pytest.raises(NotAllowed):
        actions.appeal(actor=author, initiative_id=number, note=WHY)
    Author.objects.update(response=Response.CONFIRMED)
    assert rules.may_appeal(author, Initiative.objects.get(), clock.now())
    actions.appeal(actor=author, initiative_id=number, note=WHY)


def test_others_do_not_appeal(world: World) -> None:
    initiative = found_invalid(world)
    for person in (make_person(), world.officer):
        assert not rules.may_appeal(person, initiative, clock.now())
        with pytest.raises(NotAllowed):
            actions.appeal(actor=person, initiative_id=initiative.pk, note=WHY)


def test_it_says_why(world: World) -> None:
    initiative = found_invalid(world)
    with pytest.raises(InvalidInput) as refusal:
        actions.appeal(actor=world.member, initiative_id=initiative.pk, note="  ")
    assert refusal.value.field == "note"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VALID])
def test_only_what_was_found_invalid_is_appealed(world: World, state: State) -> None:
    initiative = world.submit()
    if state == State.VALID:
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)
    with pytest.raises(Conflict) as refusal:
        actions.appeal(actor=world.member, initiative_id=initiative.pk, note=WHY)
    assert refusal.value.code == "wrong_state"


def test_it_is_possible_to_the_end_of_the_last_day_by_the_terms_of_the_finding(world: World) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        appeal_days=3,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    initiative = found_invalid(world)
    VerificationTerms.objects.update(ended_at=clock.now())  # what changes later changes nothing for it
    finding = Event.objects.get(number=2)
    last = appeal_closes(VerificationTerms(appeal_days=3), finding.at)
    assert rules.appealable_until(initiative, finding) == last
    assert last == clock.end_of_day(clock.day_of(finding.at) + timedelta(days=3))
    assert rules.may_appeal(world.member, initiative, last - timedelta(microseconds=1))
    assert not rules.may_appeal(world.member, initiative, last)


def test_after_the_last_day_it_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    initiative = found_invalid(world)
    monkeypatch.setattr(rules, "appealable_until", lambda _initiative, finding: finding.at)
    with pytest.raises(Conflict) as refusal:
        actions.appeal(actor=world.member, initiative_id=initiative.pk, note=WHY)
    assert refusal.value.code == "appeal_too_late"


@pytest.mark.parametrize("ended", ["waiting", "taken back", "dismissed"])
def test_a_finding_is_appealed_once_however_that_ended(world: World, ended: str) -> None:
    made = appealed(world)
    if ended == "taken back":
        actions.withdraw_appeal(actor=world.member, appeal_id=made.pk)
    elif ended == "dismissed":
        decide(world.officer, made, allow=False)
    assert not rules.may_appeal(world.member, made.initiative, clock.now())
    with pytest.raises(Conflict) as refusal:
        actions.appeal(actor=world.member, initiative_id=made.initiative_id, note=WHY)
    assert refusal.value.code == "appealed_before"


def test_another_finding_can_be_appealed_again(world: World) -> None:
    made = appealed(world)
    actions.reinstate(actor=world.officer, initiative_id=made.initiative_id, note="Xem lại.")
    assert Appeal.objects.get().state == Appeal.State.LAPSED
    actions.mark_invalid(
        actor=world.officer, initiative_id=made.initiative_id, reason=ReasonCode.DUPLICATE, note="Trùng."
    )
    assert actions.appeal(actor=world.member, initiative_id=made.initiative_id, note=WHY).number == 4


def test_only_who_made_it_takes_it_back_while_it_waits(world: World) -> None:
    made = appealed(world)
    with pytest.raises(NotAllowed):
        actions.withdraw_appeal(actor=make_person(), appeal_id=made.pk)
    taken = actions.withdraw_appeal(actor=world.member, appeal_id=made.pk)
    assert (taken.state, taken.decided_by) == (Appeal.State.WITHDRAWN, world.member)
    for again in (
        lambda: actions.withdraw_appeal(actor=world.member, appeal_id=made.pk),
        lambda: decide(world.officer, made, allow=True),
    ):
        with pytest.raises(actions.DecidedMeanwhile):
            again()
    assert Initiative.objects.get().state == State.INVALID


# --- deciding ----------------------------------------------------------------------------------------------------


def test_who_decides_is_a_verifier_of_that_level_or_above_and_nobody_else(world: World) -> None:
    first = officer_of(world.grassroots[0])
    made = appealed(world, first)
    may = {"level": officer_of(world.districts[0]), "above": officer_of(world.unions[0]), "top": world.officer}
    may_not = {
        "first": first,
        "below": officer_of(world.grassroots[0]),
        "beside": officer_of(world.districts[1]),
        "viewer": officer_of(world.unions[0], Role.VIEWER),
        "administrator": officer_of(world.unions[0], Role.UNIT_ADMINISTRATOR),
        "author": world.member,
    }
    now = clock.now()
    assert {who: rules.may_decide_appeal(p, made, now) for who, p in may.items()} == dict.fromkeys(may, True)
    assert {who: rules.may_decide_appeal(p, made, now) for who, p in may_not.items()} == dict.fromkeys(may_not, False)
    for person in may_not.values():
        with pytest.raises(NotAllowed):
            decide(person, made, allow=True)
    assert Appeal.objects.get().state == Appeal.State.WAITING


def test_allowed_it_is_valid_by_a_new_event_with_the_benefit_that_was_verified(world: World) -> None:
    made = decide(world.officer, appealed(world), allow=True, benefit=7_000_000)
    initiative, event = Initiative.objects.get(), Event.objects.get(number=3)
    assert (made.state, made.decided_by, made.answer) == (Appeal.State.ALLOWED, world.officer, "Đã xem lại hồ sơ.")
    assert (initiative.state, initiative.benefit_verified, initiative.decided_at) == (State.VALID, 7_000_000, event.at)
    assert (event.invalid, event.valid, event.benefit_verified, event.actor) == (-1, 1, 7_000_000, world.officer)
    assert OutboxEntry.objects.filter(consumer="tally", subject=initiative.pk, number=3).exists()


def test_dismissed_it_stays_invalid_and_the_author_has_an_answer(world: World) -> None:
    made = decide(world.officer, appealed(world), allow=False)
    assert (made.state, made.answer) == (Appeal.State.DISMISSED, "Đã xem lại hồ sơ.")
    assert Initiative.objects.get().state == State.INVALID
    assert Event.objects.count() == 2
    assert AuditEntry.objects.get(action="decide_appeal").details["state"] == "dismissed"


@pytest.mark.parametrize("allow", [True, False])
def test_the_answer_is_in_writing(world: World, allow: bool) -> None:
    made = appealed(world)
    with pytest.raises(InvalidInput) as refusal:
        actions.decide_appeal(actor=world.officer, appeal_id=made.pk, allow=allow, answer=" ")
    assert refusal.value.field == "note"
    assert Appeal.objects.get().state == Appeal.State.WAITING


def test_what_its_principal_author_objects_to_is_not_allowed(world: World) -> None:
    made = appealed(world)
    Author.objects.update(person=make_person(), response=Response.DECLINED)
    with pytest.raises(Conflict) as refusal:
        decide(world.officer, made, allow=True)
    assert refusal.value.code == "author_objects"
    assert Appeal.objects.get().state == Appeal.State.WAITING


@pytest.mark.parametrize("allow", [True, False])
def test_the_second_of_two_who_decide_is_told(world: World, allow: bool) -> None:
    made = appealed(world)
    decide(world.officer, made, allow=allow)
    with pytest.raises(actions.DecidedMeanwhile):
        decide(officer_of(world.top), made, allow=not allow)
    assert Event.objects.count() == (3 if allow else 2)


@pytest.mark.parametrize("allow", [True, False])
def test_what_the_level_above_has_answered_the_level_below_does_not_change(world: World, allow: bool) -> None:
    first = officer_of(world.districts[0])
    made = appealed(world, first)
    decide(officer_of(world.unions[0]), made, allow=allow)
    change = partial(actions.mark_invalid, reason=ReasonCode.DUPLICATE) if allow else actions.reinstate
    with pytest.raises(NotAllowed):
        change(actor=first, initiative_id=made.initiative_id, note="Nhầm.")
    change(actor=world.officer, initiative_id=made.initiative_id, note="Nhầm.")


def test_without_an_appeal_what_was_found_invalid_does_not_become_valid(world: World) -> None:
    initiative = found_invalid(world)
    with pytest.raises(Conflict) as refusal:
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)
    assert refusal.value.code == "wrong_state"


def test_there_is_no_such_appeal(world: World) -> None:
    for act in (
        lambda: actions.withdraw_appeal(actor=world.member, appeal_id=10**9),
        lambda: actions.decide_appeal(actor=world.officer, appeal_id=10**9, allow=True, answer="Có."),
    ):
        with pytest.raises(NotFound):
            act()


# --- what waits --------------------------------------------------------------------------------------------------


def test_an_officer_finds_what_waits_for_them_due_first_and_nothing_else(world: World) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    first, above = officer_of(world.districts[0]), officer_of(world.unions[0])
    late = appealed(world, first)
    actions.mark_valid(actor=first, initiative_id=world.submit().pk)
    own = world.submit(actor=above).pk
    actions.mark_valid(actor=first, initiative_id=own)
    elsewhere = world.submit(world.grassroots[1]).pk
    actions.mark_valid(actor=officer_of(world.districts[1]), initiative_id=elsewhere)
    Appeal.objects.filter(pk=late.pk).update(due_at=clock.now() + timedelta(days=60))
    now = clock.now()
    assert [type(one).__name__ for one in waiting_reviews(above, now)] == ["SecondLook", "Appeal"]
    assert len(waiting_reviews(world.officer, now)) == 4
    assert len(waiting_reviews(world.officer, now, limit=3)) == 3
    assert waiting_reviews(first, now) == waiting_reviews(world.member, now) == []
