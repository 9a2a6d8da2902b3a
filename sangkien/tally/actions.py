"""What people do with the figures: take them away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sangkien.audit.actions import record
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.people.models import Person
from sangkien.tally.rules import may_read_overview
from sangkien.units.models import Unit

__all__ = ["export_overview"]


@transaction.atomic
def export_overview(*, actor: Person, unit: Unit, as_of: datetime, rows: int) -> AuditEntry:
    """Note that a unit's overview, with ``rows`` units below it, left as a spreadsheet with figures as of ``as_of``.

    Raises NotAllowed for somebody who holds no role over the unit.
    """
    now = clock.now()
    if not may_read_overview(actor, unit, now):
        raise NotAllowed
    return record(
        actor=actor,
        at=now,
        action="export",
        subject_kind="unit",
        subject=unit.code,
        unit_path=unit.path,
        details={"what": "overview", "format": "xlsx", "as_of": as_of.isoformat(), "rows": rows},
    )
