"""Taking back a decision at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sangkien.core.errors import Conflict, NotAllowed
from sangkien.initiatives import actions, rules
from sangkien.initiatives.models import Event, Initiative, SecondLook
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.verification import decision_due
from tests.factories import World, grant, make_person
from tests.initiatives.conftest import MakeIn

DECIDED = (State.RETURNED, State.VALID, State.INVALID)


@pytest.mark.parametrize("state", DECIDED)
def test_whoever_decided_takes_it_back_and_nothing_is_left_in_the_counts(
    world: World, make_in: MakeIn, state: State
) -> None:
    initiative = make_in(state)
    assert rules.may_undo(world.officer, initiative, Event.objects.latest("at").at)
    undone = actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)
    assert undone.state == Initiative.objects.get().state == State.SUBMITTED
    assert (undone.benefit_verified, undone.decided_at) == (None, None)
    events = list(Event.objects.order_by("number"))
    assert [e.kind for e in events][2:] == [EventKind.REINSTATED]
    for figure in ("valid", "invalid", "returned", "benefit_verified"):
        assert sum(getattr(e, figure) for e in events) == 0, figure


@pytest.mark.parametrize("state", DECIDED)
def test_undoing_gives_nobody_more_time(world: World, make_in: MakeIn, state: State) -> None:
    """It is due as when it began to wait, by the terms of that moment."""
    initiative = make_in(state)
    due = decision_due(VerificationTerms(), Event.objects.get(number=1).at)
    VerificationTerms.objects.create(
        programme=world.programme,
        due_days=99,
        effective_at=Event.objects.get(number=2).at,
        recorded_by=world.officer,
    )
    actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)
    assert Initiative.objects.get().due_at == due


def test_after_ten_minutes_it_stands(world: World, make_in: MakeIn, monkeypatch: pytest.MonkeyPatch) -> None:
    initiative = make_in(State.VALID)
    event = Event.objects.get(number=2)
    assert rules.is_undoable(event, world.officer, event.at + timedelta(minutes=10))
    assert not rules.is_undoable(event, world.officer, event.at + timedelta(minutes=10, microseconds=1))
    monkeypatch.setattr(rules, "UNDO_WITHIN", timedelta(0))
    with pytest.raises(Conflict) as refusal:
        actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)
    assert refusal.value.code == "too_late_to_undo"
    assert Initiative.objects.get().state == State.VALID


def test_nobody_undoes_what_another_has_decided(world: World, make_in: MakeIn) -> None:
    initiative, other = make_in(State.VALID), make_person()
    grant(other, world.top)
    with pytest.raises(NotAllowed):
        actions.undo_decision(actor=other, initiative_id=initiative.pk, expected_event=2)


def test_nobody_undoes_without_the_right_that_they_decided_by(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.VALID)
    world.officer.role_grants.all().delete()
    with pytest.raises(NotAllowed):
        actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)


Then = Callable[[World, int], object]
SINCE: dict[str, Then] = {
    "found invalid": lambda w, n: actions.mark_invalid(
        actor=w.officer, initiative_id=n, reason=ReasonCode.DUPLICATE, note="Trùng."
    ),
    "corrected": lambda w, n: actions.correct(actor=w.officer, initiative_id=n, note="Sửa.", benefit_claimed=1),
}


@pytest.mark.parametrize("since", SINCE)
def test_what_has_happened_since_is_not_undone_with_it(world: World, make_in: MakeIn, since: str) -> None:
    initiative = make_in(State.VALID)
    SINCE[since](world, initiative.pk)
    with pytest.raises(actions.DecidedMeanwhile) as refusal:
        actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)
    assert refusal.value.initiative.pk == initiative.pk


def test_taking_back_a_validity_is_no_decision_to_be_undone(world: World, make_in: MakeIn) -> None:
    """From valid to invalid: undone, it would wait, where it did not stand."""
    initiative = make_in(State.VALID)
    SINCE["found invalid"](world, initiative.pk)
    with pytest.raises(Conflict) as refusal:
        actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=3)
    assert refusal.value.code == "too_late_to_undo"


def test_an_undone_decision_cannot_be_undone_again(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.INVALID)
    actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=2)
    with pytest.raises(Conflict):
        actions.undo_decision(actor=world.officer, initiative_id=initiative.pk, expected_event=3)


def test_a_second_look_is_no_longer_needed(world: World) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    number = world.submit().pk
    actions.mark_valid(actor=world.officer, initiative_id=number)
    assert SecondLook.objects.get().state == SecondLook.State.WAITING
    actions.undo_decision(actor=world.officer, initiative_id=number, expected_event=2)
    assert SecondLook.objects.get().state == SecondLook.State.LAPSED


@pytest.mark.parametrize("state", [State.VALID, State.RETURNED, State.SUBMITTED, State.WITHDRAWN])
def test_only_what_was_found_invalid_is_reinstated(world: World, make_in: MakeIn, state: State) -> None:
    initiative = make_in(state)
    with pytest.raises(Conflict) as refusal:
        actions.reinstate(actor=world.officer, initiative_id=initiative.pk, note="Nhầm.")
    assert refusal.value.code == "wrong_state"


@pytest.mark.parametrize(
    "act",
    [
        lambda a, n, seen: actions.mark_valid(actor=a, initiative_id=n, expected_event=seen),
        lambda a, n, seen: actions.mark_invalid(
            actor=a, initiative_id=n, reason=ReasonCode.DUPLICATE, note="x", expected_event=seen
        ),
        lambda a, n, seen: actions.return_initiative(
            actor=a, initiative_id=n, reason=ReasonCode.INCOMPLETE, note="x", expected_event=seen
        ),
    ],
)
def test_a_decision_on_what_has_changed_since_it_was_seen_is_refused(
    world: World, act: Callable[[object, int, int], Initiative]
) -> None:
    number = world.submit().pk
    actions.correct(actor=world.officer, initiative_id=number, note="Sửa.", benefit_claimed=1)
    with pytest.raises(actions.DecidedMeanwhile) as refusal:
        act(world.officer, number, 1)
    assert (refusal.value.code, refusal.value.initiative.pk) == ("decided_meanwhile", number)
    act(world.officer, number, 3)
