"""The list of initiatives, and one initiative by its code."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sangkien.core.codes import CodeError
from sangkien.core.errors import InvalidInput, NotFound
from sangkien.initiatives.codes import code_of, number_of
from sangkien.initiatives.models import Initiative, Kind
from sangkien.initiatives.queries import get_by_code, get_field, list_fields, list_initiatives
from sangkien.initiatives.states import State
from sangkien.programmes.models import Programme
from sangkien.programmes.queries import the_programme
from sangkien.tally import queries as tally
from sangkien.tally.figures import Summary
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit, search_units
from sangkien.web.initiatives.cursors import read_cursor, write_cursor
from sangkien.web.initiatives.pages import LOOKS, initiative_page
from sangkien.web.initiatives.requests import viewer_of

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One initiative of the list: with its public code and the look of its state."""

    initiative: Initiative
    code: str
    look: str
    icon: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What ``?don-vi=`` asks for. ``is_known`` is False for a text that is no unit's code; ``matches`` are like it."""

    text: str
    unit: Unit | None = None
    is_known: bool = True
    matches: tuple[Unit, ...] = ()


@require_safe
def initiative(request: HttpRequest, code: str) -> HttpResponse:
    """One initiative. Any way of typing its code leads to the one address; a typing error is explained (404)."""
    viewer = viewer_of(request)
    try:
        found = get_by_code(code, viewer)
    except NotFound as error:
        return _no_such_code(request, code, error)
    if code != code_of(found.pk):
        return redirect("initiative", code=code_of(found.pk), permanent=True)
    return initiative_page(request, found, viewer)


@require_safe
def initiatives(request: HttpRequest) -> HttpResponse:
    """The submitted initiatives, newest first: ``?don-vi=`` unit, ``?linh-vuc=`` field, ``?loai=`` kind.

    ``?sau=`` continues a list, ``?ma=`` leads to the initiative with this code. Raises InvalidInput
    for a field, a kind or a place that there is not.
    """
    typed_code = request.GET.get("ma", "").strip()
    code_error = ""
    if typed_code:
        try:
            return redirect("initiative", code=code_of(number_of(typed_code)))
        except CodeError as error:
            code_error = str(error)
    asked = _asked_unit(request.GET.get("don-vi", "").strip())
    field_code, kind_code = request.GET.get("linh-vuc", ""), request.GET.get("loai", "")
    after = request.GET.get("sau", "")
    page = None
    if asked.is_known:
        page = list_initiatives(
            viewer_of(request),
            unit=asked.unit,
            field=get_field(field_code) if field_code else None,
            kind=_kind(kind_code) if kind_code else None,
            after=read_cursor(after) if after else None,
            limit=PAGE_SIZE,
        )
    programme = the_programme()
    context = {
        "programme": programme,
        "asked": asked,
        "unit": asked.unit,
        "fields": list_fields(),
        "field_code": field_code,
        "kinds": Kind.choices,
        "kind_code": kind_code,
        "is_narrowed": bool(field_code or kind_code),
        "is_continued": bool(after),
        "listed": [_listed(one) for one in page.initiatives] if page else [],
        "next": write_cursor(page.next) if page and page.next else "",
        "summary": _summary(programme, asked.unit) if asked.is_known else None,
        "typed_code": typed_code,
        "code_error": code_error,
    }
    status = 404 if code_error or not asked.is_known else 200
    return render(request, "initiatives/list.html", context, status=status)


def _asked_unit(text: str) -> Asked:
    """Return the unit that an address asks for, or units whose names are like what was typed."""
    if not text:
        return Asked("")
    try:
        return Asked(text, get_unit(text))
    except NotFound:
        matches = search_units(text)
    same_code = [unit for unit in matches if unit.code.casefold() == text.casefold()]
    if same_code:
        return Asked(text, same_code[0])
    return Asked(text, is_known=False, matches=tuple(matches))


def _kind(code: str) -> Kind:
    """Return the kind with this code. Raises InvalidInput."""
    try:
        return Kind(code)
    except ValueError:
        raise InvalidInput(
            _("There is no kind of solution with this code."), code="unknown_kind", field="loai"
        ) from None


def _summary(programme: Programme | None, unit: Unit | None) -> Summary | None:
    """Return the newest figures of the unit, or of the whole programme."""
    return tally.summary(programme, tally.moments(programme), unit=unit) if programme else None


def _listed(one: Initiative) -> Listed:
    """Return an initiative as the list shows it."""
    look, icon = LOOKS[State(one.state)]
    return Listed(one, code_of(one.pk), look, icon)


def _no_such_code(request: HttpRequest, code: str, error: NotFound) -> HttpResponse:
    """Return the page (404) for a code that leads nowhere, with a box to type it again."""
    explanation = CodeError.MESSAGES["malformed"] if error.code == "malformed" else error.message
    context = {"typed_code": code[:40], "explanation": explanation, "is_mistyped": error.code == "check"}
    return render(request, "initiatives/no_such_code.html", context, status=404)
