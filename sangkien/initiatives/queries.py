"""Reading initiatives: always through ``visible_to`` first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import InvalidInput, NotFound
from sangkien.initiatives.codes import number_of
from sangkien.initiatives.models import Author, Initiative, Kind
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.programmes.models import Field
from sangkien.units.models import Unit
from sangkien.units.rules import subtree_ids_of

Viewer = Person | AnonymousUser
PUBLIC_STATES = (State.SUBMITTED, State.RETURNED, State.VALID)
MAX_PAGE = 100
Cursor = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some initiatives, newest first; ``next`` continues after the last, None at the end."""

    initiatives: Sequence[Initiative]
    next: Cursor | None


def visible_to(viewer: Viewer) -> QuerySet[Initiative]:
    """Return what this person may see.

    Everybody sees what has been submitted and has not been found invalid or withdrawn; people also see their own, and
    officers everything but others' drafts in the units that they hold a role over.
    """
    allowed = Q(state__in=PUBLIC_STATES)
    if isinstance(viewer, Person) and viewer.is_active:
        own = Exists(Author.objects.filter(initiative_id=OuterRef("pk"), person_id=viewer.pk))
        allowed |= Q(submitter_id=viewer.pk) | (own & ~Q(state=State.DRAFT))
        if units := subtree_ids_of(viewer, clock.now()):
            allowed |= Q(unit_path__overlap=units) & ~Q(state=State.DRAFT)
    return Initiative.objects.filter(allowed)


def list_initiatives(
    viewer: Viewer,
    *,
    unit: Unit | None = None,
    field: Field | None = None,
    kind: Kind | None = None,
    after: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """Return submitted initiatives, newest first, of a unit with everything below it if one is given.

    ``after`` continues where an earlier page ended; ``limit`` is at most 100.
    """
    limit = max(1, min(limit, MAX_PAGE))
    rows = visible_to(viewer).filter(submitted_at__isnull=False)
    if unit is not None:
        rows = rows.filter(_inside(unit))
    if field is not None:
        rows = rows.filter(field=field)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if after is not None:
        moment, number = after
        # The first condition lets the index find the place; the second settles equal moments.
        rows = rows.filter(submitted_at__lte=moment).filter(Q(submitted_at__lt=moment) | Q(pk__lt=number))
    found = list(rows.select_related("unit", "field").order_by("-submitted_at", "-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    last = found[-1] if found else None
    return Page(found, (last.submitted_at, last.pk) if more and last and last.submitted_at else None)


def newest_valid(limit: int = 6) -> list[Initiative]:
    """Return the initiatives that were found valid last."""
    rows = Initiative.objects.filter(state=State.VALID).select_related("unit", "field")
    return list(rows.order_by("-decided_at")[:limit])


def get_by_code(code: str, viewer: Viewer) -> Initiative:
    """Return the initiative with this public code, with authors and events. Raises NotFound."""
    try:
        number = number_of(code)
    except CodeError as error:
        raise NotFound(_("This code has a typing error: its check character does not fit."), code=error.code) from None
    return _one(visible_to(viewer).filter(pk=number))


def get_by_number(number: int, viewer: Viewer) -> Initiative:
    """Return the initiative with this number, with authors and events. Raises NotFound."""
    return _one(visible_to(viewer).filter(pk=number))


def get_field(code: str) -> Field:
    """Return the field of application with this code. Raises InvalidInput."""
    field = Field.objects.filter(code=code).first() if code.isprintable() else None  # the database takes no NUL
    if field is None:
        raise InvalidInput(_("There is no field of application with this code."), code="unknown_field", field="field")
    return field


def list_fields() -> list[Field]:
    """Return the fields of application in their order."""
    return list(Field.objects.order_by("pk"))


def _one(rows: QuerySet[Initiative]) -> Initiative:
    """Return the only row with all that its page shows. Raises NotFound."""
    found = (
        rows.select_related("unit", "field", "phase", "programme", "submitter")
        .prefetch_related("authors__unit", "events__actor")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no initiative with this code."), code="unknown_initiative")
    return found


def _inside(unit: Unit) -> Q:
    """Return the condition for "of this unit or below", by the column that an index serves at the unit's level."""
    if unit.level == 1:
        return Q()
    if unit.level == 2:
        return Q(unit_path__1=unit.pk)
    if unit.level == 3:
        return Q(unit_path__2=unit.pk)
    return Q(unit_path__contains=[unit.pk]) if unit.children.exists() else Q(unit=unit)
