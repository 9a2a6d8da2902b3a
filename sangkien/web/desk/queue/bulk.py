"""One decision about many: what will happen, the confirmation, and how far it has got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.initiatives.bulk import (
    MOST,
    BulkPreview,
    get_bulk,
    outcomes_of,
    prepare_bulk,
    preview_bulk,
    skipped_of,
    stop_bulk,
)
from sangkien.initiatives.codes import code_of, number_of
from sangkien.initiatives.models import BulkDecision
from sangkien.initiatives.queue.pages import matching
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role
from sangkien.units.queries import roles_of
from sangkien.web.desk.queue.asking import asked_in
from sangkien.web.desk.queue.bulk_form import BulkForm
from sangkien.web.desk.queue.flags import LOOKS
from sangkien.web.initiatives.requests import SeeOther, signed_in

MAX_SHOWN = 200
"""How many of those that were left out are listed with their reasons."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Decide about many: first what was marked is counted, then what will happen is shown, then it is done.

    ``pham-vi`` says which: the marked codes (``so``) or all that the filter finds (``hang-doi``). From then on their
    codes go with the form (``bai``), with the moment of the preview (``luc``) and an id that makes a second sending
    harmless (``lan``): what was previewed is what is decided. ``buoc`` is "xem" (show what will happen), "sua" (change
    it) or "lam" (do it).
    """
    person = signed_in(request)
    if Role.VERIFIER not in roles_of(person, clock.now()):
        raise NotAllowed
    if request.method != "POST":
        return redirect("desk")
    chosen = _chosen(request, person)
    step = request.POST.get("buoc", "")
    form = BulkForm(request.POST if step else None)
    if not chosen.numbers:
        return _bulk_page(request, person, chosen, form)
    if step not in ("xem", "lam") or not form.is_valid():
        return _bulk_page(request, person, chosen, form, status=422 if step in ("xem", "lam") else 200)
    seen_at = _moment(request.POST.get("luc", ""))
    bulk_id = _uuid(request.POST.get("lan", ""))
    if step == "xem" or seen_at is None or bulk_id is None:
        return _bulk_page(request, person, chosen, form, is_sure=True)
    try:
        made = prepare_bulk(
            actor=person, numbers=chosen.numbers, seen_at=seen_at, bulk_id=bulk_id, **form.decision_of()
        )
    except InvalidInput as error:
        form.refuse(error)
        return _bulk_page(request, person, chosen, form, status=422)
    return SeeOther(reverse("bulk-progress", args=[made.pk]))


@login_required
@never_cache
@require_safe
def progress(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """How far a bulk decision has got; as JSON for whoever asks for it. Raises NotFound for another's."""
    person = signed_in(request)
    found = get_bulk(person, bulk_id)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_standing(found))
    is_over = found.finished_at is not None
    skipped = skipped_of(found, MAX_SHOWN) if is_over else []
    context = {
        "bulk": found,
        "what": EventKind(found.kind).label,
        "reason": ReasonCode(found.reason).label if found.reason else "",
        "gone_through": found.done + found.skipped,
        "is_over": is_over,
        "skipped": [(code_of(number), outcome.label) for number, outcome in skipped],
        "why": [(outcome.label, n) for outcome, n in outcomes_of(found).items() if n] if is_over else [],
        "max_shown": MAX_SHOWN,
    }
    return render(request, "desk/queue/progress.html", context)


@login_required
@require_POST
def stop(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """Stop a bulk decision: what has been decided stays decided. Raises NotFound for another's."""
    stop_bulk(actor=signed_in(request), bulk_id=bulk_id)
    return SeeOther(reverse("bulk-progress", args=[bulk_id]))


def _standing(found: BulkDecision) -> dict[str, Any]:
    """Return what the script of the progress page asks for."""
    return {
        "total": found.total,
        "done": found.done,
        "skipped": found.skipped,
        "stopped": found.stopped,
        "finished": found.finished_at is not None,
    }


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be decided: numbers of initiatives, each once; ``is_cut``: the filter finds more than there may be."""

    numbers: list[int]
    is_cut: bool = False


def _chosen(request: HttpRequest, person: Person) -> Chosen:
    """Return what a form of the queue, or of the pages before this one, sends. Raises InvalidInput for too many."""
    if request.POST.get("pham-vi") == "tat-ca":
        found = matching(person, asked_in(request.POST).wanted, MOST + 1)
        return Chosen(found[:MOST], is_cut=len(found) > MOST)
    codes = [*request.POST.getlist("so"), *request.POST.get("bai", "").split()]
    numbers = list(dict.fromkeys(number for code in codes if (number := _number(code)) is not None))
    return Chosen(numbers, is_cut=request.POST.get("them") == "1")


def _number(code: str) -> int | None:
    """Return the number that a code stands for, None for what is none."""
    try:
        return number_of(code)
    except CodeError:
        return None


def _moment(text: str) -> datetime | None:
    """Return the moment that a form sends, None for what is none."""
    try:
        moment = parse_datetime(text)
    except ValueError:  # written like one, of a day that does not exist
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _uuid(text: str) -> UUID | None:
    """Return the id that a form sends, None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _bulk_page(
    request: HttpRequest, person: Person, chosen: Chosen, form: BulkForm, *, is_sure: bool = False, status: int = 200
) -> HttpResponse:
    """Return the page that says what will happen; ``is_sure``: with the button that does it."""
    kind = form.decision_kind() if is_sure else None
    preview: BulkPreview | None = None
    if chosen.numbers:
        preview = preview_bulk(person, kind=kind or EventKind.VALIDATED, numbers=chosen.numbers)
    if preview is None or not preview.total:
        preview, status = None, 422
    context = {
        "form": form,
        "preview": preview,
        "chosen": chosen,
        "most": MOST,
        "codes": " ".join(code_of(number) for number in chosen.numbers),
        "query": request.POST.get("hang-doi", ""),
        "is_sure": is_sure,
        "kind": kind,
        "bulk_id": uuid4(),
        "seen_at": preview.seen_at.isoformat() if preview else "",
        "flagged": [(LOOKS[f], f.label, n) for f, n in preview.flagged.items() if n] if preview else [],
    }
    return render(request, "desk/queue/bulk.html", context, status=status)
