"""Opening a unit below another; renaming, moving and closing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound, refuse
from sangkien.people.models import Person
from sangkien.units.actions import close_unit, move_unit, open_unit, rename_unit
from sangkien.units.checks import faults_of_move
from sangkien.units.inputs import Names, names_of
from sangkien.units.models import Unit, UnitKind
from sangkien.units.previews import preview_close, preview_move
from sangkien.units.rules import administers, may_close, may_open_below, may_rename
from sangkien.web.desk.refusing import aim_at_code, record_attempt
from sangkien.web.desk.tree.effects import closing, going_along
from sangkien.web.desk.tree.forms import CloseForm, MoveForm, OpenForm, RenameForm
from sangkien.web.desk.tree.steps import Effect, Plan, Step, run, tried
from sangkien.web.desk.tree.units import own_unit
from sangkien.web.initiatives.requests import signed_in
from sangkien.web.member.fields import written
from sangkien.web.profile.forms import RefusableForm

NAMES = {"name_vi": "", "short_vi": "name_vi", "name_en": "", "short_en": "name_en"}
"""The names of a unit in the order of the form; of a short one, which it is short for."""


def page_of(unit: Unit) -> str:
    """Return the address of a unit's page."""
    return reverse("unit-edit", args=[unit.code])


@dataclass(slots=True)
class _OfUnit(Step):
    """A change of the one unit ``unit``."""

    @property
    def of(self) -> Unit:
        """The unit."""
        assert self.unit is not None
        return self.unit


@dataclass(slots=True)
class Opening(_OfUnit):
    """A new unit below the unit."""

    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form."""
        return OpenForm(self.of, data)

    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen."""
        tried(self, cleaned)
        since = cleaned["opened_on"] or clock.day_of(clock.now())
        effects = [
            Effect(_("Kind"), UnitKind(cleaned["kind"]).label),
            Effect(_("Below"), f"{self.of.name} ({self.of.code})"),
            Effect(_("Open since"), written(since)),
            Effect(_("Members and officers"), _("None yet. People can choose it at once; give rights on its page.")),
            Effect(_("Targets"), _("None until one is set. Those of the units beside it stay as they are.")),
        ]
        return Plan(_("“%(name)s” will be opened") % {"name": cleaned["name_vi"]}, effects)

    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it."""
        unit = open_unit(actor=self.person, parent=self.of, **cleaned)
        return _("%(unit)s is open, under the code %(code)s.") % {"unit": unit.name, "code": unit.code}, page_of(unit)


@dataclass(slots=True)
class Renaming(_OfUnit):
    """Another name for the unit."""

    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form."""
        names = names_of(self.of)
        initial = {name: getattr(names, name) for name in NAMES}
        for short, full in (("short_vi", "name_vi"), ("short_en", "name_en"), ("name_en", "name_vi")):
            if initial[short] == initial[full]:
                initial[short] = ""  # none of its own: left here, the old name would stay in every table
        return RenameForm(data, initial=initial)

    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen."""
        tried(self, cleaned)
        since = cleaned["since"] or clock.day_of(clock.now())
        effects = [
            *self._names(cleaned),
            Effect(_("Since"), written(since)),
            Effect(_("The old name"), _("It still finds the unit, and stands on its page.")),
            Effect(_("Code, initiatives, targets, officers"), _("They stay as they are.")),
        ]
        return Plan(_("%(code)s gets another name") % {"code": self.of.code}, effects)

    def _names(self, cleaned: dict[str, Any]) -> list[Effect]:
        """Return a line for every name that the unit has or gets; a short one that stays behind is warned of."""
        before, fields = names_of(self.of), self.form(None).fields
        after = Names(**{name: cleaned[name] for name in NAMES}).cleaned()
        effects = []
        for name, full in NAMES.items():
            was, will = getattr(before, name), getattr(after, name)
            if not (was or will) or (name == "name_en" and (was, will) == (before.name_vi, after.name_vi)):
                continue  # none of its own
            is_behind = bool(full) and was == will and getattr(before, full) != getattr(after, full)
            says = _("%(name)s, as before") % {"name": was}
            if is_behind:
                says = _("%(name)s, as before: tables go on showing this name though the full one changes.")
                says %= {"name": was}
            elif was != will:
                says = f"{was or getattr(before, full)} → {will or getattr(after, full)}"
            effects.append(Effect(fields[name].label or name, says, is_warning=is_behind))
        return effects

    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it."""
        unit = rename_unit(actor=self.person, unit=self.of, **cleaned)
        return _("It is now called %(unit)s.") % {"unit": unit.name}, page_of(unit)


@dataclass(slots=True)
class Closing(_OfUnit):
    """The unit closes, and nothing follows it."""

    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form."""
        return CloseForm(data)

    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen."""
        tried(self, cleaned)
        words = {"unit": self.of.name, "day": written(cleaned["on"])}
        title = _("%(unit)s will be closed from %(day)s on") % words
        return Plan(title, closing(preview_close(self.of, cleaned["on"]), self.of))

    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it."""
        unit = close_unit(actor=self.person, unit=self.of, **cleaned)
        return _("%(unit)s is closed.") % {"unit": unit.name}, page_of(unit)


@dataclass(slots=True)
class Moving(_OfUnit):
    """The unit goes below another: it closes, and one of the same name follows it there."""

    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form."""
        return MoveForm(data)

    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen."""
        to, now = self._to(), clock.now()
        refuse(faults_of_move(self.of, to, cleaned["on"], clock.day_of(now)))
        words = {"unit": self.of.name, "to": to.name, "day": written(cleaned["on"])}
        title = _("%(unit)s will move below %(to)s from %(day)s on") % words
        effects = [
            Effect(_("Now below"), self.of.parent.name if self.of.parent else "–"),
            Effect(
                _("Code"), _("%(code)s closes. What follows it gets the next free code there.") % {"code": self.of.code}
            ),
        ]
        return Plan(title, effects + going_along(preview_move(self.of, to, cleaned["on"]), [self.of]))

    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it."""
        made = move_unit(actor=self.person, unit=self.of, **(cleaned | {"to": self._to()}))
        successor = made.successions.get(predecessor=self.of).successor
        said = _("It has moved. It now has the code %(code)s.") % {"code": successor.code}
        return said, page_of(successor)

    def _to(self) -> Unit:
        """Return where it goes. Raises InvalidInput, also for a unit that the officer does not run."""
        to = self.unit_in("to")
        if not administers(self.person, to.path, clock.now()):
            said = _("You do not run %(unit)s. Ask the level above both units.") % {"unit": to.name}
            raise InvalidInput(said, code="not_yours", field="to")
        return to


def _begun(
    request: HttpRequest, code: str, what: str, may: Callable[[Person, Unit, datetime], bool]
) -> tuple[Person, Unit]:
    """Return who it is and which unit. Raises NotFound and NotAllowed unless the rule ``may`` lets them do ``what``."""
    person = signed_in(request)
    try:
        unit = own_unit(person, code)
        if not may(person, unit, clock.now()):
            raise NotAllowed
    except (NotAllowed, NotFound):
        record_attempt(request, what, aim_at_code(code))
        raise
    return person, unit


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_open(request: HttpRequest, code: str) -> HttpResponse:
    """Open a unit below this one."""
    person, unit = _begun(request, code, "open_unit", may_open_below)
    title = _("Open a unit below %(unit)s") % {"unit": unit.short_name}
    return run(request, Opening(person, unit, title, _("Open the unit")))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give the unit another name."""
    person, unit = _begun(request, code, "rename_unit", may_rename)
    title = _("Rename %(unit)s") % {"unit": unit.short_name}
    return run(request, Renaming(person, unit, title, _("Rename the unit")))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_close(request: HttpRequest, code: str) -> HttpResponse:
    """Close the unit with nothing to follow it."""
    person, unit = _begun(request, code, "close_unit", may_close)
    title = _("Close %(unit)s") % {"unit": unit.short_name}
    return run(request, Closing(person, unit, title, _("Close the unit")))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_move(request: HttpRequest, code: str) -> HttpResponse:
    """Move the unit, with everything below it, below another."""
    person, unit = _begun(request, code, "move_unit", may_close)
    title = _("Move %(unit)s") % {"unit": unit.short_name}
    step = Moving(person, unit, title, _("Move the unit"))
    if request.method == "POST":
        step.chosen(request, "to")
    return run(request, step)
