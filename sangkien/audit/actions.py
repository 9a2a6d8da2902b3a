"""Writing the record, in the transaction of what it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sangkien.audit.models import AuditEntry
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
    """Append one entry. ``details`` holds stable codes and numbers, no personal data."""
    return AuditEntry.objects.create(
        actor=actor,
        at=at,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        unit_path=list(unit_path),
        details=dict(details or {}),
    )
