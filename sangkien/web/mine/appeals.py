"""How one's own initiatives stand with appeals, in a line each: whether one can appeal, or what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Event, Initiative
from sangkien.initiatives.rules import finding_of, may_withdraw
from sangkien.initiatives.states import State
from sangkien.notices.appealing import appeals_close
from sangkien.people.models import Person

ENDED: dict[str, str | Promise] = {
    Appeal.State.DISMISSED: _("The appeal was dismissed"),
    Appeal.State.WITHDRAWN: _("The appeal was taken back"),
}


@dataclass(frozen=True, slots=True)
class AppealLine:
    """What is said of appeals, and where something can be done about it; ``address`` may be empty."""

    says: str
    address: str = ""


def appeal_lines(person: Person, found: Sequence[Initiative]) -> dict[int, AppealLine]:
    """Return what there is to say of appeals, by initiative: in the same number of queries for one and for many."""
    decided = [one for one in found if one.state in (State.INVALID, State.VALID) and may_withdraw(person, one)]
    prefetch_related_objects(decided, "events", "appeals__unit")
    findings = [(one, finding) for one in decided if (finding := finding_of(one)) is not None]
    open_ones, lines = [], {}
    for one, finding in findings:
        made = next((appeal for appeal in one.appeals.all() if appeal.number == finding.number), None)
        if made is not None:
            lines[one.pk] = _made(one, made)
        elif one.state == State.INVALID:
            open_ones.append((one, finding))
    return {number: line for number, line in (lines | _open(open_ones)).items() if line is not None}


def _made(one: Initiative, made: Appeal) -> AppealLine | None:
    """Return how an appeal against the last finding stands; None if another decision has come after it."""
    address = reverse("appeal", args=[code_of(one.pk)])
    if one.state == State.VALID:
        is_allowed = made.state == Appeal.State.ALLOWED and made.decided_at == one.decided_at
        return AppealLine(str(_("The appeal was allowed"))) if is_allowed else None
    if made.state == Appeal.State.WAITING:
        says = _("An appeal waits for the answer of %(unit)s") % {"unit": made.unit.short_name}
        return AppealLine(says, address)
    return AppealLine(str(ENDED[made.state]), address) if made.state in ENDED else None


def _open(findings: Sequence[tuple[Initiative, Event]]) -> dict[int, AppealLine | None]:
    """Return until when one can appeal against these findings, of those that are not too old."""
    now, language = clock.now(), get_language() or "vi"
    until = appeals_close((one, finding.at) for one, finding in findings)
    lines: dict[int, AppealLine | None] = {}
    for (number, _at), moment in until.items():
        if now < moment:
            day = clock.format_date(clock.day_of_cutoff(moment), language)
            says = _("You can appeal until the end of %(day)s") % {"day": day}
            lines[number] = AppealLine(says, reverse("appeal", args=[code_of(number)]))
    return lines
