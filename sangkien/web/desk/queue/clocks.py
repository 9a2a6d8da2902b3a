"""When a decision is due, in the words of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sangkien.web.templatetags.sangkien import count

SOON = timedelta(days=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueClock:
    """How much time is left: ``look`` is the class of the clock ("late", "soon" or none), ``words`` say it."""

    look: str
    words: str


def due_clock(due_at: datetime | None, now: datetime) -> DueClock | None:
    """Return the clock of something due before ``due_at`` (exclusive); None if it is not due at all."""
    if due_at is None:
        return None
    left = due_at - now
    if left <= timedelta(0):
        return DueClock("late", _overdue(-left))
    return DueClock("soon" if left < SOON else "", _left(left))


def _overdue(by: timedelta) -> str:
    if by >= DAY:
        return ngettext("overdue by %(n)s day", "overdue by %(n)s days", by // DAY) % {"n": count(by // DAY)}
    if by >= HOUR:
        return ngettext("overdue by %(n)d hour", "overdue by %(n)d hours", by // HOUR) % {"n": by // HOUR}
    return _("just overdue")


def _left(left: timedelta) -> str:
    if left >= DAY:
        return ngettext("%(n)s day left", "%(n)s days left", left // DAY) % {"n": count(left // DAY)}
    if left >= HOUR:
        return ngettext("%(n)d hour left", "%(n)d hours left", left // HOUR) % {"n": left // HOUR}
    return _("less than an hour left")
