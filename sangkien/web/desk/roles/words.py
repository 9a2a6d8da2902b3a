"""What each role lets somebody do, in a sentence."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.units.models import Role

ROLE_SAYS: dict[Role, str | Promise] = {
    Role.VERIFIER: _("Finds initiatives of the unit and of all below it valid or invalid, or returns them."),
    Role.UNIT_ADMINISTRATOR: _("Runs the unit and all below it: units, names, targets, and who holds these roles."),
    Role.VIEWER: _("Reads everything of the unit and of all below it, and changes nothing."),
    Role.PROGRAMME_ADMINISTRATOR: _("Runs the programmes of the unit: their rules, terms and settings."),
    Role.AUDITOR: _("Reads everything of the unit and of all below it, the record with it, and changes nothing."),
}
