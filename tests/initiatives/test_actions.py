"""What each action does in each state, and what it writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Author, Event, EventPart, Initiative
from sangkien.initiatives.states import TRANSITIONS, EventKind, ReasonCode, State, is_open_to_officers
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Phase
from sangkien.units.models import Unit
from tests.factories import World, make_person, make_unit, make_world
from tests.initiatives.conftest import STATES, MakeIn

Action = Callable[[Person, int], Initiative]

DECISIONS: dict[EventKind, Action] = {
    EventKind.VALIDATED: lambda actor, n: actions.mark_valid(actor=actor, initiative_id=n, benefit_verified=9),
    EventKind.INVALIDATED: lambda actor, n: actions.mark_invalid(
        actor=actor, initiative_id=n, reason=ReasonCode.DUPLICATE, note="Trùng."
    ),
    EventKind.RETURNED: lambda actor, n: actions.return_initiative(
        actor=actor, initiative_id=n, reason=ReasonCode.INCOMPLETE, note="Thiếu."
    ),
    EventKind.REINSTATED: lambda actor, n: actions.reinstate(actor=actor, initiative_id=n, note="Nhầm."),
}
OWN: dict[EventKind, Action] = {
    EventKind.RESUBMITTED: lambda actor, n: actions.resubmit(actor=actor, initiative_id=n),
    EventKind.WITHDRAWN: lambda actor, n: actions.withdraw(actor=actor, initiative_id=n, note="Gửi nhầm."),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*DECISIONS, *OWN])
def test_an_action_takes_the_step_of_the_table_or_is_a_conflict(
    world: World, make_in: MakeIn, state: State, kind: EventKind
) -> None:
    initiative = make_in(state)
    before = list(Event.objects.values())
    act, actor = (DECISIONS[kind], world.officer) if kind in DECISIONS else (OWN[kind], world.member)
    step = TRANSITIONS.get((state, kind))
    if step is None or (kind in DECISIONS and not is_open_to_officers(state, kind)):
        with pytest.raises(Conflict) as refusal:
            act(actor, initiative.pk)
        assert refusal.value.code == "wrong_state"
        assert Initiative.objects.get().state == state
        assert list(Event.objects.values()) == before
        return
    act(actor, initiative.pk)
    stored, event = Initiative.objects.get(), Event.objects.order_by("number").last()
    assert event is not None
    assert stored.state == step.target
    assert (event.kind, event.number, event.actor_id) == (kind, len(before) + 1, actor.pk)
    for figure in ("submitted", "valid", "invalid", "returned", "withdrawn"):
        assert getattr(event, figure) == getattr(step, figure), figure
    is_decided = step.target in (State.VALID, State.INVALID, State.RETURNED)
    assert stored.decided_at == (event.at if is_decided else None)
    assert OutboxEntry.objects.filter(consumer="tally", at=event.at, subject=stored.pk, number=event.number).exists()
    for consumer in outbox.CONSUMERS:
        assert OutboxEntry.objects.filter(consumer=consumer).count() == Event.objects.count()


def test_a_whole_life_adds_up_to_where_it_stands(world: World) -> None:
    number = world.submit(benefit_claimed=10).pk
    officer, member = world.officer, world.member
    DECISIONS[EventKind.RETURNED](officer, number)
    actions.resubmit(actor=member, initiative_id=number, content=world.content(benefit_claimed=25))
    DECISIONS[EventKind.VALIDATED](officer, number)
    DECISIONS[EventKind.INVALIDATED](officer, number)
    DECISIONS[EventKind.REINSTATED](officer, number)
    OWN[EventKind.WITHDRAWN](member, number)
    events = Event.objects.filter(initiative_id=number)
    assert [e.number for e in events] == list(range(1, 8))
    assert [e.at for e in events] == sorted(e.at for e in events)
    sums = {f: sum(getattr(e, f) for e in events) for f in ("submitted", "valid", "invalid", "returned", "withdrawn")}
    assert sums == {"submitted": 1, "valid": 0, "invalid": 0, "returned": 0, "withdrawn": 1}
    assert sum(e.benefit_claimed for e in events) == 25
    assert sum(e.benefit_verified for e in events) == 0


def test_a_submission_keeps_the_tree_and_the_category_of_its_moment(world: World) -> None:
    unit = world.grassroots[0]
    initiative = world.submit(unit, category=Category.UNION_OFFICER)
    event = Event.objects.get()
    assert initiative.unit_path == event.unit_path == unit.path
    assert event.union_id == world.unions[0].pk
    assert (event.category, event.phase_id) == (Category.UNION_OFFICER, world.phase.pk)
    assert initiative.submitted_at == event.at == event.submitted_at


def test_the_benefit_that_was_verified_is_kept_while_valid_and_forgotten_when_invalid(
    world: World, make_in: MakeIn
) -> None:
    initiative = make_in(State.VALID)
    assert Initiative.objects.get().benefit_verified == 4_000_000
    DECISIONS[EventKind.INVALIDATED](world.officer, initiative.pk)
    assert Initiative.objects.get().benefit_verified is None
    assert [e.benefit_verified for e in Event.objects.order_by("number")] == [0, 4_000_000, -4_000_000]


@pytest.mark.parametrize("act", [*DECISIONS.values(), *OWN.values()])
def test_an_initiative_that_does_not_exist_is_not_found(world: World, act: Action) -> None:
    with pytest.raises(NotFound):
        act(world.officer, 10**9)


# --- when it may be submitted ------------------------------------------------------------------------------------


def refused(world: World, code: str, field: str | None = None, unit: Unit | None = None, **changes: object) -> None:
    """Submit, and see it refused for this reason with nothing left behind."""
    with pytest.raises(InvalidInput) as refusal:
        world.submit(unit, **changes)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert str(refusal.value)
    assert not Event.objects.exists()
    assert not Initiative.objects.exists(), "submit_new leaves no draft behind"


def test_a_phase_that_has_closed_takes_nothing(world: World) -> None:
    Phase.objects.update(closes_at=clock.now() - timedelta(seconds=1))
    refused(world, "phase_closed")


def test_a_phase_that_has_not_opened_takes_nothing(world: World) -> None:
    Phase.objects.update(opens_at=clock.now() + timedelta(hours=1))
    refused(world, "phase_closed")


def test_a_unit_that_has_closed_takes_nothing(world: World) -> None:
    today = clock.day_of(clock.now())
    closed = make_unit("CLO", world.unions[0], closed_on=today)
    refused(world, "unit_closed", "unit", unit=closed)
    world.submit(make_unit("LAST", world.unions[0], closed_on=today + timedelta(days=1)))


def test_a_unit_that_has_not_opened_takes_nothing(world: World) -> None:
    tomorrow = clock.day_of(clock.now()) + timedelta(days=1)
    refused(world, "unit_closed", "unit", unit=make_unit("NEW", world.unions[0], opened_on=tomorrow))


def test_what_was_first_applied_outside_the_window_is_refused_and_its_first_and_last_day_are_not(world: World) -> None:
    Phase.objects.update(applied_until=clock.day_of(clock.now()) - timedelta(days=2))
    world.phase.refresh_from_db()
    first, last = world.phase.applied_from, world.phase.applied_until
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        refused(world, "outside_window", "applied_on", applied_on=day)
    for day in (first, last):
        world.submit(applied_on=day)


def test_a_resubmission_is_held_to_the_window_of_its_phase(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.RETURNED)
    too_early = world.content(applied_on=world.phase.applied_from - timedelta(days=1))
    with pytest.raises(InvalidInput) as refusal:
        actions.resubmit(actor=world.member, initiative_id=initiative.pk, content=too_early)
    assert refusal.value.code == "outside_window"
    assert Initiative.objects.get().state == State.RETURNED
    Phase.objects.update(closes_at=clock.now() - timedelta(seconds=1))
    actions.resubmit(actor=world.member, initiative_id=initiative.pk)  # its phase may have closed meanwhile


# --- decisions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["", "   ", "\n\t"])
@pytest.mark.parametrize("state", [State.SUBMITTED, State.INVALID])
def test_a_refusal_needs_a_sentence(world: World, make_in: MakeIn, state: State, note: str) -> None:
    initiative = make_in(state)
    why: dict[str, Any] = {"actor": world.officer, "initiative_id": initiative.pk, "note": note}
    calls: list[Callable[[], object]] = [lambda: actions.reinstate(**why)]
    if state == State.SUBMITTED:
        calls = [
            lambda: actions.mark_invalid(**why, reason=ReasonCode.DUPLICATE),
            lambda: actions.return_initiative(**why, reason=ReasonCode.INCOMPLETE),
            lambda: actions.correct(**why, category=Category.UNION_OFFICER),
        ]
    before = Event.objects.count()
    for call in calls:
        with pytest.raises(InvalidInput) as refusal:
            call()
        assert (refusal.value.code, refusal.value.field) == ("note_required", "note")
    assert Event.objects.count() == before


def test_a_note_is_kept_and_one_that_is_too_long_is_refused(world: World) -> None:
    initiative = world.submit()
    why: dict[str, Any] = {"actor": world.officer, "initiative_id": initiative.pk, "reason": ReasonCode.INCOMPLETE}
    with pytest.raises(InvalidInput) as refusal:
        actions.return_initiative(**why, note="x" * (actions.MAX_NOTE + 1))
    assert (refusal.value.code, refusal.value.field) == ("too_long", "note")
    actions.return_initiative(**why, note="  " + "x" * actions.MAX_NOTE + " ")
    event = Event.objects.get(number=2)
    assert (event.note, event.reason) == ("x" * actions.MAX_NOTE, ReasonCode.INCOMPLETE)


@pytest.mark.parametrize("verb", ["valid", "withdraw"])
def test_a_note_that_may_be_left_out_is_limited_as_well(world: World, verb: str) -> None:
    number = world.submit().pk
    note = "x" * (actions.MAX_NOTE + 1)
    act, actor = {"valid": (actions.mark_valid, world.officer), "withdraw": (actions.withdraw, world.member)}[verb]
    with pytest.raises(InvalidInput) as refusal:
        act(actor=actor, initiative_id=number, note=note)
    assert (refusal.value.code, refusal.value.field) == ("too_long", "note")


@pytest.mark.parametrize("note", ["Thiê\u0301u ta\u0300i liê\u0323u", "Thiếu\0 tài\u200b liệu"])
def test_a_note_is_cleaned_like_every_other_text(world: World, note: str) -> None:
    number = world.submit().pk
    actions.return_initiative(actor=world.officer, initiative_id=number, reason=ReasonCode.INCOMPLETE, note=note)
    assert Event.objects.get(number=2).note == "Thiếu tài liệu"


@pytest.mark.parametrize("benefit", [-1, 9_000_000_000_000_001, 2**63])
def test_a_benefit_out_of_range_is_refused_wherever_it_enters(world: World, benefit: int) -> None:
    number = world.submit().pk
    calls: list[Callable[[], object]] = [
        lambda: world.submit(benefit_claimed=benefit),
        lambda: actions.mark_valid(actor=world.officer, initiative_id=number, benefit_verified=benefit),
        lambda: actions.correct(actor=world.officer, initiative_id=number, note="Sai.", benefit_claimed=benefit),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as refusal:
            call()
        assert refusal.value.code == "benefit_out_of_range"


def test_the_largest_benefit_and_none_at_all_are_taken(world: World) -> None:
    number = world.submit(benefit_claimed=10_000 * 10**9).pk
    actions.mark_valid(actor=world.officer, initiative_id=number, benefit_verified=10_000 * 10**9)
    number = world.submit(benefit_claimed=0).pk
    actions.mark_valid(actor=world.officer, initiative_id=number, benefit_verified=None)


def test_an_officer_who_looked_at_an_older_state_is_told_so(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.RETURNED)
    with pytest.raises(Conflict) as refusal:
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk, expected_state=State.SUBMITTED)
    assert refusal.value.code == "decided_meanwhile"
    assert Initiative.objects.get().state == State.RETURNED


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_decide_at_once_the_second_gets_a_conflict() -> None:
    world = make_world()
    number = world.submit().pk
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(act: Callable[..., object], **how: object) -> None:
        try:
            together.wait(20)
            act(actor=world.officer, initiative_id=number, expected_state=State.SUBMITTED, **how)
            outcomes.append("done")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=decide, args=(actions.mark_valid,)),
        threading.Thread(
            target=decide, args=(actions.mark_invalid,), kwargs={"reason": ReasonCode.DUPLICATE, "note": "Trùng."}
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["decided_meanwhile", "done"]
    assert Event.objects.filter(initiative_id=number).count() == 2
    assert OutboxEntry.objects.filter(consumer="tally").count() == 2


# --- corrections -------------------------------------------------------------------------------------------------


def test_a_correction_is_one_event_in_two_parts(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.VALID)
    actions.correct(
        actor=world.officer, initiative_id=initiative.pk, note="Nhập nhầm đơn vị.", unit=world.grassroots[1]
    )
    _submitted, _valid, old, new = Event.objects.order_by("number")
    assert (old.part, new.part, old.at) == (EventPart.OLD, EventPart.NEW, new.at)
    assert (old.unit_path, new.unit_path) == (world.grassroots[0].path, world.grassroots[1].path)
    for figure in ("submitted", "valid", "invalid", "returned", "withdrawn", "benefit_claimed", "benefit_verified"):
        assert getattr(old, figure) == -getattr(new, figure), figure
    stored = Initiative.objects.get()
    assert (stored.unit_id, stored.unit_path) == (world.grassroots[1].pk, world.grassroots[1].path)
    assert (stored.state, stored.submitted_at) == (State.VALID, initiative.submitted_at)


def test_what_is_sent_again_for_another_field_counts_there(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.RETURNED)
    content = world.content(field=world.fields[1], benefit_claimed=20_000_000)
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, content=content)
    old, new = Event.objects.filter(kind=EventKind.RESUBMITTED).order_by("number")
    assert (old.part, new.part, old.at) == (EventPart.OLD, EventPart.NEW, new.at)
    assert (old.field, old.submitted, old.returned, old.benefit_claimed) == (world.fields[0], -1, -1, -12_500_000)
    assert (new.field, new.submitted, new.returned, new.benefit_claimed) == (world.fields[1], 1, 0, 20_000_000)
    stored = Initiative.objects.get()
    assert (stored.state, stored.decided_at, stored.field) == (State.SUBMITTED, None, world.fields[1])


def test_after_a_correction_further_steps_count_in_the_new_place(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.SUBMITTED)
    actions.correct(actor=world.officer, initiative_id=initiative.pk, note="Sai.", unit=world.grassroots[2])
    DECISIONS[EventKind.VALIDATED](world.officer, initiative.pk)
    assert Event.objects.get(kind=EventKind.VALIDATED).unit_path == world.grassroots[2].path


def test_authors_are_kept_in_their_order_and_the_principal_one_in_the_unit(world: World) -> None:
    person = make_person()
    authors = [
        AuthorInput(name="  Trần   Thị Hoa ", category=Category.UNION_OFFICER, share=60, title="Tổ trưởng"),
        AuthorInput(name="Lê Văn Ba", category=Category.ENTERPRISE_WORKER, share=40, person_id=person.pk),
    ]
    initiative = world.submit(authors=authors)
    first, second = Author.objects.filter(initiative=initiative)
    assert (first.name, first.unit_id, first.share, first.number) == ("Trần Thị Hoa", world.grassroots[0].pk, 60, 1)
    assert (second.name, second.unit_id, second.share, second.person_id) == ("Lê Văn Ba", None, 40, person.pk)
    assert initiative.category == Category.UNION_OFFICER


def test_what_has_not_been_used_yet_cannot_be_submitted(world: World) -> None:
    tomorrow = clock.day_of(clock.now()) + timedelta(days=1)
    with pytest.raises(InvalidInput) as refusal:
        world.submit(applied_on=tomorrow)
    assert (refusal.value.code, refusal.value.field) == ("not_applied_yet", "applied_on")
    assert not Initiative.objects.exists()
