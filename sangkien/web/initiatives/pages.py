"""The page of one initiative, as everybody, its people and its officers see it."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from sangkien.initiatives import queries
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import Viewer
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person
from sangkien.tally.queries import ordinal_of
from sangkien.units.models import Unit
from sangkien.units.queries import ancestors
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.initiatives.appealing import appeal_box, second_look_address
from sangkien.web.initiatives.authors import author_lines, own_author
from sangkien.web.initiatives.findings import findings_of
from sangkien.web.initiatives.history import Step, history_of
from sangkien.web.initiatives.labels import asked_list
from sangkien.web.initiatives.rights import Rights, rights_of
from sangkien.web.initiatives.standing import standing

LOOKS: dict[State, tuple[str, str]] = {
    State.DRAFT: ("", "pen"),
    State.SUBMITTED: ("tag-wait", "clock"),
    State.RETURNED: ("tag-fix", "back"),
    State.VALID: ("tag-ok", "check"),
    State.INVALID: ("tag-no", "x"),
    State.WITHDRAWN: ("", "x"),
}
"""How a state is drawn: class of the tag and icon."""


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
    history = history_of(initiative, names=rights.is_officer, notes=rights.is_insider)
    context = {
        **head_of(initiative),
        "units": [*_units_above(initiative), initiative.unit],
        "rights": rights,
        "is_readable": is_readable(rights, initiative),
        "standing": standing(initiative, queries.whereabouts(initiative), is_own=rights.is_own),
        "ordinal": ordinal,
        "number_before": ordinal.ordinal - 1 if ordinal else None,
        "authors": author_lines(initiative, is_insider=rights.is_insider),
        "own_author": own_author(initiative, viewer),
        "history": history,
        "decision": (decision or DecisionForm(initiative=initiative)) if rights.may_decide else None,
        **_for_insiders(initiative, rights, history),
        **_after_a_decision(initiative, viewer, rights),
    }
    return render(request, "initiatives/initiative.html", context, status=status)


def head_of(initiative: Initiative) -> dict[str, Any]:
    """Return what every page about one initiative begins with, and what its forms send back as seen."""
    look, icon = LOOKS[State(initiative.state)]
    return {
        "initiative": initiative,
        "code": code_of(initiative.pk),
        "look": look,
        "icon": icon,
        "event": last_event_number(initiative),
    }


def is_readable(rights: Rights, initiative: Initiative) -> bool:
    """Say whether all that it says is shown: of a secret technology the public reads title, effect and award."""
    return rights.is_insider or not initiative.is_secret


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
        "note": request.POST.get("note", ""),
    }
    return render(request, "initiatives/changed.html", context, status=409)


def returned_step(history: list[Step]) -> Step | None:
    """Return what an officer said when returning an initiative that stands returned."""
    return history[0] if history and history[0].kind == EventKind.RETURNED else None


def _for_insiders(initiative: Initiative, rights: Rights, history: list[Step]) -> dict[str, Any]:
    """Return what only its people and its officers see: the files, what the rules said, what an officer asked for."""
    if not rights.is_insider:
        return {}
    is_returned = initiative.state == State.RETURNED
    return {
        "files": list(initiative.attachments.all()) if rights.may_see_files else [],
        "findings": findings_of(initiative),
        "asked": asked_list(queries.asked_of(initiative)) if is_returned else [],
        "returned": returned_step(history) if is_returned else None,
    }


def _after_a_decision(initiative: Initiative, viewer: Viewer, rights: Rights) -> dict[str, Any]:
    """Return what can follow a decision, for its people and its officers: an appeal, a second look."""
    if not rights.is_insider or not isinstance(viewer, Person):
        return {}
    return {
        "appeal": appeal_box(initiative, viewer, rights),
        "look_address": second_look_address(initiative, viewer, rights),
    }


def _units_above(initiative: Initiative) -> list[Unit]:
    """Return the units above the initiative's, as the tree stood when it was submitted."""
    counted_in = copy(initiative.unit)
    counted_in.path = initiative.unit_path
    return ancestors(counted_in)
