"""Writing the record, in the transaction of what it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sangkien.audit.context import here
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.people.models import Person


def record(
    *,
    actor: Person,
    at: datetime,
    action: str,
    subject_kind: str,
    subject: str,
    unit_path: Sequence[int] = (),
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; where it came from is known from ``context``.

    ``details`` holds stable codes, numbers and the reason that somebody gave, otherwise no personal data.
    """
    face, origin = here()
    return AuditEntry.objects.create(
        actor=actor,
        at=at,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        unit_path=list(unit_path),
        details=dict(details or {}),
        face=str(face),
        origin=origin,
    )


def record_view(
    *,
    actor: Person,
    at: datetime,
    subject_kind: str,
    subject: str,
    unit_path: Sequence[int],
    what: str,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry | None:
    """Append that somebody looked at personal data (``what`` is the action), once a Vietnamese day; None the next time.

    Whoever looks at the same thing twice a day looked at it that day; who looked, and on which days, is kept.
    """
    today = AuditEntry.objects.filter(actor=actor, at__gte=clock.floor_day(at))
    seen = today.filter(action=what, subject_kind=subject_kind, subject=subject, details=dict(details or {}))
    if seen.exists():
        return None
    return record(
        actor=actor,
        at=at,
        action=what,
        subject_kind=subject_kind,
        subject=subject,
        unit_path=unit_path,
        details=details,
    )
