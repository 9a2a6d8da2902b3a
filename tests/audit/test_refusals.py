"""Attempts at what one has no right to stand in the record, though the action itself leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sangkien.audit.actions import record
from sangkien.audit.context import Face, where
from sangkien.audit.models import AuditEntry
from sangkien.audit.refusals import MOST, MOST_IN_ALL, REFUSED, WITHIN, Aim, of_unit, record_refusal, recorded
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound, SangKienError
from sangkien.people.models import Person, system_actor
from sangkien.units.models import Unit
from tests.factories import make_person, make_unit

DOOR = Aim("unit", "HNI", (1, 2))


@pytest.fixture
def person(db: None) -> Person:
    return make_person()


@recorded("close_unit", of_unit("unit"))
@transaction.atomic
def close(*, actor: Person, unit: Unit, refusal: SangKienError | None = None) -> Unit:
    """Write something, and then fail if told to."""
    record(actor=actor, at=clock.now(), action="close_unit", subject_kind="unit", subject=unit.code)
    if refusal is not None:
        raise refusal
    return unit


def knock(person: Person, times: int) -> list[bool]:
    """Be refused so many times; say which of them were written down."""
    return [record_refusal(actor=person, what="close_unit", aim=DOOR) is not None for _ in range(times)]


def in_a_transaction_of_its_own(unit: Unit, person: Person) -> None:
    with where(Face.API, "10.0.0.9"), pytest.raises(NotAllowed) as refused:
        close(actor=person, unit=unit, refusal=NotAllowed("Not here."))
    assert str(refused.value) == "Not here."
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_kind, entry.subject, entry.unit_path, entry.details) == (
        REFUSED, "unit", unit.code, unit.path, {"what": "close_unit"},
    )  # fmt: skip
    assert (entry.actor, entry.face, entry.origin) == (person, "api", "10.0.0.9")


def test_what_was_refused_is_taken_back_and_the_attempt_is_kept(person: Person) -> None:
    in_a_transaction_of_its_own(make_unit("TLD"), person)


@pytest.mark.django_db(transaction=True)
def test_it_is_kept_for_good_where_no_transaction_is_around_it() -> None:
    in_a_transaction_of_its_own(make_unit("TLD"), make_person())
    assert not connection.in_atomic_block
    assert AuditEntry.objects.count() == 1


def test_whoever_takes_back_their_own_transaction_takes_the_entry_back_too(person: Person) -> None:
    unit = make_unit("TLD")
    with pytest.raises(NotAllowed), transaction.atomic():
        close(actor=person, unit=unit, refusal=NotAllowed())
    assert not AuditEntry.objects.exists()


def test_only_want_of_right_is_kept(person: Person) -> None:
    unit = make_unit("TLD")
    for refusal in (InvalidInput(), NotFound()):
        with pytest.raises(SangKienError):
            close(actor=person, unit=unit, refusal=refusal)
    assert not AuditEntry.objects.exists()
    assert close(actor=person, unit=unit) == unit
    assert AuditEntry.objects.get().action == "close_unit"


def test_an_action_keeps_its_name_and_its_words() -> None:
    assert (close.__name__, close.__doc__) == ("close", "Write something, and then fail if told to.")


def test_of_one_person_a_few_an_hour_are_kept_and_of_others_theirs(person: Person) -> None:
    assert knock(person, MOST + 3) == [True] * MOST + [False] * 3
    assert knock(make_person(), 1) == [True]
    assert AuditEntry.objects.filter(actor=person).count() == MOST


def test_many_harmless_ones_hide_no_other_and_in_all_there_is_an_end(person: Person) -> None:
    aim = Aim("unit", "HNI")
    knock(person, MOST + 1)
    assert record_refusal(actor=person, what="grant_role", aim=aim) is not None
    for number in range(MOST_IN_ALL):
        record_refusal(actor=person, what=f"another-{number}", aim=aim)
    assert AuditEntry.objects.filter(actor=person).count() == MOST_IN_ALL


def test_what_is_older_than_an_hour_and_what_was_done_with_right_is_not_counted(person: Person) -> None:
    before = clock.now() - WITHIN - timedelta(seconds=1)
    for _ in range(MOST):
        record(actor=person, at=before, action=REFUSED, subject_kind="unit", subject="HNI")
        record(actor=person, at=clock.now(), action="sign_in", subject_kind="person", subject="1")
    assert knock(person, 1) == [True]


def test_a_part_of_the_system_attempts_nothing(db: None) -> None:
    assert knock(system_actor("tests"), 1) == [False]


def test_keeping_it_costs_the_same_however_many_there_are(person: Person) -> None:
    costs = []
    for times in (1, MOST // 4, MOST // 2):
        knock(person, times)
        with CaptureQueriesContext(connection) as captured:
            knock(person, 1)
        costs.append(len(captured))
    assert len(set(costs)) == 1
