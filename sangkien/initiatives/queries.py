"""Reading initiatives: always through ``visible_to`` first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import InvalidInput, NotFound
from sangkien.initiatives.codes import number_of
from sangkien.initiatives.models import (
    AskedField,
    Author,
    Draft,
    EligibilityRecord,
    Event,
    Initiative,
    Kind,
    Response,
    SubmissionKey,
)
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person
from sangkien.programmes.models import Field
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.scopes import scope_of

Viewer = Person | AnonymousUser
PUBLIC_STATES = (State.SUBMITTED, State.RETURNED, State.VALID)
MAX_PAGE = 100
Cursor = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some initiatives, newest first; ``next`` continues after the last, None at the end."""

    initiatives: Sequence[Initiative]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Who has an initiative now and since when (UTC).

    ``unit`` is the one whose officers are to decide, None when it waits for its author or for nobody, or when no unit
    on its path has an officer who could.
    """

    unit: Unit | None
    since: datetime
    with_whom: Literal["officer", "author", "nobody"]


def visible_to(viewer: Viewer) -> QuerySet[Initiative]:
    """Return what this person may see.

    Everybody sees what has been submitted and has not been found invalid or withdrawn; people also see their own, and
    officers everything in the units that they hold a role over. What has not been sent is a ``Draft``, not in here.
    """
    allowed = Q(state__in=PUBLIC_STATES)
    if isinstance(viewer, Person) and viewer.is_active:
        own = Exists(Author.objects.filter(initiative_id=OuterRef("pk"), person_id=viewer.pk))
        allowed |= Q(submitter_id=viewer.pk) | Q(own)
        if scope := scope_of(viewer, clock.now()):
            allowed |= scope.within()
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
    return _page(list(_newest(rows, after, limit)), limit)


def mine(person: Person, after: Cursor | None = None, limit: int = 20) -> Page:
    """Return what the person has submitted or is an author of, the newest first, with authors.

    ``after`` continues where an earlier page ended; ``limit`` is at most 100. What came in as history is theirs only
    as an author.
    """
    limit = max(1, min(limit, MAX_PAGE))
    if not person.is_active:
        return Page([], None)
    sent = Initiative.objects.filter(submitter=person, is_historical=False, submitted_at__isnull=False)
    named = Author.objects.filter(person=person).values("initiative_id")
    made = Initiative.objects.filter(pk__in=named, submitted_at__isnull=False).exclude(
        submitter=person, is_historical=False
    )
    # Each by an index of its own: one question with "or" would read the whole table.
    both = merge(*(_newest(rows, after, limit) for rows in (sent, made)), key=_place_in_list, reverse=True)
    page = _page(list(islice(both, limit + 1)), limit)
    prefetch_related_objects(list(page.initiatives), "authors")
    return page


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


# --- drafts and keys ---------------------------------------------------------------------------------------------


def get_draft(person: Person, draft_id: UUID) -> Draft:
    """Return a draft of the person's. Raises NotFound when it is another's, has been sent or is not there."""
    draft = _drafts(person).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("There is no such draft."), code="unknown_draft")
    return draft


def drafts_of(person: Person) -> list[Draft]:
    """Return the person's drafts, the one saved last first."""
    return list(_drafts(person).order_by("-saved_at", "pk"))


def number_sent_under(person: Person, key: UUID) -> int | None:
    """Return the number of the initiative that the person has sent under this key, or None."""
    found = SubmissionKey.objects.filter(person_id=person.pk, key=key)
    return found.values_list("initiative_number", flat=True).first()


def _drafts(person: Person) -> QuerySet[Draft]:
    """Return the person's drafts that have not been sent (one may have been saved while it was being sent)."""
    sent = SubmissionKey.objects.filter(person_id=person.pk, key=OuterRef("pk"))
    return Draft.objects.filter(~Exists(sent), owner_id=person.pk)


# --- who has it, and what is asked -------------------------------------------------------------------------------


def whereabouts(initiative: Initiative) -> Whereabouts:
    """Return who has this initiative now and since when."""
    return whereabouts_of([initiative])[initiative.pk]


def whereabouts_of(initiatives: Sequence[Initiative]) -> dict[int, Whereabouts]:
    """Return who has each of these initiatives (by number): at most four queries, however many they are.

    Submitted: the nearest unit, from its own upwards, over which somebody who may decide is a verifier now. Returned:
    its author. Decided or withdrawn: nobody. Since its last event.
    """
    numbers = [i.pk for i in initiatives]
    since = dict(
        Event.objects.filter(initiative_id__in=numbers).values_list("initiative_id").annotate(last=Max("at")).order_by()
    )
    deciding = _deciding_units([i for i in initiatives if i.state == State.SUBMITTED])
    found = {}
    for one in initiatives:
        moment = since.get(one.pk, one.submitted_at or one.created_at)
        if one.state == State.SUBMITTED:
            found[one.pk] = Whereabouts(deciding.get(one.pk), moment, "officer")
        else:
            found[one.pk] = Whereabouts(None, moment, "author" if one.state == State.RETURNED else "nobody")
    return found


def asked_of(initiative: Initiative) -> dict[str, str]:
    """Return what the officer asked of single fields when it was last returned: field to note."""
    returned = Event.objects.filter(initiative=initiative, kind=EventKind.RETURNED).order_by("-number")
    last = Subquery(returned.values("number")[:1])
    return dict(AskedField.objects.filter(initiative=initiative, number=last).values_list("field", "note"))


def eligibility_of(initiative: Initiative) -> list[dict[str, Any]]:
    """Return what the programme's rules said when it was last sent (``{rule, version, outcome}``), empty if unknown."""
    records = EligibilityRecord.objects.filter(initiative_id=initiative.pk).order_by("-number")
    return records.values_list("findings", flat=True).first() or []


def waiting_for(person: Person, limit: int = 20) -> list[Initiative]:
    """Return what waits for the person, the newest first: what was returned to them, what names them unanswered.

    With authors, events, asked fields and submitter. Each of the two questions goes by an index of its own.
    """
    if not person.is_active:
        return []
    returned = Initiative.objects.filter(submitter=person, is_historical=False, state=State.RETURNED)
    named = Initiative.objects.filter(
        Q(authors__response="", state__in=(State.SUBMITTED, State.RETURNED))
        | Q(authors__response=Response.CONFIRMED, state=State.RETURNED),
        authors__person=person,
    ).exclude(submitter=person)
    found: dict[int, Initiative] = {}
    for rows in (returned, named):
        newest = rows.select_related("submitter", "unit").order_by("-submitted_at", "-pk")[:limit]
        found |= {one.pk: one for one in newest}
    waiting = sorted(found.values(), key=_place_in_list, reverse=True)[:limit]
    prefetch_related_objects(waiting, "authors", "events", "asked_fields")
    return waiting


def _deciding_units(initiatives: Sequence[Initiative]) -> dict[int, Unit]:
    """Return for each initiative the nearest unit with a verifier who is none of its people."""
    if not initiatives:
        return {}
    now = clock.now()
    grants = (
        RoleGrant.objects.filter(
            role=Role.VERIFIER,
            unit_id__in={pk for i in initiatives for pk in i.unit_path},
            since__lte=now,
            person__is_active=True,
        )
        .filter(Q(until__isnull=True) | Q(until__gt=now))
        .values_list("unit_id", "person_id")
        .distinct()
    )
    verifiers: dict[int, set[int]] = {}
    for unit_id, person_id in grants:
        verifiers.setdefault(unit_id, set()).add(person_id)
    own: dict[int, set[int]] = {i.pk: {i.submitter_id} for i in initiatives}
    authors = Author.objects.filter(initiative_id__in=own, person_id__isnull=False)
    for number, person_id in authors.values_list("initiative_id", "person_id"):
        own[number].add(person_id)
    nearest = {
        i.pk: next((pk for pk in reversed(i.unit_path) if verifiers.get(pk, set()) - own[i.pk]), None)
        for i in initiatives
    }
    units = Unit.objects.in_bulk({pk for pk in nearest.values() if pk is not None})
    return {number: units[pk] for number, pk in nearest.items() if pk is not None}


# --- shared ------------------------------------------------------------------------------------------------------


def _newest(rows: QuerySet[Initiative], after: Cursor | None, limit: int) -> QuerySet[Initiative]:
    """Return one row more than ``limit``, the newest first, from where an earlier page ended."""
    if after is not None:
        moment, number = after
        # The first condition lets the index find the place; the second settles equal moments.
        rows = rows.filter(submitted_at__lte=moment).filter(Q(submitted_at__lt=moment) | Q(pk__lt=number))
    return rows.select_related("unit", "field").order_by("-submitted_at", "-pk")[: limit + 1]


def _page(found: list[Initiative], limit: int) -> Page:
    """Return a page of rows of which there is one too many if it goes on."""
    shown = found[:limit]
    return Page(shown, _place_in_list(shown[-1]) if len(found) > limit else None)


def _place_in_list(initiative: Initiative) -> Cursor:
    assert initiative.submitted_at is not None
    return initiative.submitted_at, initiative.pk


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
