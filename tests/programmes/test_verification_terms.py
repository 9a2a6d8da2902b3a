"""The terms of verification: which are in force, the days that follow from them, and how they change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.people.models import Person
from sangkien.programmes.actions import TermsChanged, revise_verification_terms
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.verification import appeal_closes, decision_due, terms_history, verification_terms
from sangkien.units.models import Role
from tests.factories import World, grant, make_person, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def administrator(world: World) -> Person:
    person = make_person()
    grant(person, world.top, Role.PROGRAMME_ADMINISTRATOR)
    return person


def revise(actor: Person, world: World, **changes: object) -> VerificationTerms:
    values: dict[str, object] = {
        "due_days": 7,
        "appeal_days": 15,
        "second_share": 5,
        "second_benefit": None,
        "reason": "Theo kế hoạch.",
    }
    return revise_verification_terms(actor=actor, programme=world.programme, **(values | changes))  # type: ignore[arg-type]


def test_while_none_were_set_the_usual_ones_hold(world: World) -> None:
    terms = verification_terms(world.programme, clock.now())
    assert (terms.pk, terms.due_days, terms.appeal_days, terms.second_share) == (None, 10, 30, 0)


def test_each_holds_from_its_moment_until_the_next(world: World, administrator: Person) -> None:
    before = clock.now()
    first = revise(administrator, world)
    second = revise(administrator, world, due_days=8)
    first.refresh_from_db()
    assert first.ended_at == second.effective_at
    tick = timedelta(microseconds=1)
    moments = (before, first.effective_at, second.effective_at - tick, second.effective_at)
    assert [verification_terms(world.programme, at).due_days for at in moments] == [10, 7, 7, 8]
    assert terms_history(world.programme) == [second, first]


def test_who_changed_what_stands_in_the_record(world: World, administrator: Person) -> None:
    revise(administrator, world)
    entry = AuditEntry.objects.get(action="revise_verification_terms")
    assert (entry.actor, entry.subject, entry.unit_path) == (administrator, "1trieu", world.top.path)
    assert (entry.details["due_days"], entry.details["before"]["due_days"]) == (7, 10)
    assert entry.details["reason"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"due_days": 0}, ["due_days"]),
        ({"appeal_days": 366}, ["appeal_days"]),
        ({"second_share": 101, "reason": " "}, ["second_share", "reason"]),
        ({"second_benefit": -1}, ["second_benefit"]),
        ({"reason": "x" * 501}, ["reason"]),
        ({"due_days": 10, "appeal_days": 30, "second_share": 0}, [None]),
    ],
)
def test_everything_that_is_wrong_is_said_and_nothing_changes(
    world: World, administrator: Person, changes: dict[str, object], fields: list[str | None]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        revise(administrator, world, **changes)
    assert [error.field for error in refusal.value.errors] == fields
    assert not VerificationTerms.objects.exists()


def test_whoever_saw_other_terms_changes_nothing(world: World, administrator: Person) -> None:
    first = revise(administrator, world, expected=0)
    with pytest.raises(TermsChanged) as refusal:
        revise(administrator, world, due_days=9, expected=0)
    assert refusal.value.terms == first
    revise(administrator, world, due_days=9, expected=first.pk)


@given(since=st.datetimes(datetime(2021, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), days=st.integers(1, 365))
def test_a_decision_is_due_and_an_appeal_closes_at_the_end_of_a_day_in_vietnam(since: datetime, days: int) -> None:
    terms = VerificationTerms(due_days=days, appeal_days=days)
    due = decision_due(terms, since)
    assert due == appeal_closes(terms, since)
    assert clock.day_of_cutoff(due) - clock.day_of(since) == timedelta(days=days)
    assert due == clock.end_of_day(clock.day_of_cutoff(due))


def test_what_began_to_wait_on_a_friday_evening_is_due_at_the_end_of_the_tenth_day_after() -> None:
    due = decision_due(VerificationTerms(due_days=10), clock.parse_moment("23h59 13/5/2022"))
    assert (clock.format_cutoff(due), clock.day_of_cutoff(due)) == ("24h00 23/5/2022", date(2022, 5, 23))
