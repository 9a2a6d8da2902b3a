"""What may be asked for: query parameters, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Path
from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from sangkien.core import clock
from sangkien.core.clock import LONGEST_TEXT, parse_moment
from sangkien.core.errors import InvalidInput
from sangkien.initiatives.models import Kind
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import get_phase
from sangkien.tally import queries as tally
from sangkien.tally.figures import Moments, Tree
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit

CUTOFF_EXAMPLE: JsonDict = {"example": "24h00 31/5/2022"}
MAX_CODE = 40
PAGE_SIZE = 20
MAX_PAGE = 100
MAX_UNITS = 100

ProgrammeCode = Annotated[str, Path(description="Code of a programme.", example="1trieu")]
InitiativeCode = Annotated[str, Path(description="Public code of an initiative, in capitals or not.")]
UnitCode = Annotated[str, Path(description="Code of a unit.", example="HNI")]

_UNIT = "Code of a unit; left out: the union that runs the programme."
_PHASE = "Number of the phase that progress is towards. Left out: the last one that had opened before as_of."
_PHASE_NOW = " Without as_of: the phase that the programme shows first, if it names one."


class MomentAsked(BaseModel):
    """The moment of an answer."""

    as_of: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="Cut-off, exclusive: ISO 8601 (without an offset: Vietnam time) or like 24h00 31/5/2022; a day"
        " alone means its end. Left out: the newest moment for which figures are final.",
        json_schema_extra=CUTOFF_EXAMPLE,
    )


class TreeAsked(MomentAsked):
    """By which tree of units figures are added up."""

    tree: Literal["then", "today"] = Field(
        "then",
        description="then: as it stood, what was counted for a unit stays with it; such a figure never changes."
        " today: what was counted for a unit counts for the unit that follows it today, at past moments too; nothing is"
        " left with a unit that another follows. These figures change when units merge or move.",
    )


class SummaryAsked(TreeAsked):
    """What a summary is asked for."""

    known_at: Literal["now"] | None = Field(
        None,
        description="now: what is known now about what was submitted before as_of. Left out: what was known at as_of.",
    )
    phase: int | None = Field(None, ge=1, le=999, description=_PHASE + _PHASE_NOW)
    unit: str | None = Field(None, max_length=MAX_CODE, description=_UNIT)


class BoardAsked(SummaryAsked):
    """What a board is asked for."""

    group: Literal["unit", "cluster"] = Field(
        "unit", description="unit: all units ranked together. cluster: ranked within each cluster or block."
    )
    since: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="The moment that ranks are compared with, written as as_of is; left out: 40 days before as_of.",
        json_schema_extra={"example": "22/4/2022"},
    )


class TimelineAsked(TreeAsked):
    """What a timeline is asked for."""

    unit: str | None = Field(None, max_length=MAX_CODE, description=_UNIT)


class RulesAsked(BaseModel):
    """What the rules are asked for."""

    as_of: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="The rules in force before this moment, written as everywhere. Left out: now.",
        json_schema_extra=CUTOFF_EXAMPLE,
    )


class InitiativesAsked(BaseModel):
    """What a list of initiatives is asked for."""

    q: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="The public code of one initiative, like SK-7XQ4-M2KD. Words are not searched for yet: 422.",
    )
    unit: str | None = Field(None, max_length=MAX_CODE, description="Code of a unit; everything below it counts too.")
    field: str | None = Field(None, max_length=MAX_CODE, description="Code of a field of application.")
    kind: Kind | None = Field(None, description="Kind of solution.")
    page: int | None = Field(
        None, ge=1, le=MAX_PAGE, description="Number of a page of 20, among the first 100. To read on, use after."
    )
    after: str | None = Field(None, max_length=LONGEST_TEXT, description="next_after of the page before.")


class UnitsAsked(BaseModel):
    """What a list of units is asked for."""

    q: str | None = Field(
        None,
        max_length=200,
        description="A name or code, with or without diacritics. Left out: the units directly under the confederation.",
        json_schema_extra={"example": "ha noi"},
    )
    limit: int = Field(MAX_UNITS, ge=1, le=MAX_UNITS, description="How many units a search returns at most.")
    open: bool = Field(False, description="true: a search returns only units that are open today.")


def only_known(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse parameters that an operation does not know, or has twice: a slip would silently change the figures."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        asked = values.get("asked")
        known = set(type(asked).model_fields) if isinstance(asked, BaseModel) else set()
        for name, given in request.GET.lists():
            _check(name, given, known)
        return view(request, *args, **values)

    return checked


def _check(name: str, given: list[str], known: set[str]) -> None:
    """Raise InvalidInput unless this parameter is known, given once and free of null characters."""
    if name not in known:
        sentence = gettext("There is no such parameter here. Known are: %(known)s.") % {
            "known": ", ".join(sorted(known)) or "–"
        }
        raise InvalidInput(sentence, code="unknown_parameter", field=name)
    if len(given) > 1:
        raise InvalidInput(_("Give this parameter only once."), code="given_twice", field=name)
    if "\x00" in given[0]:
        raise InvalidInput(_("This holds a character that cannot be used."), code="bad_character", field=name)


def moment(text: str, field: str) -> datetime:
    """Read a cut-off (UTC, exclusive). Raises InvalidInput naming ``field``."""
    try:
        return parse_moment(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field=field) from None


def moments(programme: Programme, asked: MomentAsked) -> Moments:
    """Return the moments of the answer. Raises InvalidInput: malformed, in the future, before the programme."""
    cutoff = None if asked.as_of is None else moment(asked.as_of, "as_of")
    return tally.moments(programme, cutoff, known_now=isinstance(asked, SummaryAsked) and asked.known_at == "now")


def past(asked: RulesAsked) -> datetime | None:
    """Return the moment asked for (UTC, exclusive), None if none is. Raises InvalidInput: malformed, in the future."""
    if asked.as_of is None:
        return None
    cutoff = moment(asked.as_of, "as_of")
    if cutoff > clock.now():
        raise InvalidInput(
            _("This moment has not come yet. Choose one that has passed."), code="as_of_in_future", field="as_of"
        )
    return cutoff


def since(asked: BoardAsked) -> datetime | None:
    """Return the moment that ranks are compared with (UTC, exclusive), None for the usual one. Raises InvalidInput."""
    return None if asked.since is None else moment(asked.since, "since")


def phase(programme: Programme, asked: SummaryAsked) -> Phase | None:
    """Return the phase asked for, None to let the cut-off decide. Raises NotFound."""
    if asked.phase is not None:
        return get_phase(programme, asked.phase)
    return programme.headline_phase if asked.as_of is None else None


def tree(asked: TreeAsked) -> Tree:
    """Return the tree of units asked for."""
    return Tree(asked.tree)


def unit(code: str | None) -> Unit | None:
    """Return the unit asked for, if any. Raises NotFound."""
    return None if code is None else get_unit(code)
