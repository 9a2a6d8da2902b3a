"""When a decision about an initiative is due."""

from __future__ import annotations

from datetime import datetime

from sangkien.programmes.models import Programme
from sangkien.programmes.verification import decision_due, verification_terms


def due_after(programme: Programme, began: datetime) -> datetime:
    """Return when what began to wait at ``began`` is due (UTC, exclusive), by the terms of that moment. One query."""
    return decision_due(verification_terms(programme, began), began)
