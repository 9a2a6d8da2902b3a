"""Giving a role over a subtree, and taking it away: at once, because every rule asks what holds at its moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record, record_view
from sangkien.audit.refusals import Aim, recorded
from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.units.holders import find_person, own_end
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.queries import is_open_on
from sangkien.units.rules import giving_role, in_force, may_end, may_grant

MAX_REASON: Final = 500
OPERATOR: Final = "operator"
"""The named actor (``people.models.system_actor``) that the commands of whoever runs the server act as."""


def may_give(person: Person, role: Role, unit: Unit, at: datetime) -> bool:
    """Who may by ``units.rules.may_grant``; and whoever runs the server, because somebody has to give the first."""
    is_operator = person.is_system and person.username == f"system:{OPERATOR}"
    return is_operator or may_grant(person, role, unit, at)


def _aim(given: Mapping[str, Any]) -> Aim:
    """Return what the giving of a role is aimed at; whom, once that is known: what was typed is not kept."""
    unit, person = given["unit"], given.get("person")
    whom = {"person": person.pk} if person else {}
    return Aim("unit", unit.code, unit.path, {"role": str(given["role"]), **whom})


def _aim_of_end(given: Mapping[str, Any]) -> Aim | None:
    """Return what the taking away of a role is aimed at, None if there is no such role."""
    grant = RoleGrant.objects.select_related("unit").filter(pk=given["grant_id"]).first()
    if grant is None:
        return None
    details = {"role": grant.role, "unit": grant.unit.code, "person": grant.person_id}
    return Aim("role_grant", str(grant.pk), grant.unit.path, details)


@recorded("grant_role", _aim)
@transaction.atomic
def grant_role(
    *, actor: Person, person: Person, unit: Unit, role: Role, until: datetime | None = None, reason: str = ""
) -> RoleGrant:
    """Give ``person`` a role over ``unit`` and all below it, from now until ``until`` (UTC, exclusive; None: for good).

    It never lasts longer than the actor's own right to give it: without an ``until`` it ends with that. What the person
    holds already is replaced, so that a role can be prolonged without a gap. Raises NotAllowed and InvalidInput
    (``person``, ``unit``, ``until``, ``reason``).
    """
    holder = _locked(person, actor)
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # it does not close or merge meanwhile
    at = event_moment()
    if not may_give(actor, role, unit, at):
        raise NotAllowed(_NOT_YOURS)
    if holder.pk == actor.pk:
        raise InvalidInput(_("Nobody gives a role to themselves."), code="oneself", field="person")
    if holder.is_system or not holder.is_active:
        raise InvalidInput(_("This account is closed."), code="closed_account", field="person")
    if not is_open_on(unit, clock.day_of(at)):
        raise InvalidInput(_("This unit is not open any more. Choose the one that followed it."), field="unit")
    ends = _until(until, actor, role, unit, at)
    why = _clean_reason(reason)
    before = _replace(holder, unit, role, ends, actor, at)
    grant = RoleGrant.objects.create(
        person=holder, unit=unit, role=role, since=at, until=ends, granted_by=actor, reason=why
    )
    _tell(grant, actor, at, "grant_role", reason=why, until=_iso(ends), replaces=before.pk if before else None)
    return grant


@recorded("end_grant", _aim_of_end, NotFound)
@transaction.atomic
def end_grant(*, actor: Person, grant_id: int, reason: str = "") -> RoleGrant:
    """Take a role away from this moment on. Whoever takes it from somebody else says why.

    Raises NotFound for a grant over which the actor has no say, Conflict when it has ended or is the last of the
    confederation that could be given back by nobody, InvalidInput (``reason``).
    """
    asked = RoleGrant.objects.filter(pk=grant_id).select_related("person").first()
    if asked is None:
        raise NotFound(_NO_SUCH_GRANT)
    _locked(asked.person, actor)
    grant = RoleGrant.objects.select_for_update(of=["self"]).select_related("unit", "person").get(pk=grant_id)
    at = event_moment()
    if not may_end(actor, grant, at):
        raise NotFound(_NO_SUCH_GRANT)
    why = _clean_reason(reason)
    if grant.until is not None and grant.until <= at:
        raise Conflict(_("This role has ended already."), code="ended")
    if not why and grant.person_id != actor.pk:
        needed = _("Say in a sentence why: whoever holds the role will read it.")
        raise InvalidInput(needed, code="reason_needed", field="reason")
    _keep_the_last(grant, at)
    grant.until, grant.ended_by = at, actor
    grant.save(update_fields=["until", "ended_by"])
    _tell(grant, actor, at, "end_grant", reason=why)
    return grant


@recorded("grant_role", _aim)
@transaction.atomic
def look_up_person(*, actor: Person, known_as: str, unit: Unit, role: Role) -> Person:
    """Return whoever the actor means to give a role to, known by exactly a user name or a contact that is theirs.

    That somebody was looked up stands in the record, once a day. Raises NotAllowed for whoever may not give this role
    over the unit, and InvalidInput (``person``) when nobody is known so.
    """
    at = event_moment()
    if not may_give(actor, role, unit, at):
        raise NotAllowed(_NOT_YOURS)
    found = find_person(known_as)
    if found is None:
        raise InvalidInput(
            _(
                "Nobody is known by exactly this. Ask the person to sign up, to confirm their e-mail address or number,"
                " and to tell you which one they used."
            ),
            code="unknown_person",
            field="person",
        )
    record_view(
        actor=actor, at=at, what="find_person", subject_kind="person", subject=str(found.pk), unit_path=unit.path
    )
    return found


_NOT_YOURS = _("You can only give roles that you run yourself, over your own units and those below.")
_NO_SUCH_GRANT = _("There is no such role here.")


def _locked(person: Person, actor: Person) -> Person:
    """Return the person as stored now. Both are locked: what the actor may do is not taken away meanwhile."""
    ids = {person.pk, actor.pk}
    people = {one.pk: one for one in Person.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)}
    return people[person.pk]


def _until(asked: datetime | None, actor: Person, role: Role, unit: Unit, at: datetime) -> datetime | None:
    """Return when the role ends, with the actor's own right at the latest. Raises InvalidInput."""
    if asked is not None and asked <= at:
        raise InvalidInput(_("This day is over. Choose a later one."), code="until_past", field="until")
    own = own_end(actor, role, unit, at)
    if asked is not None and own is not None and asked > own:
        raise InvalidInput(
            _("Your own role ends at %(own)s: what you give cannot last longer.") % {"own": clock.format_cutoff(own)},
            code="beyond_own",
            field="until",
        )
    return asked if asked is not None else own


def _replace(
    holder: Person, unit: Unit, role: Role, ends: datetime | None, actor: Person, at: datetime
) -> RoleGrant | None:
    """End what the person holds of the same role over the same unit. Raises InvalidInput if it lasts as long."""
    held = in_force(RoleGrant.objects.filter(person=holder, unit=unit, role=role), at).first()
    if held is None:
        return None
    if held.until is None or (ends is not None and held.until >= ends):  # a role is cut short by taking it away
        raise InvalidInput(_("This person holds the role here already."), code="held_already", field="person")
    held.until, held.ended_by = at, actor
    held.save(update_fields=["until", "ended_by"])
    return held


def _keep_the_last(grant: RoleGrant, at: datetime) -> None:
    """Raise Conflict if nobody above could give this role again: the last who may give it at the top keeps it."""
    if grant.unit.parent_id is not None or Role(grant.role) != giving_role(Role(grant.role)):
        return
    Unit.objects.select_for_update(no_key=True).get(pk=grant.unit_id)
    others = RoleGrant.objects.filter(unit_id=grant.unit_id, role=grant.role, person__is_active=True)
    if not in_force(others, at).exclude(pk=grant.pk).exists():
        raise Conflict(
            _("Nobody else holds this role at the top: give it to somebody else first, or nobody could ever give it."),
            code="last_one",
        )


def _clean_reason(text: str) -> str:
    """Return a reason in one line. Raises InvalidInput when it is too long."""
    reason = normalise(text)
    if len(reason) > MAX_REASON:
        too_long = _("This is too long: at most %(limit)d characters.") % {"limit": MAX_REASON}
        raise InvalidInput(too_long, code="too_long", field="reason")
    return reason


def _iso(moment: datetime | None) -> str | None:
    """Return a moment as the record keeps it."""
    return moment.isoformat() if moment else None


def _tell(grant: RoleGrant, actor: Person, at: datetime, action: str, **details: object) -> None:
    """Write into the record what happened to a grant; its holder is told of it."""
    entry = record(
        actor=actor,
        at=at,
        action=action,
        subject_kind="role_grant",
        subject=str(grant.pk),
        unit_path=grant.unit.path,
        details={"person": grant.person_id, "role": grant.role, "unit": grant.unit.code, **details},
    )
    outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
