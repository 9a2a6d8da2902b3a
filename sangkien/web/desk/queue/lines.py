"""The lines of the queue, as the list on the left shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.numbers import format_money_short
from sangkien.initiatives.queue import QueueRow
from sangkien.initiatives.states import State
from sangkien.web.desk.queue.clocks import DueClock, due_clock
from sangkien.web.desk.queue.flags import FlagTag, tags_of
from sangkien.web.initiatives.pages import LOOKS

GRASSROOTS = "CĐCS "
"""What the short names of most units begin with: in a list it takes the room of what tells them apart."""
SOCIAL: str | Promise = _("not in money")


@dataclass(frozen=True, slots=True)
class Line:
    """One initiative of the list. ``clock`` while it waits; ``state`` with its look when it does not."""

    code: str
    title: str
    unit: str
    benefit: str
    clock: DueClock | None
    tags: list[FlagTag]
    state: str | Promise = ""
    look: str = ""
    icon: str = ""


def line_of(row: QueueRow, now: datetime) -> Line:
    """Return a row of the queue as a line."""
    one = row.initiative
    head = (row.code, one.title, one.unit.short_name.removeprefix(GRASSROOTS), benefit_words(one.benefit_claimed))
    if one.state == State.SUBMITTED:
        return Line(*head, due_clock(one.due_at, now), tags_of(one.flags))
    look, icon = LOOKS[State(one.state)]
    return Line(*head, None, tags_of(one.flags), State(one.state).label, look, icon)


def benefit_words(claimed: int | None) -> str:
    """Return a benefit as short as a line of the list has room for."""
    if not claimed:
        return str(SOCIAL)
    return format_money_short(claimed, get_language() or "vi").removesuffix(" đồng")
