"""What the pages of appeals and second looks draw: a line for each that waits, and the decision made before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative, SecondLook
from sangkien.initiatives.reviews import Review
from sangkien.web.initiatives.history import Step, history_of

APPEAL, SECOND_LOOK = _("Appeal"), _("Second look")


@dataclass(frozen=True, slots=True)
class Line:
    """One appeal or second look that waits. ``why`` is the cause of a second look."""

    kind: str | Promise
    why: str | Promise
    look: str
    initiative: Initiative
    code: str
    address: str
    unit: str
    since: datetime
    due: datetime
    is_overdue: bool


def line_of(review: Review, now: datetime) -> Line:
    """Return an appeal or a second look as the list shows it."""
    initiative = review.initiative
    code = code_of(initiative.pk)
    kind: str | Promise = APPEAL
    why: str | Promise = ""
    look = "tag-no"
    if isinstance(review, SecondLook):
        kind, why, look = SECOND_LOOK, SecondLook.Cause(review.cause).label, "tag-wait"
        address = reverse("second-look-decide", args=[code, review.number])
    else:
        address = reverse("appeal-decide", args=[review.pk])
    return Line(
        kind=kind,
        why=why,
        look=look,
        initiative=initiative,
        code=code,
        address=address,
        unit=review.unit.short_name,
        since=review.made_at,
        due=review.due_at,
        is_overdue=review.due_at <= now,
    )


def decision_before(initiative: Initiative, review: Review, history: list[Step]) -> Step | None:
    """Return the decision that the review is about, out of the initiative's history with names and notes."""
    event = next((event for event in initiative.events.all() if event.number == review.number), None)
    return next((step for step in history if event is not None and step.at == event.at), None)


def full_history(initiative: Initiative) -> list[Step]:
    """Return all that has happened, with names and notes: for officers."""
    return history_of(initiative, names=True, notes=True)
