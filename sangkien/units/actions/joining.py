"""What people do about the unit that they belong to, and what officers do for those who do not find theirs.

The person is locked first, then the request, then the unit above: everywhere, so that nobody waits for each other.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import normalise, normalise_lines, search_key, sort_key
from sangkien.people.models import Person
from sangkien.units.models import Membership, Unit, UnitKind, UnitRequest
from sangkien.units.queries import get_request, is_open_on, same_unit_below
from sangkien.units.rules import may_settle

MAX_NAME: Final = 200
MAX_NOTE: Final = 500
LOWEST: Final = frozenset(
    {UnitKind.GRASSROOTS_UNION, UnitKind.OCCUPATIONAL_UNION, UnitKind.UNION_SECTION, UnitKind.UNION_GROUP}
)
"""Kinds of units that no grassroots union stands below."""


class AlreadySettled(Conflict):
    """Another officer was faster, or the person has taken the request back; ``request`` says how it stands now."""

    code = "already_settled"

    def __init__(self, request: UnitRequest) -> None:
        super().__init__(_("This request has been answered in the meantime."))
        self.request = request


# --- what members do ----------------------------------------------------------------------------------------------


@transaction.atomic
def join_unit(*, actor: Person, unit: Unit, since: date | None = None) -> Membership:
    """Make the actor a member of ``unit`` from this Vietnamese day (today), and of no other any longer.

    A request for a unit that is still waiting is taken back. Raises NotAllowed for what is no person and InvalidInput:
    the unit is not open then, the day lies in the future or before an earlier membership.
    """
    person = _locked(actor)
    at = event_moment()
    membership = _join(person, unit, since, at)
    _take_back(person, at)
    return membership


@transaction.atomic
def request_unit(*, actor: Person, above: Unit, name: str, note: str = "") -> UnitRequest:
    """Ask for a unit that is not listed: the officers of ``above``, the nearest one above it, are told.

    Raises NotAllowed for what is no person, Conflict while an earlier request waits, InvalidInput (``above``, ``name``,
    ``note``), among others when a unit of this name is there already.
    """
    person = _locked(actor)
    at = event_moment()
    if UnitRequest.objects.filter(person=person, state=UnitRequest.State.WAITING).exists():
        raise Conflict(_("You have asked for a unit already, and an officer has not answered yet."), code="waiting")
    above = _possible_parent(above, at)
    cleaned = _clean_name(name, "name")
    _refuse_same(above, cleaned, "name")
    request = UnitRequest.objects.create(
        person=person, above=above, name=cleaned, note=_clean_lines(note, "note"), made_at=at
    )
    _tell(request, person, at, "request_unit")
    return request


@transaction.atomic
def withdraw_request(*, actor: Person) -> int:
    """Take back one's own waiting request; return how many there were: 1 or 0."""
    person = _locked(actor)
    return _take_back(person, event_moment())


# --- what officers do ---------------------------------------------------------------------------------------------


@transaction.atomic
def settle_request(
    *, actor: Person, request_id: int, unit: Unit | None = None, new_name: str = "", answer: str = ""
) -> UnitRequest:
    """Give somebody the unit that they asked for: an existing one, or a new one of ``new_name`` below ``above``.

    The person belongs to it from today on. Raises NotFound, NotAllowed, AlreadySettled and InvalidInput (``unit``,
    ``new_name``, ``answer``).
    """
    request, person, at = _open_request(actor, request_id)
    if (unit is None) == (not normalise(new_name)):
        raise InvalidInput(
            _("Choose the unit among those listed, or write the name of the new one."), code="unit_needed", field="unit"
        )
    request.answer = _clean_lines(answer, "answer")
    is_new = unit is None
    found = unit or _create_below(actor, request.above, new_name, at)
    _join(person, found, None, at)
    request.unit = found
    _close(request, actor, at, UnitRequest.State.SETTLED)
    _tell(request, actor, at, "settle_unit_request", unit=found.code, is_new=is_new)
    return request


@transaction.atomic
def refuse_request(*, actor: Person, request_id: int, answer: str) -> UnitRequest:
    """Refuse a request, in writing. Raises NotFound, NotAllowed, AlreadySettled and InvalidInput (``answer``)."""
    request, _person, at = _open_request(actor, request_id)
    request.answer = _clean_lines(answer, "answer")
    if not request.answer:
        raise InvalidInput(_("Say in a sentence why: the person will read it."), code="answer_needed", field="answer")
    _close(request, actor, at, UnitRequest.State.REFUSED)
    _tell(request, actor, at, "refuse_unit_request")
    return request


# --- parts --------------------------------------------------------------------------------------------------------


def _locked(actor: Person) -> Person:
    """Return the actor as stored now, locked. Raises NotAllowed for what is no person with an open account."""
    person = Person.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if person.is_system or not person.is_active:
        raise NotAllowed
    return person


def _join(person: Person, unit: Unit, since: date | None, at: datetime) -> Membership:
    """Make a locked person a member of the unit, and write it into the record."""
    today = clock.day_of(at)
    day = since or today
    if not is_open_on(unit, day):
        raise InvalidInput(_("This unit is not open any more. Choose the one that followed it."), field="unit")
    held = Membership.objects.filter(person=person, until__isnull=True).first()
    if held is not None and held.unit_id == unit.pk:
        return held
    ends = Membership.objects.filter(person=person, until__gt=day)
    if day > today or ends.exists() or (held is not None and held.since > day):
        raise InvalidInput(_("This day cannot be used."), code="impossible_day", field="since")
    if held is not None and held.since == day:
        held.unit = unit  # on one day one belongs to one unit: the last that was chosen
        held.save(update_fields=["unit"])
    else:
        Membership.objects.filter(person=person, until__isnull=True).update(until=day)
        held = Membership.objects.create(person=person, unit=unit, since=day)
    record(actor=person, at=at, action="join_unit", subject_kind="unit", subject=unit.code, unit_path=unit.path)
    return held


def _take_back(person: Person, at: datetime) -> int:
    """Take back what a locked person still waits for; return how many requests there were."""
    waiting = UnitRequest.objects.filter(person=person, state=UnitRequest.State.WAITING)
    return waiting.update(state=UnitRequest.State.WITHDRAWN, settled_at=at)


def _open_request(actor: Person, request_id: int) -> tuple[UnitRequest, Person, datetime]:
    """Return a waiting request, locked, who made it, and the moment. Raises NotFound, NotAllowed, AlreadySettled.

    Whoever may not settle it is not told that there is one.
    """
    asked = get_request(request_id)
    person = Person.objects.select_for_update(no_key=True).get(pk=asked.person_id)
    UnitRequest.objects.select_for_update().get(pk=request_id)
    request = get_request(request_id)
    at = event_moment()
    if not may_settle(actor, request, at):
        raise NotAllowed if request.person_id == actor.pk else NotFound
    if request.state != UnitRequest.State.WAITING:
        raise AlreadySettled(request)
    return request, person, at


def _create_below(actor: Person, above: Unit, name: str, at: datetime) -> Unit:
    """Open a grassroots union below ``above`` from today on. Raises InvalidInput (``new_name``)."""
    above = _possible_parent(Unit.objects.select_for_update(no_key=True).get(pk=above.pk), at)
    cleaned = _clean_name(name, "new_name")
    _refuse_same(above, cleaned, "new_name")
    code = _next_code(above)
    unit = Unit.objects.create(
        code=code,
        kind=UnitKind.GRASSROOTS_UNION,
        name_vi=cleaned,
        name_en=cleaned,
        parent=above,
        path=[],
        today_path=[],
        opened_on=clock.day_of(at),
        search_key=search_key(f"{code} {cleaned}"),
        sort_key=sort_key(cleaned),
    )
    unit.path = unit.today_path = [*above.path, unit.pk]
    unit.save(update_fields=["path", "today_path"])
    record(actor=actor, at=at, action="create_unit", subject_kind="unit", subject=code, unit_path=unit.path)
    return unit


def _next_code(above: Unit) -> str:
    """Return the code of the next unit below ``above``, which is locked: its own, and a number of four digits."""
    pattern = rf"^{re.escape(above.code)}-\d{{4,}}$"
    taken = Unit.objects.filter(code__startswith=f"{above.code}-", code__regex=pattern).values_list("code", flat=True)
    highest = max((int(code.rpartition("-")[2]) for code in taken), default=0)
    return f"{above.code}-{highest + 1:04}"


def _possible_parent(above: Unit, at: datetime) -> Unit:
    """Return the unit if a grassroots union may be opened below it. Raises InvalidInput (``above``)."""
    if above.kind in LOWEST:
        raise InvalidInput(
            _("This is a grassroots union itself. Choose it if you work there, or else a union above yours."),
            code="too_low",
            field="above",
        )
    if not is_open_on(above, clock.day_of(at)):
        raise InvalidInput(_("This unit is not open any more. Choose the one that followed it."), field="above")
    return above


def _refuse_same(above: Unit, name: str, field: str) -> None:
    """Raise InvalidInput if a unit of this name stands below ``above`` already; the message names it."""
    same = same_unit_below(above, name)
    if same is not None:
        raise InvalidInput(
            _("There is one of this name already: %(name)s (%(code)s). Choose it if it is the one.")
            % {"name": same.name_vi, "code": same.code},
            code="unit_exists",
            field=field,
        )


def _clean_name(text: str, field: str) -> str:
    """Return the name of a unit as it is stored. Raises InvalidInput."""
    name = normalise(text)
    if len(name) > MAX_NAME:
        raise InvalidInput(_TOO_LONG % {"limit": MAX_NAME}, code="too_long", field=field)
    if len(search_key(name)) < 2:
        raise InvalidInput(_("Write the whole name of the unit."), code="no_name", field=field)
    return name


def _clean_lines(text: str, field: str) -> str:
    """Return a note or an answer as it is stored. Raises InvalidInput when it is too long."""
    lines = normalise_lines(text)
    if len(lines) > MAX_NOTE:
        raise InvalidInput(_TOO_LONG % {"limit": MAX_NOTE}, code="too_long", field=field)
    return lines


_TOO_LONG = _("This is too long: at most %(limit)d characters.")


def _close(request: UnitRequest, actor: Person, at: datetime, state: UnitRequest.State) -> None:
    """Write how a request was answered, by whom and when."""
    request.state = state
    request.settled_at = at
    request.settled_by = actor
    request.save(update_fields=["state", "settled_at", "settled_by", "unit", "answer"])


def _tell(request: UnitRequest, actor: Person, at: datetime, action: str, **details: object) -> None:
    """Write into the record what happened to a request; people are told of it."""
    entry = record(
        actor=actor,
        at=at,
        action=action,
        subject_kind="unit_request",
        subject=str(request.pk),
        unit_path=request.above.path,
        details=details,
    )
    outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
