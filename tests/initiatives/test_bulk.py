"""Many decided at once: the same conditions, events and counts as one by one."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions
from sangkien.initiatives.bulk import (
    bulks_of,
    carry_out,
    get_bulk,
    outcomes_of,
    prepare_bulk,
    preview_bulk,
    skipped_of,
    stop_bulk,
    unfinished,
)
from sangkien.initiatives.bulk.looks import LevelsAbove
from sangkien.initiatives.deltas import Deltas
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.levels import level_above
from sangkien.initiatives.models import Author, BulkDecision, BulkItem, Event, Flag, Initiative, Response, SecondLook
from sangkien.initiatives.queue import Filter, Tab
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.categories import Category
from sangkien.programmes.models import VerificationTerms
from sangkien.tally.fold import fold_all
from sangkien.tally.rebuild import verify
from sangkien.units.actions import move_unit
from sangkien.units.models import Role, RoleGrant
from sangkien.units.rules import verifies_in
from tests.factories import World, follow, grant, make_person, make_unit

Outcome = BulkItem.Outcome
VALID, RETURNED, INVALID = EventKind.VALIDATED, EventKind.RETURNED, EventKind.INVALIDATED
WHY = {"reason": ReasonCode.INCOMPLETE, "note": "Thiếu mô tả."}


def carry_all(bulk: BulkDecision, at_most: int = 2) -> BulkDecision:
    while carry_out(bulk.pk, at_most):
        pass
    bulk.refresh_from_db()
    return bulk


def by_number(bulk: BulkDecision) -> dict[int, str]:
    return dict(bulk.items.values_list("initiative_id", "outcome"))


@pytest.mark.parametrize("kind", [VALID, RETURNED, INVALID])
def test_many_are_decided_as_each_alone_would_be(world: World, kind: EventKind) -> None:
    alone = world.submit(benefit_claimed=7)
    if kind == VALID:
        actions.mark_valid(actor=world.officer, initiative_id=alone.pk, benefit_verified=7)
    else:
        act = actions.return_initiative if kind == RETURNED else actions.mark_invalid
        act(actor=world.officer, initiative_id=alone.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu mô tả.")
    many = [world.submit(unit, benefit_claimed=7) for unit in (*world.grassroots, world.grassroots[0])]
    why = {} if kind == VALID else WHY
    bulk = prepare_bulk(
        actor=world.officer,
        kind=kind,
        numbers=[m.pk for m in many],
        with_benefit=True,
        **why,  # type: ignore[arg-type]
    )
    assert unfinished() == [bulk.pk]
    bulk = carry_all(bulk)
    assert (bulk.done, bulk.skipped, bulk.finished_at is None) == (4, 0, False)
    alone.refresh_from_db()
    said = Event.objects.get(initiative=alone, number=2)
    told = ("kind", "reason", "note", "actor_id", "part", "is_historical", *(f.name for f in fields(Deltas)))
    for one in many:
        one.refresh_from_db()
        event = Event.objects.get(initiative=one, number=2)
        assert [getattr(event, name) for name in told] == [getattr(said, name) for name in told]
        assert (event.unit_path, event.union_id, event.at) == (one.unit_path, one.unit_path[1], one.decided_at)
        for name in ("state", "benefit_verified", "due_at"):
            assert getattr(one, name) == getattr(alone, name)
        assert OutboxEntry.objects.filter(subject=one.pk, number=2).count() == 2
    fold_all()
    assert verify().is_clean


def test_without_the_benefit_none_is_verified(world: World) -> None:
    one = world.submit(benefit_claimed=7)
    carry_all(prepare_bulk(actor=world.officer, kind=VALID, numbers=[one.pk]))
    one.refresh_from_db()
    assert (one.state, one.benefit_verified, one.events.get(number=2).benefit_verified) == (State.VALID, None, 0)


def test_what_cannot_be_decided_is_skipped_and_said_why(world: World) -> None:
    officer = make_person()
    grant(officer, world.unions[0])
    fine, decided, touched, objected = (world.submit() for _ in range(4))
    outside = world.submit(world.grassroots[1])
    entered = world.submit(actor=officer)
    named = world.submit(authors=[AuthorInput("Cán bộ", Category.UNION_OFFICER, 100, person_id=officer.pk)])
    Author.objects.filter(initiative=objected).update(response=Response.DECLINED)
    chosen = [fine, decided, touched, objected, outside, entered, named]
    numbers = [one.pk for one in chosen]
    bulk = prepare_bulk(actor=officer, kind=VALID, numbers=[*numbers, fine.pk, 10**9])
    actions.mark_invalid(actor=world.officer, initiative_id=decided.pk, reason=ReasonCode.DUPLICATE, note="Trùng.")
    actions.correct(actor=world.officer, initiative_id=touched.pk, note="Sửa.", benefit_claimed=1)
    bulk = carry_all(bulk)
    assert by_number(bulk) == {
        fine.pk: Outcome.DONE,
        decided.pk: Outcome.CHANGED,
        touched.pk: Outcome.CHANGED,
        objected.pk: Outcome.OBJECTED,
        outside.pk: Outcome.NOT_ALLOWED,
        entered.pk: Outcome.NOT_ALLOWED,
        named.pk: Outcome.NOT_ALLOWED,
    }
    assert (bulk.total, bulk.done, bulk.skipped) == (7, 1, 6)
    assert outcomes_of(bulk) == {Outcome.DONE: 1, Outcome.CHANGED: 2, Outcome.OBJECTED: 1, Outcome.NOT_ALLOWED: 3}
    assert skipped_of(bulk)[0] == (decided.pk, Outcome.CHANGED)
    assert Event.objects.filter(actor=officer).exclude(number=1).count() == 1


def test_what_moved_on_before_its_unit_came_here_is_as_little_decided_as_alone(world: World) -> None:
    actor, officer = make_person("actor"), make_person()
    grant(actor, world.top, Role.UNIT_ADMINISTRATOR)
    grant(officer, world.unions[2])
    stayed = world.submit(make_unit("HNI-001-0009", world.districts[0]))
    moved_on = world.submit()
    for unit, to in ((world.grassroots[0], world.districts[1]), (world.districts[0], world.unions[2])):
        move_unit(actor=actor, unit=unit, to=to, on=clock.day_of(clock.now()), reason="Nghị quyết")
    both = [stayed, moved_on]
    assert [verifies_in(officer, one.unit_path, clock.now()) for one in both] == [True, False]
    bulk = carry_all(prepare_bulk(actor=officer, kind=VALID, numbers=[one.pk for one in both]))
    assert by_number(bulk) == {stayed.pk: Outcome.DONE, moved_on.pk: Outcome.NOT_ALLOWED}


def test_an_objection_is_no_obstacle_to_returning(world: World) -> None:
    one = world.submit()
    Author.objects.filter(initiative=one).update(response=Response.DECLINED)
    bulk = carry_all(prepare_bulk(actor=world.officer, kind=RETURNED, numbers=[one.pk], **WHY))  # type: ignore[arg-type]
    assert by_number(bulk) == {one.pk: Outcome.DONE}


def test_what_happened_after_the_preview_is_not_decided_unseen(world: World) -> None:
    first, second = world.submit(), world.submit()
    seen_at = preview_bulk(world.officer, kind=VALID, numbers=[first.pk, second.pk]).seen_at
    actions.correct(actor=world.officer, initiative_id=second.pk, note="Sửa.", benefit_claimed=1)
    new = world.submit()
    numbers = [first.pk, second.pk, new.pk]
    bulk = carry_all(prepare_bulk(actor=world.officer, kind=VALID, numbers=numbers, seen_at=seen_at))
    assert by_number(bulk) == {first.pk: Outcome.DONE, second.pk: Outcome.CHANGED}


def test_a_preview_that_is_still_to_come_has_been_seen_by_nobody(world: World) -> None:
    one = world.submit()
    later = clock.now() + timedelta(minutes=1)
    with pytest.raises(InvalidInput) as refused:
        prepare_bulk(actor=world.officer, kind=VALID, numbers=[one.pk], seen_at=later)
    assert (refused.value.code, refused.value.field) == ("not_seen_yet", "numbers")
    assert not BulkDecision.objects.exists()


def test_an_attempt_to_decide_many_without_a_right_stands_in_the_record(world: World) -> None:
    numbers = [world.submit(world.grassroots[n]).pk for n in range(2)]
    for chosen in (numbers[:1], numbers, [10**9]):
        with pytest.raises(NotAllowed):
            prepare_bulk(actor=world.member, kind=VALID, numbers=chosen)
    entries = AuditEntry.objects.filter(action="refused", actor=world.member).order_by("pk")
    assert [(entry.unit_path, entry.details) for entry in entries] == [
        (world.grassroots[0].path, {"what": "bulk_decision", "decision": "validated", "total": 1}),
        (world.top.path, {"what": "bulk_decision", "decision": "validated", "total": 2}),
    ]


def test_a_right_taken_away_meanwhile_ends_it(world: World) -> None:
    numbers = [world.submit().pk for _ in range(3)]
    bulk = prepare_bulk(actor=world.officer, kind=VALID, numbers=numbers)
    assert carry_out(bulk.pk, 1)
    RoleGrant.objects.filter(person=world.officer).update(until=clock.now())
    bulk = carry_all(bulk)
    assert list(by_number(bulk).values()) == [Outcome.DONE, Outcome.NOT_ALLOWED, Outcome.NOT_ALLOWED]


def test_a_filter_chooses_what_it_shows(world: World) -> None:
    small, large = world.submit(benefit_claimed=1), world.submit(benefit_claimed=100)
    world.submit(actor=world.officer, benefit_claimed=100)
    bulk = carry_all(prepare_bulk(actor=world.officer, kind=VALID, wanted=Filter(benefit_from=50)))
    assert by_number(bulk) == {large.pk: Outcome.DONE}
    assert small.pk in preview_bulk(world.officer, kind=VALID, wanted=Filter()).numbers


def test_the_preview_says_what_will_happen(world: World) -> None:
    one = world.submit(benefit_claimed=5)
    two = world.submit(benefit_claimed=None, no_benefit_reason="Không đo được.", recognition_document="1/QĐ")
    own = world.submit(actor=world.officer)
    objected, decided = world.submit(), world.submit()
    Author.objects.filter(initiative=objected).update(response=Response.DECLINED)
    actions.mark_valid(actor=world.officer, initiative_id=decided.pk)
    seen = preview_bulk(world.officer, kind=VALID, numbers=[i.pk for i in (two, one, own, objected, decided)])
    assert (seen.total, seen.decidable, seen.own, seen.objected, seen.changed, seen.not_allowed) == (5, 2, 1, 1, 1, 0)
    assert (seen.benefit, seen.without_benefit, seen.oldest) == (5, 1, one.submitted_at)
    assert (seen.numbers, seen.is_cut) == ([two.pk, one.pk], False)
    assert seen.flagged == {flag: int(flag == Flag.NO_DOCUMENT) for flag in Flag}
    assert preview_bulk(world.officer, kind=VALID, wanted=Filter(), limit=1).is_cut


def test_bad_input_is_refused_and_nothing_is_written(world: World) -> None:
    one = world.submit()
    refused: list[tuple[dict[str, object], str]] = [
        ({"kind": EventKind.WITHDRAWN, "numbers": [one.pk]}, "unknown_decision"),
        ({"kind": VALID, "numbers": []}, "nothing_chosen"),
        ({"kind": VALID, "numbers": [one.pk + 1]}, "nothing_chosen"),
        ({"kind": VALID, "numbers": [one.pk, one.pk + 1], "limit": 1}, "too_many"),
        ({"kind": RETURNED, "numbers": [one.pk], "reason": ReasonCode.INCOMPLETE}, "note_required"),
        ({"kind": INVALID, "numbers": [one.pk], "note": "Thiếu."}, "reason_required"),
        ({"kind": VALID, "wanted": Filter(tab=Tab.DONE)}, "not_waiting"),
    ]
    for given, code in refused:
        with pytest.raises(InvalidInput) as error:
            prepare_bulk(actor=world.officer, **given)  # type: ignore[arg-type]
        assert error.value.code == code
    for act in (
        lambda: preview_bulk(world.member, kind=VALID, numbers=[one.pk]),
        lambda: prepare_bulk(actor=world.member, kind=VALID, numbers=[one.pk]),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not BulkDecision.objects.exists()


def test_a_second_sending_makes_no_second_decision(world: World) -> None:
    key, one = uuid4(), world.submit()
    made = [prepare_bulk(actor=world.officer, kind=VALID, numbers=[one.pk], bulk_id=key) for _ in range(2)]
    assert made[0] == made[1]
    assert BulkItem.objects.count() == 1
    other = make_person()
    grant(other, world.top)
    with pytest.raises(NotAllowed):
        prepare_bulk(actor=other, kind=VALID, numbers=[one.pk], bulk_id=key)


def test_stopped_it_leaves_the_rest_alone_and_the_record_says_so(world: World) -> None:
    numbers = [world.submit().pk for _ in range(3)]
    bulk = prepare_bulk(actor=world.officer, kind=VALID, numbers=numbers)
    carry_out(bulk.pk, 1)
    with pytest.raises(NotFound):
        stop_bulk(actor=world.member, bulk_id=bulk.pk)
    stopped = stop_bulk(actor=world.officer, bulk_id=bulk.pk)
    assert (stopped.stopped, stopped.done) == (True, 1)
    assert not carry_out(bulk.pk)
    assert unfinished() == []
    assert Initiative.objects.filter(state=State.SUBMITTED).count() == 2
    assert outcomes_of(bulk) == {Outcome.DONE: 1, Outcome.WAITING: 2}
    stop_bulk(actor=world.officer, bulk_id=bulk.pk)
    entries = AuditEntry.objects.filter(subject_kind="bulk").order_by("pk")
    assert [(e.action, e.subject, e.unit_path) for e in entries] == [
        ("bulk_decision", str(bulk.pk), world.top.path),
        ("stop_bulk", str(bulk.pk), world.top.path),
    ]


def test_progress_is_for_whoever_decided(world: World) -> None:
    bulk = prepare_bulk(actor=world.officer, kind=VALID, numbers=[world.submit().pk])
    assert get_bulk(world.officer, bulk.pk) == bulk
    assert bulks_of(world.officer) == [bulk]
    with pytest.raises(NotFound):
        get_bulk(world.member, bulk.pk)


def test_second_looks_are_picked_as_for_one(world: World) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_benefit=50,
        due_days=3,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    officer = make_person()
    grant(officer, world.unions[0])
    alone, large, small = (world.submit(benefit_claimed=b) for b in (60, 60, 40))
    actions.mark_valid(actor=officer, initiative_id=alone.pk, benefit_verified=60)
    carry_all(prepare_bulk(actor=officer, kind=VALID, numbers=[large.pk, small.pk], with_benefit=True))
    looks = {look.initiative_id: look for look in SecondLook.objects.select_related("unit")}
    assert set(looks) == {alone.pk, large.pk}
    for name in ("number", "unit", "unit_path", "cause", "state", "due_at"):
        assert getattr(looks[large.pk], name) == getattr(looks[alone.pk], name)


def test_the_level_that_looks_again_is_the_same_as_for_one(world: World) -> None:
    officer = make_person()
    section = make_unit("TO-1", world.grassroots[0])
    for unit in (world.top, world.districts[0], world.grassroots[0], world.unions[2]):
        grant(officer, unit)
    follow(world.districts[1], world.unions[2])
    at = clock.now()
    units = (world.top, *world.unions, *world.districts, *world.grassroots, section)
    levels = LevelsAbove(officer, at, [unit.pk for unit in units])
    for unit in units:
        assert levels.of(unit.path) == level_above(officer, unit.path, at)


def test_the_number_of_queries_does_not_depend_on_how_many(world: World) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )

    def queries(count: int) -> list[int]:
        numbers = [world.submit(world.grassroots[n % 3]).pk for n in range(count)]
        found = []
        for act in (
            lambda: preview_bulk(world.officer, kind=VALID, numbers=numbers),
            lambda: prepare_bulk(actor=world.officer, kind=VALID, numbers=numbers),
            lambda: carry_out(unfinished()[0]),
        ):
            with CaptureQueriesContext(connection) as captured:
                act()
            found.append(len(captured))
        return found

    queries(1)
    assert queries(1) == queries(3)
    assert SecondLook.objects.count() == 5
