"""Initiatives: the newest, and one in full. Only what is public, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from sangkien.api import answers, parameters, schemas
from sangkien.api.parameters import PAGE_SIZE
from sangkien.core.errors import InvalidInput, NotFound
from sangkien.initiatives import queries
from sangkien.initiatives.codes import code_of, number_of
from sangkien.tally.queries import ordinal_of

router = Router(tags=["initiatives"])
PUBLIC = AnonymousUser()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@router.get(
    "initiatives", response=schemas.InitiativesOut, operation_id="list_initiatives", summary="Initiatives, newest first"
)
def initiatives(request: HttpRequest, asked: Query[parameters.InitiativesAsked]) -> HttpResponse:
    """Initiatives that are public: submitted, returned or valid. Twenty to a page, the newest first."""
    page = _one_by_code(asked.q) if asked.q is not None else _page(asked)
    found = schemas.InitiativesOut(
        initiatives=[answers.initiative_line(initiative) for initiative in page.initiatives],
        next_after=_write_cursor(page.next) if page.next else None,
    )
    return answers.respond(request, found)


@router.get(
    "initiatives/{code}", response=schemas.InitiativeOut, operation_id="get_initiative", summary="One initiative"
)
def initiative(request: HttpRequest, code: parameters.InitiativeCode) -> HttpResponse:
    """An initiative with its authors' names and what happened to it."""
    found = queries.get_by_code(code, PUBLIC)
    ordinal = ordinal_of(found.pk)
    return answers.respond(request, answers.initiative_in_full(found, ordinal.ordinal if ordinal else None))


def _one_by_code(text: str) -> queries.Page:
    """Return the initiative with this code as a page of its own, or an empty one. Raises InvalidInput for no code."""
    try:
        number_of(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field="q") from None
    try:
        return queries.Page([queries.get_by_code(text, PUBLIC)], None)
    except NotFound:
        return queries.Page([], None)


def _page(asked: parameters.InitiativesAsked) -> queries.Page:
    """Return the page asked for. Raises NotFound and InvalidInput."""
    if asked.page is not None and asked.after is not None:
        raise InvalidInput(_("Give page or after, not both."), code="page_or_after", field="page")
    unit = parameters.unit(asked.unit)
    field = None if asked.field is None else queries.get_field(asked.field)
    after = None if asked.after is None else _read_cursor(asked.after)
    skip = PAGE_SIZE * ((asked.page or 1) - 1)
    while skip:
        step = min(skip, queries.MAX_PAGE)
        after = queries.list_initiatives(PUBLIC, unit=unit, field=field, kind=asked.kind, after=after, limit=step).next
        if after is None:
            return queries.Page([], None)
        skip -= step
    return queries.list_initiatives(PUBLIC, unit=unit, field=field, kind=asked.kind, after=after, limit=PAGE_SIZE)


def _write_cursor(cursor: queries.Cursor) -> str:
    """Write a place in the list: microseconds since 1970 and the public code, which does not give the number away."""
    moment, number = cursor
    return f"{(moment - _EPOCH) // _MICROSECOND}.{code_of(number)}"


def _read_cursor(text: str) -> queries.Cursor:
    """Read what ``_write_cursor`` wrote. Raises InvalidInput."""
    microseconds, _dot, code = text.partition(".")
    try:
        return _EPOCH + int(microseconds) * _MICROSECOND, number_of(code)
    except (ValueError, OverflowError, InvalidInput):
        raise InvalidInput(_("This is no next_after of ours."), code="bad_cursor", field="after") from None
