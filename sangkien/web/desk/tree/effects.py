"""What a change of the tree does to people, rights, initiatives and targets: the lines of its preview."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sangkien.core.numbers import format_count
from sangkien.initiatives.queue import waiting_count
from sangkien.programmes.queries import open_targets_below
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.previews import Preview
from sangkien.web.desk.tree.steps import Effect
from sangkien.web.templatetags.sangkien import language


def going_along(preview: Preview, units: Sequence[Unit], *, roles: bool = True, merging: bool = False) -> list[Effect]:
    """Return what a move or a merger does: what closes goes along into what opens."""
    keep = _("They keep their rights, over the unit that follows.")
    if merging:
        keep = _(
            "Rights that you can give there go over to the unit that follows; others, and yours, stay as they are."
        )
    effects = [
        Effect(
            _("Units"),
            _("%(closing)s close, %(opening)s open in their place.")
            % {"closing": _number(preview.units_closing), "opening": _number(preview.units_opening)},
        ),
        Effect(_("Units directly below"), _counted(preview.children, _("They go along, with all below them."))),
        Effect(_("Members with an account"), _counted(preview.members, _("They belong to the unit that follows."))),
        _officers(preview, keep if roles else _stay()),
        Effect(
            _("Waiting initiatives"),
            _counted(_waiting(units), _("They go on waiting where they are; officers of what follows decide on them.")),
        ),
        _targets(units, _("They stay with what closes; figures from today on have none until one is set.")),
    ]
    return [*effects, *_requests(preview), history()]


def closing(preview: Preview, unit: Unit) -> list[Effect]:
    """Return what closing a unit does that nothing follows: everything stays where it is."""
    waiting = _waiting([unit])
    return [
        Effect(
            _("Members with an account"),
            _counted(preview.members, _("They stay members of a closed unit until they choose another.")),
            is_warning=preview.members > 0,
        ),
        _officers(preview, _stay()),
        Effect(
            _("Waiting initiatives"),
            _counted(waiting, _("They can still be decided; new ones cannot be sent here.")),
            is_warning=waiting > 0,
        ),
        _targets([unit], _("They stay as they are; new ones cannot be set.")),
        *_requests(preview),
        history(),
    ]


def history() -> Effect:
    """Return the line that says that nothing of the past changes."""
    return Effect(
        _("Figures"), _("What was entered stays where it was entered. No figure as of an earlier day changes.")
    )


def _stay() -> str:
    return _("Their rights stay with what closes: they can still decide what waits there.")


def _officers(preview: Preview, happens: str) -> Effect:
    """Return the line on officers, by name."""
    names = [_named(grant) for grant in preview.roles]
    total = len(names)
    if preview.roles_below:
        more = ngettext("%(total)s right more below.", "%(total)s rights more below.", preview.roles_below)
        names.append(more % {"total": _number(preview.roles_below)})
    return Effect(_("Officers"), _counted(total, happens), names)


def _named(grant: RoleGrant) -> str:
    """Return who holds what, and where."""
    return f"{grant.person.full_name}: {Role(grant.role).label}, {grant.unit.short_name}"


def _targets(units: Sequence[Unit], happens: str) -> Effect:
    return Effect(_("Targets"), _counted(open_targets_below([unit.pk for unit in units]), happens))


def _requests(preview: Preview) -> list[Effect]:
    """Return the line on people who asked for a unit there, if anybody does."""
    if not preview.requests:
        return []
    happens = _("They go on waiting for an officer.")
    return [Effect(_("Requests for a unit"), _counted(preview.requests, happens))]


def _waiting(units: Sequence[Unit]) -> int:
    return sum(waiting_count(unit) for unit in units)


def _counted(number: int, happens: str) -> str:
    """Return a number with what happens; only that there are none for zero."""
    return f"{_number(number)}. {happens}" if number else _("None.")


def _number(number: int) -> str:
    return format_count(number, language())
