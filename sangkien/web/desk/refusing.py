"""What somebody sent without the right to: on record, where a page asks the rule before it calls the action."""

from __future__ import annotations

from django.http import HttpRequest

from sangkien.audit.refusals import Aim, record_refusal
from sangkien.core.errors import NotFound
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit
from sangkien.web.initiatives.requests import signed_in


def record_attempt(request: HttpRequest, what: str, aim: Aim | None) -> None:
    """Write down that ``what`` (the code of an action) was sent and is refused. Looking at a form is no attempt."""
    if request.method == "POST" and aim is not None:
        record_refusal(actor=signed_in(request), what=what, aim=aim)


def aim_at(unit: Unit) -> Aim:
    """Return a unit as what somebody aimed at."""
    return Aim("unit", unit.code, unit.path)


def aim_at_code(code: str) -> Aim | None:
    """Return the unit with this code as what somebody aimed at, None if there is none."""
    try:
        return aim_at(get_unit(code.upper()))
    except NotFound:
        return None
