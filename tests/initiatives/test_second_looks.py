"""Second looks: what is picked, who looks, and what follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import actions, rules
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.lots import cause_of_look, ticket_of
from sangkien.initiatives.models import Event, Initiative, SecondLook
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.verification import decision_due
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_person

Cause = SecondLook.Cause
KEYS = st.binary(min_size=16, max_size=64)
NUMBERS = st.integers(1, 2**33 - 1)


def terms(world: World, share: int = 100, benefit: int | None = None) -> VerificationTerms:
    """Have this share drawn, and everything from this benefit on looked at again."""
    return VerificationTerms.objects.create(
        programme=world.programme,
        second_share=share,
        second_benefit=benefit,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )


def officer_of(unit: Unit, role: Role = Role.VERIFIER) -> Person:
    person = make_person()
    grant(person, unit, role)
    return person


def validated(world: World, by: Person | None = None, benefit: int | None = None) -> Initiative:
    """Submit an initiative and find it valid."""
    officer = by or world.officer
    return actions.mark_valid(actor=officer, initiative_id=world.submit().pk, benefit_verified=benefit)


def decide(actor: Person, look: SecondLook, *, confirm: bool) -> SecondLook:
    reason = None if confirm else ReasonCode.DUPLICATE
    return actions.decide_second_look(
        actor=actor,
        initiative_id=look.initiative_id,
        number=look.number,
        confirm=confirm,
        reason=reason,
        note="Trùng với sáng kiến khác.",
    )


# --- the lot -----------------------------------------------------------------------------------------------------


@given(key=KEYS, number=NUMBERS)
def test_a_ticket_is_the_initiatives_own_and_drawn_again_alike(key: bytes, number: int) -> None:
    assert 0 <= ticket_of(number, key) < 2**32
    assert ticket_of(number, key) == ticket_of(number, key)


def test_a_share_of_a_hundred_thousand_is_drawn_as_large_as_it_was_set() -> None:
    """And it is another one by another key: nobody can tell which without it."""
    chosen = [{n for n in range(100_000) if ticket_of(n, key) * 100 < 5 * 2**32} for key in (b"a" * 16, b"b" * 16)]
    for drawn in chosen:
        assert 4_700 < len(drawn) < 5_300  # five standard deviations are 345
    assert len(chosen[0] & chosen[1]) < 400


@pytest.mark.parametrize(
    ("share", "threshold", "benefit", "cause"),
    [
        (0, None, 10**12, None),
        (100, None, None, Cause.SAMPLE),
        (0, 1_000, 1_000, Cause.BENEFIT),
        (0, 1_000, 999, None),
        (0, 1_000, None, None),
        (0, 0, None, Cause.BENEFIT),
        (100, 1_000, 1_000, Cause.BENEFIT),
        (100, 1_000, 999, Cause.SAMPLE),
    ],
)
def test_it_is_picked_by_lot_or_by_its_benefit(
    world: World, share: int, threshold: int | None, benefit: int | None, cause: Cause | None
) -> None:
    of = VerificationTerms(second_share=share, second_benefit=threshold)
    assert {cause_of_look(number, benefit, of) for number in range(1, 50)} == {cause}


def test_deciding_again_draws_no_new_lot(world: World) -> None:
    terms(world, share=50)
    initiatives = [validated(world) for _ in range(12)]
    drawn = set(SecondLook.objects.values_list("initiative_id", flat=True))
    for one in initiatives:
        actions.undo_decision(actor=world.officer, initiative_id=one.pk, expected_event=2)
        actions.mark_valid(actor=world.officer, initiative_id=one.pk)
    again = set(SecondLook.objects.filter(number=4).values_list("initiative_id", flat=True))
    assert again == drawn


# --- who looks ---------------------------------------------------------------------------------------------------


def test_without_terms_nothing_is_looked_at_again(world: World) -> None:
    validated(world, benefit=10**12)
    assert not SecondLook.objects.exists()


def test_the_level_above_the_nearest_right_of_the_officer_looks_until_the_programmes_day(world: World) -> None:
    of = terms(world)
    first = officer_of(world.districts[0])
    grant(first, world.top)  # a right further up does not matter
    validated(world, first)
    look = SecondLook.objects.select_related("unit").get()
    assert (look.unit, look.unit_path) == (world.unions[0], world.unions[0].path)
    assert (look.number, look.cause, look.state) == (2, Cause.SAMPLE, SecondLook.State.WAITING)
    assert look.due_at == decision_due(of, look.made_at)
    assert Initiative.objects.get().state == State.VALID  # it counts meanwhile


def test_at_the_top_another_officer_looks(world: World) -> None:
    terms(world)
    validated(world)
    look = SecondLook.objects.get()
    assert look.unit == world.top
    assert rules.may_second_look(officer_of(world.top), look, clock.now())
    assert not rules.may_second_look(world.officer, look, clock.now())


def test_who_looks_is_a_verifier_of_that_level_or_above_and_nobody_else(world: World) -> None:
    terms(world)
    first = officer_of(world.grassroots[0])
    validated(world, first)
    look = SecondLook.objects.get()
    may = {
        "level": officer_of(world.districts[0]),
        "above": officer_of(world.unions[0]),
        "top": world.officer,
    }
    may_not = {
        "first": first,
        "below": officer_of(world.grassroots[0]),
        "beside": officer_of(world.districts[1]),
        "viewer": officer_of(world.unions[0], Role.VIEWER),
        "administrator": officer_of(world.unions[0], Role.UNIT_ADMINISTRATOR),
        "submitter": world.member,
    }
    now = clock.now()
    assert {who: rules.may_second_look(p, look, now) for who, p in may.items()} == dict.fromkeys(may, True)
    assert {who: rules.may_second_look(p, look, now) for who, p in may_not.items()} == dict.fromkeys(may_not, False)
    for person in may_not.values():
        with pytest.raises(NotAllowed):
            decide(person, look, confirm=True)
    assert SecondLook.objects.get().state == SecondLook.State.WAITING


@pytest.mark.parametrize("tie", ["submitter", "author"])
def test_nobody_looks_again_at_their_own(world: World, tie: str) -> None:
    terms(world)
    above = officer_of(world.unions[0])
    person_id = above.pk if tie == "author" else None
    author = AuthorInput("Lê Văn Ba", Category.UNION_OFFICER, 100, person_id=person_id)
    number = world.submit(actor=above if tie == "submitter" else None, authors=[author]).pk
    actions.mark_valid(actor=officer_of(world.districts[0]), initiative_id=number)
    with pytest.raises(NotAllowed):
        decide(above, SecondLook.objects.get(), confirm=True)


# --- what follows ------------------------------------------------------------------------------------------------


def test_confirmed_it_stays_valid_and_the_record_says_who_looked(world: World) -> None:
    terms(world)
    validated(world, officer_of(world.districts[0]), benefit=9)
    above = officer_of(world.unions[0])
    look = decide(above, SecondLook.objects.get(), confirm=True)
    assert (look.state, look.decided_by) == (SecondLook.State.CONFIRMED, above)
    assert Initiative.objects.get().state == State.VALID
    assert Event.objects.count() == 2
    entry = AuditEntry.objects.get(action="decide_second_look")
    assert (entry.actor, entry.details) == (above, {"number": 2, "state": "confirmed"})


def test_overturned_it_is_invalid_by_an_event_of_its_own_with_reason_and_sentence(world: World) -> None:
    terms(world)
    initiative = validated(world, officer_of(world.districts[0]), benefit=9)
    above = officer_of(world.unions[0])
    look = decide(above, SecondLook.objects.get(), confirm=False)
    event = Event.objects.get(number=3)
    assert look.state == SecondLook.objects.get().state == SecondLook.State.OVERTURNED
    assert (event.actor, event.reason, event.note) == (above, ReasonCode.DUPLICATE, "Trùng với sáng kiến khác.")
    assert (event.valid, event.invalid, event.benefit_verified) == (-1, 1, -9)
    initiative.refresh_from_db()
    assert (initiative.state, initiative.benefit_verified, look.decided_at) == (State.INVALID, None, event.at)


@pytest.mark.parametrize(("reason", "note", "field"), [(None, "Sai", "reason"), (ReasonCode.DUPLICATE, " ", "note")])
def test_overturning_takes_a_reason_and_a_sentence(
    world: World, reason: ReasonCode | None, note: str, field: str
) -> None:
    terms(world)
    initiative = validated(world, officer_of(world.districts[0]))
    with pytest.raises(InvalidInput) as refusal:
        actions.decide_second_look(
            actor=world.officer, initiative_id=initiative.pk, number=2, confirm=False, reason=reason, note=note
        )
    assert refusal.value.field == field
    assert SecondLook.objects.get().state == SecondLook.State.WAITING


def test_the_second_of_two_who_look_is_told(world: World) -> None:
    terms(world)
    initiative = validated(world, officer_of(world.districts[0]))
    look = SecondLook.objects.get()
    decide(officer_of(world.unions[0]), look, confirm=True)
    with pytest.raises(actions.DecidedMeanwhile) as refusal:
        decide(world.officer, look, confirm=False)
    assert refusal.value.initiative == initiative
    assert Event.objects.count() == 2


def test_found_invalid_otherwise_it_is_no_longer_needed(world: World) -> None:
    terms(world)
    initiative = validated(world, officer_of(world.districts[0]))
    actions.mark_invalid(actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng.")
    look = SecondLook.objects.get()
    assert look.state == SecondLook.State.LAPSED
    with pytest.raises(actions.DecidedMeanwhile):
        decide(world.officer, look, confirm=True)


def test_a_correction_leaves_it_waiting(world: World) -> None:
    terms(world)
    initiative = validated(world, officer_of(world.districts[0]))
    actions.correct(actor=world.officer, initiative_id=initiative.pk, note="Sửa.", benefit_claimed=1)
    assert SecondLook.objects.get().state == SecondLook.State.WAITING


def test_what_was_never_picked_is_not_found(world: World) -> None:
    initiative = validated(world)
    with pytest.raises(NotFound):
        actions.decide_second_look(actor=world.officer, initiative_id=initiative.pk, number=2, confirm=True)


@pytest.mark.parametrize("confirm", [True, False])
def test_what_the_level_above_has_said_only_it_changes(world: World, confirm: bool) -> None:
    terms(world)
    first = officer_of(world.districts[0])
    initiative = validated(world, first)
    decide(officer_of(world.unions[0]), SecondLook.objects.get(), confirm=confirm)

    def change(actor: Person) -> Initiative:
        if confirm:
            return actions.mark_invalid(
                actor=actor, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng."
            )
        return actions.reinstate(actor=actor, initiative_id=initiative.pk, note="Nhầm.")

    with pytest.raises(NotAllowed):
        change(first)
    change(officer_of(world.unions[0]))
    if not confirm:  # it waits again: everybody over it decides, the lower level too
        assert actions.mark_valid(actor=first, initiative_id=initiative.pk).state == State.VALID
