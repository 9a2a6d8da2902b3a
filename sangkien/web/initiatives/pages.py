"""The page of one initiative, as everybody, its people and its officers see it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from sangkien.core import clock
from sangkien.initiatives import rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import Viewer
from sangkien.initiatives.states import TRANSITIONS, EventKind, State
from sangkien.people.models import Person
from sangkien.tally.queries import ordinal_of
from sangkien.units.models import Unit
from sangkien.units.queries import ancestors
from sangkien.units.rules import subtree_ids_of
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.initiatives.history import history_of

LOOKS: dict[State, tuple[str, str]] = {
    State.DRAFT: ("", "pen"),
    State.SUBMITTED: ("tag-wait", "clock"),
    State.RETURNED: ("tag-fix", "back"),
    State.VALID: ("tag-ok", "check"),
    State.INVALID: ("tag-no", "x"),
    State.WITHDRAWN: ("", "x"),
}
"""How a state is drawn: class of the tag and icon."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the viewer may see and do here, as the initiative stands."""

    is_officer: bool
    is_insider: bool
    may_decide: bool
    may_withdraw: bool


def rights_of(viewer: Viewer, initiative: Initiative) -> Rights:
    """Return the viewer's rights over the initiative at this moment."""
    if not isinstance(viewer, Person):
        return Rights(False, False, False, False)
    now = clock.now()
    is_officer = not set(subtree_ids_of(viewer, now)).isdisjoint(initiative.unit_path)
    is_own = rules.may_withdraw(viewer, initiative)
    return Rights(
        is_officer=is_officer,
        is_insider=is_officer or is_own,
        may_decide=is_officer and rules.may_decide(viewer, initiative, now),
        may_withdraw=is_own and (State(initiative.state), EventKind.WITHDRAWN) in TRANSITIONS,
    )


def initiative_page(
    request: HttpRequest,
    initiative: Initiative,
    viewer: Viewer,
    *,
    decision: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of an initiative; ``decision`` is what an officer sent and what is wrong with it."""
    rights = rights_of(viewer, initiative)
    ordinal = ordinal_of(initiative.pk)
    look, icon = LOOKS[State(initiative.state)]
    context = {
        "initiative": initiative,
        "code": code_of(initiative.pk),
        "units": [*_units_above(initiative), initiative.unit],
        "look": look,
        "icon": icon,
        "rights": rights,
        "is_readable": rights.is_insider or not initiative.is_secret,
        "ordinal": ordinal,
        "number_before": ordinal.ordinal - 1 if ordinal else None,
        "authors": initiative.authors.all(),
        "history": history_of(initiative, names=rights.is_officer, notes=rights.is_insider),
        "event": last_event_number(initiative),
        "decision": (decision or DecisionForm(initiative=initiative)) if rights.may_decide else None,
    }
    return render(request, "initiatives/initiative.html", context, status=status)


def last_event_number(initiative: Initiative) -> int:
    """Return the number of the newest event, 0 before the first."""
    return max((event.number for event in initiative.events.all()), default=0)


def is_as_seen(sent: QueryDict, initiative: Initiative) -> bool:
    """Say whether the initiative still stands as the sender of a form saw it: same state, nothing happened since."""
    return (sent.get("state"), sent.get("event")) == (initiative.state, str(last_event_number(initiative)))


def changed_page(request: HttpRequest, initiative: Initiative, viewer: Viewer) -> HttpResponse:
    """Return the page (409) that says what somebody else did first, and keeps the note that was written."""
    rights = rights_of(viewer, initiative)
    history = history_of(initiative, names=rights.is_officer, notes=rights.is_insider)
    context = {
        "initiative": initiative,
        "code": code_of(initiative.pk),
        "step": history[0] if history else None,
        "is_readable": rights.is_insider or not initiative.is_secret,
        "note": request.POST.get("note", ""),
    }
    return render(request, "initiatives/changed.html", context, status=409)


def _units_above(initiative: Initiative) -> list[Unit]:
    """Return the units above the initiative's, as the tree stood when it was submitted."""
    counted_in = copy(initiative.unit)
    counted_in.path = initiative.unit_path
    return ancestors(counted_in)
