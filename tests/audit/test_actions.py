"""The record of who did what: appended to, never changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from sangkien.audit.actions import record
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.people.models import system_actor


@pytest.fixture
def entry(db: None) -> AuditEntry:
    return record(
        actor=system_actor("tests"),
        at=clock.now(),
        action="target.set",
        subject_kind="unit",
        subject="HNI",
        unit_path=[1, 2],
        details={"value": 10},
    )


def test_what_was_recorded_is_kept_as_it_was_given(entry: AuditEntry) -> None:
    stored = AuditEntry.objects.get()
    assert (stored.at, stored.action, stored.subject_kind, stored.subject) == (
        entry.at, "target.set", "unit", "HNI",
    )  # fmt: skip
    assert (stored.unit_path, stored.details, stored.actor.username) == ([1, 2], {"value": 10}, "system:tests")


def test_a_record_needs_neither_a_place_nor_details(db: None) -> None:
    record(actor=system_actor("tests"), at=clock.now(), action="a", subject_kind="b", subject="c")
    stored = AuditEntry.objects.get()
    assert (stored.unit_path, stored.details) == ([], {})


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET subject = 'x'",
        "UPDATE audit_entry SET subject = 'x' WHERE false",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_a_record_cannot_be_changed_by_sql(entry: AuditEntry, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert AuditEntry.objects.get().subject == "HNI"


def test_a_record_cannot_be_changed_by_the_model(entry: AuditEntry) -> None:
    changes: list[Callable[[], object]] = [entry.save, entry.delete, lambda: AuditEntry.objects.update(subject="x")]
    for change in changes:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert AuditEntry.objects.count() == 1
