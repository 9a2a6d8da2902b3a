"""Targets: a unit's own, those of the units below it, and how they changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.core.numbers import format_count
from sangkien.programmes.actions import Seen, TargetsChanged, set_target, spread_targets
from sangkien.programmes.models import Basis, Target
from sangkien.programmes.queries import present_targets, target_changes
from sangkien.tally import queries as tally
from sangkien.units.models import Unit
from sangkien.units.queries import children_ever
from sangkien.web.desk.refusing import aim_at, record_attempt
from sangkien.web.desk.targets.forms import OwnTargetForm, WordsForm
from sangkien.web.desk.targets.scope import Scope, read_scope
from sangkien.web.desk.targets.table import (
    NOT_A_TARGET,
    Change,
    Table,
    changes_since,
    make_table,
    read_number,
    read_seen,
    read_typed,
)
from sangkien.web.initiatives.requests import SeeOther
from sangkien.web.profile.forms import RefusableForm
from sangkien.web.templatetags.sangkien import language

PER_PAGE = 50
Fault = tuple[str, str | Promise, str | Promise]


@dataclass(slots=True)
class Shown:
    """What the page of targets shows beside its table: forms as they were sent, and what is wrong."""

    words: RefusableForm
    own: OwnTargetForm | None = None
    own_basis: Basis = Basis.REGISTERED
    total: str = ""
    total_fault: str | Promise = ""
    sum_fault: str = ""
    is_uneven: bool = False
    changes: Sequence[Change] = ()

    def faults(self, table: Table) -> list[Fault]:
        """Everything that is wrong, in the order of the page."""
        found: list[Fault] = list(self.own.faults) if self.own and self.own.is_bound else []
        if self.total_fault:
            found.append(("id_total", _("Number to spread"), self.total_fault))
        found += [(f"id_value_{row.unit.pk}", row.unit.short_name, row.fault) for row in table.faulty]
        if self.sum_fault:
            found.append(("id_uneven", _("Sum"), self.sum_fault))
        return found + (self.words.faults if self.words.is_bound else [])


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: HttpRequest) -> HttpResponse:
    """A unit's targets and those below it; by POST what was typed is spread, previewed, or written."""
    scope = read_scope(request)
    if request.method != "POST":
        table = make_table(scope.programme, scope.phase, scope.unit, None)
        return _page(request, scope, table, Shown(WordsForm()))
    if not scope.may_spread:
        _refuse(request, scope)
    table = make_table(scope.programme, scope.phase, scope.unit, read_typed(request.POST))
    shown = Shown(
        WordsForm(request.POST.dict()),
        total=request.POST.get("total", ""),
        is_uneven=request.POST.get("uneven") == "on",
        changes=_changes(request, table),
    )
    if shown.changes:
        return _page(request, scope, table, shown, status=409)
    action = request.POST.get("action", "")
    if action in ("evenly", "by_members"):
        return _spread(request, scope, table, shown, action)
    if action == "edit":
        return _page(request, scope, table, shown)
    if not _is_ready(table, shown):
        return _page(request, scope, table, shown, status=422)
    return _write(request, scope, table, shown) if action == "confirm" else _preview(request, scope, table, shown)


def _changes(request: HttpRequest, table: Table) -> list[Change]:
    """Return what others have changed since the officer saw the table."""
    seen = read_seen(request.POST)
    gone = [pk for pk in seen if pk not in table.seen]
    return changes_since(table, seen, list(Unit.objects.filter(pk__in=gone)) if gone else [])


def _spread(request: HttpRequest, scope: Scope, table: Table, shown: Shown, action: str) -> HttpResponse:
    """Return the page with a number spread over the rows; nothing is written."""
    total = read_number(shown.total) if shown.total.strip() else table.own
    shown.words = WordsForm(initial=request.POST.dict())  # not to be judged yet
    if total is None or not table.rows:
        shown.total_fault = NOT_A_TARGET
    elif action == "evenly":
        table.spread_evenly(total)
    elif not table.spread_by_members(total):
        shown.total_fault = _("Nothing is left to spread by members: enter members of the units, or spread evenly.")
    return _page(request, scope, table, shown, status=422 if shown.total_fault else 200)


def _is_ready(table: Table, shown: Shown) -> bool:
    """Put what is wrong where it is wrong; return whether it can be written."""
    is_typed_well = table.check()
    if table.is_change and shown.words.is_valid() and not shown.words.cleaned_data["reason"]:
        message = _("Say in one sentence why a target is raised or lowered.")
        shown.words.add_error("reason", forms.ValidationError(message, code="reason_needed"))
    if is_typed_well and not table.changed:
        shown.sum_fault = _("No target differs from what it is.")
    elif is_typed_well and table.gap and not shown.is_uneven:
        # By how much stands beside it already.
        shown.sum_fault = _("They do not add up. Put it right, or confirm below that they need not.")
    return shown.words.is_valid() and is_typed_well and not shown.sum_fault


def _preview(request: HttpRequest, scope: Scope, table: Table, shown: Shown) -> HttpResponse:
    """Return the page that says what will be written."""
    context = {"scope": scope, "table": table, "shown": shown, "gap": gap_text(table)}
    return render(request, "desk/targets/preview.html", context | shown.words.cleaned_data)


def _write(request: HttpRequest, scope: Scope, table: Table, shown: Shown) -> HttpResponse:
    """Write the targets and lead back to the table."""
    seen = read_seen(request.POST)
    values = {row.unit.pk: row.wanted for row in table.changed}
    try:
        made = spread_targets(
            actor=scope.person,
            programme=scope.programme,
            phase=scope.phase,
            parent=scope.unit,
            values={pk: value for pk, value in values.items() if value is not None},
            expected={pk: seen.get(pk) for pk in {*values, *seen}},
            reason=shown.words.cleaned_data["reason"],
            document=shown.words.cleaned_data["document"],
        )
    except TargetsChanged:
        table = make_table(scope.programme, scope.phase, scope.unit, read_typed(request.POST))
        shown.changes = _changes(request, table)
        return _page(request, scope, table, shown, status=409)
    except InvalidInput as error:
        shown.words.refuse(error)
        return _page(request, scope, table, shown, status=422)
    said = ngettext("%(total)s target was set.", "%(total)s targets were set.", len(made))
    messages.success(request, said % {"total": format_count(len(made), language())})
    return SeeOther(reverse("targets") + scope.query)


def _refuse(request: HttpRequest, scope: Scope) -> NoReturn:
    """Refuse what was sent: Conflict for a unit that has closed meanwhile, otherwise NotAllowed, on record."""
    if not scope.is_open:
        raise Conflict(_("This unit has closed. It takes no new target."), code="unit_closed")
    record_attempt(request, "target.set", aim_at(scope.unit))
    raise NotAllowed


@login_required
@require_POST
def target_register(request: HttpRequest) -> HttpResponse:
    """Set the unit's own target: the one that it registers, or (``basis`` "assigned", the top only) gives itself."""
    scope = read_scope(request)
    basis = Basis.ASSIGNED if request.POST.get("basis") == Basis.ASSIGNED else Basis.REGISTERED
    if not (scope.may_assign_own if basis == Basis.ASSIGNED else scope.may_register):
        _refuse(request, scope)
    form = OwnTargetForm(request.POST.dict(), auto_id=f"id_{basis}_%s")
    seen = read_seen(request.POST)
    table = make_table(scope.programme, scope.phase, scope.unit, None)
    shown = Shown(WordsForm(), form, basis, changes=_own_changes(scope, basis, seen))
    if shown.changes:
        return _page(request, scope, table, shown, status=409)
    if form.is_valid():
        try:
            set_target(
                actor=scope.person,
                programme=scope.programme,
                phase=scope.phase,
                unit=scope.unit,
                basis=basis,
                expected=seen,
                **form.cleaned_data,
            )
        except TargetsChanged:
            shown.changes = _own_changes(scope, basis, seen)
            return _page(request, scope, table, shown, status=409)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("The target counts from now on."))
            return SeeOther(reverse("targets") + scope.query)
    return _page(request, scope, table, shown, status=422)


def _own_changes(scope: Scope, basis: Basis, seen: Seen) -> list[Change]:
    """Return how the unit's own target has changed since the officer saw it, if it has."""
    pk = scope.unit.pk
    target = present_targets(scope.programme, scope.phase, [pk]).get((pk, basis))
    now = target.value if target else None
    return [Change(scope.unit.short_name, seen[pk], now)] if pk in seen and seen[pk] != now else []


@login_required
@never_cache
@require_safe
def target_history(request: HttpRequest) -> HttpResponse:
    """How the targets of a unit and of those directly below it were set, the newest first."""
    scope = read_scope(request)
    typed = request.GET.get("truoc", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
    units = [scope.unit.pk, *children_ever(scope.unit).values_list("pk", flat=True)]
    changes = target_changes(scope.programme, units, before=before, limit=PER_PAGE + 1)
    context = {
        "scope": scope,
        "changes": changes[:PER_PAGE],
        "next": changes[PER_PAGE - 1].target.pk if len(changes) > PER_PAGE else None,
        "is_later": before is not None,
    }
    return render(request, "desk/targets/history.html", context)


def gap_text(table: Table) -> str:
    """Say how the sum of the targets stands to the unit's own; nothing without one."""
    if table.gap is None:
        return ""
    numbers = {"sum": table.sum, "own": table.own or 0, "gap": abs(table.gap)}
    written = {name: format_count(number, language()) for name, number in numbers.items()}
    if table.gap == 0:
        return _("They add up to %(own)s.") % written
    if table.gap < 0:
        return _("They add up to %(sum)s: %(gap)s less than the %(own)s assigned to the unit itself.") % written
    return _("They add up to %(sum)s: %(gap)s more than the %(own)s assigned to the unit itself.") % written


def _page(request: HttpRequest, scope: Scope, table: Table, shown: Shown, status: int = 200) -> HttpResponse:
    """Return the page of targets."""
    summary = tally.summary(scope.programme, table.moments, unit=scope.unit, phase=scope.phase)
    count = summary.counts.submitted
    if scope.phase:
        count = summary.phase.counts.submitted if summary.phase else 0
    own = present_targets(scope.programme, scope.phase, [scope.unit.pk])
    context = {
        "scope": scope,
        "table": table,
        "shown": shown,
        "faults": shown.faults(table),
        "gap": gap_text(table),
        "count": count,
        "own_panels": [_own(scope, basis, own.get((scope.unit.pk, basis)), shown) for basis in Basis],
        "total": shown.total or (format_count(table.own, language()) if table.own else ""),
    }
    return render(request, "desk/targets/targets.html", context, status=status)


def _own(scope: Scope, basis: Basis, target: Target | None, shown: Shown) -> dict[str, Any]:
    """Return what the template draws one of the unit's own targets from: the target, and its form if there is one."""
    may = scope.may_assign_own if basis == Basis.ASSIGNED else scope.may_register
    form = shown.own if shown.own is not None and shown.own_basis == basis else OwnTargetForm(auto_id=f"id_{basis}_%s")
    seen = json.dumps({scope.unit.pk: target.value if target else None})
    return {"basis": basis, "target": target, "form": form if may else None, "seen": seen}
