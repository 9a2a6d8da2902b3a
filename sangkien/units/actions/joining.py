"""What people do about the unit that they belong to, and what officers do for those who do not find theirs.

The person is locked first, then the request, then the unit above: everywhere, so that nobody waits for each other.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.units.actions.opening import create_below, refuse_same
from sangkien.units.checks import LOWEST
from sangkien.units.inputs import Names, clean_lines, clean_name
from sangkien.units.models import Membership, Unit, UnitKind, UnitRequest
from sangkien.units.queries import get_request, is_open_on
from sangkien.units.rules import may_settle


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
    cleaned = clean_name(name, "name")
    refuse_same(above, cleaned, "name")
    request = UnitRequest.objects.create(
        person=person, above=above, name=cleaned, note=clean_lines(note, "note"), made_at=at
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
    request.answer = clean_lines(answer, "answer")
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
    request.answer = clean_lines(answer, "answer")
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
    cleaned = clean_name(name, "new_name")
    refuse_same(above, cleaned, "new_name")
    unit = create_below(above, UnitKind.GRASSROOTS_UNION, Names(cleaned, cleaned), clock.day_of(at))
    record(actor=actor, at=at, action="create_unit", subject_kind="unit", subject=unit.code, unit_path=unit.path)
    return unit


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
