"""Who has an initiative now and since when, in plain words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import Whereabouts
from sangkien.initiatives.states import State

ENDED: dict[State, str | Promise] = {
    State.VALID: _("Verified as valid at %(moment)s"),
    State.INVALID: _("Found invalid at %(moment)s"),
    State.WITHDRAWN: _("Withdrawn at %(moment)s"),
}


def standing(initiative: Initiative, found: Whereabouts, *, is_own: bool) -> str:
    """Return the sentence; ``is_own`` speaks to one of its people."""
    values = {
        "moment": clock.format_cutoff_long(found.since, get_language() or "vi"),
        "unit": found.unit.short_name if found.unit else "",
    }
    if found.with_whom == "officer":
        if found.unit:
            return _("Waiting for %(unit)s to verify it, since %(moment)s") % values
        return _("Waiting to be verified, since %(moment)s") % values
    if found.with_whom == "author":
        if is_own:
            return _("Waiting for you to complete it, since %(moment)s") % values
        return _("Waiting for the authors to complete it, since %(moment)s") % values
    return str(ENDED.get(State(initiative.state), "%(moment)s")) % values
