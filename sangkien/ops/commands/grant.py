"""``sangkien grant``: give somebody a role, above all the first one, which nobody on the portal could give."""

from __future__ import annotations

import argparse
import sys

from django.utils.translation import gettext as _
from django.utils.translation import override

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, SangKienError
from sangkien.people.models import Person, system_actor
from sangkien.units.actions import grant_role, look_up_person
from sangkien.units.actions.roles import OPERATOR
from sangkien.units.models import Role, RoleGrant
from sangkien.units.queries import get_unit
from sangkien.units.rules import in_force

HELD_ALREADY = "held_already"
"""The refusal to give what somebody holds already, as long or longer."""


def run(options: argparse.Namespace) -> int:
    """Give a role; return 0, also when it is held just so already, or 2 after one sentence on what cannot be."""
    with override(options.language):
        try:
            print(_give(options))
        except SangKienError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


def _give(options: argparse.Namespace) -> str:
    """Give the role as the operator; return what to say. Raises SangKienError."""
    role, unit, actor = _role(options.role), get_unit(options.unit), _operator()
    until = clock.parse_moment(options.until) if options.until else None
    if not options.reason.strip():
        raise InvalidInput(_("Say why they are given it."), code="reason_required", field="reason")
    person = look_up_person(actor=actor, known_as=options.to, unit=unit, role=role)
    try:
        given = grant_role(actor=actor, person=person, unit=unit, role=role, until=until, reason=options.reason)
    except InvalidInput as error:
        if error.code != HELD_ALREADY:
            raise
        held = in_force(RoleGrant.objects.filter(person=person, unit=unit, role=role), clock.now()).get()
        said = f"{error} {_said(held, options.language)}"
        if held.until != until:  # they hold it longer than was asked: it is not cut short
            raise InvalidInput(said, code=HELD_ALREADY) from None
        return said
    return _said(given, options.language)


def _operator() -> Person:
    """Return whom the command acts as. Its name stands on pages beside what it gave."""
    actor = system_actor(OPERATOR)
    if actor.full_name == OPERATOR:
        with override("vi"):
            actor.full_name = _("Operator of the server")
        actor.save(update_fields=["full_name"])
    return actor


def _role(code: str) -> Role:
    """Return the role with this code. Raises InvalidInput."""
    try:
        return Role(code)
    except ValueError:
        said = _("There is no role %(code)s: it is one of %(roles)s.") % {"code": code, "roles": ", ".join(Role)}
        raise InvalidInput(said, code="unknown_role", field="role") from None


def _said(given: RoleGrant, language: str) -> str:
    """Return what has been done, in a sentence."""
    words = {
        "person": f"{given.person.full_name} ({given.person.username})",
        "role": Role(given.role).label.lower(),
        "unit": f"{given.unit.name} ({given.unit.code})",
    }
    if given.until is None:
        return _("%(person)s is now %(role)s over %(unit)s.") % words
    words["until"] = clock.format_cutoff_long(given.until, language)
    return _("%(person)s is now %(role)s over %(unit)s, until %(until)s.") % words
