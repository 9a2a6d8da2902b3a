"""Merging several units into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, gathered, refuse
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.programmes.actions import carry_targets
from sangkien.programmes.actions.targets import carried_targets
from sangkien.units.actions import NewUnit, merge_units
from sangkien.units.checks import MAX_MERGED, faults_of_merge
from sangkien.units.inputs import clean_code
from sangkien.units.models import Role, Unit
from sangkien.units.previews import preview_merge
from sangkien.units.queries import heads_of
from sangkien.units.rules import may_close
from sangkien.web.desk.refusing import aim_at_code, record_attempt
from sangkien.web.desk.tree.changing import page_of
from sangkien.web.desk.tree.effects import going_along
from sangkien.web.desk.tree.forms import MergeForm
from sangkien.web.desk.tree.steps import Effect, Plan, Step, run
from sangkien.web.initiatives.requests import signed_in
from sangkien.web.member.fields import written
from sangkien.web.profile.forms import RefusableForm


@dataclass(slots=True)
class Merging(Step):
    """Several units close, and one follows them."""

    first: str = ""
    """The code of the unit from whose page the officer came."""

    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form."""
        found = Unit.objects.filter(code=self.first.upper()).first() if self.first.isprintable() else None
        line = f"{found.code} {found.name}\n" if found else ""
        return MergeForm(data, initial={"units": line, "way": "existing", "carry_roles": True})

    def touched(self, data: QueryDict | None) -> Sequence[Unit]:
        """The units that were named, and the one that is to follow them."""
        if data is None:
            return []
        return [*_by_code(_codes(data.get("units", ""))).values(), *([into] if (into := self._existing()) else [])]

    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen."""
        units, into = self._units(cleaned["units"]), self._into(cleaned)
        today = clock.day_of(clock.now())
        faults = faults_of_merge(units, into, cleaned["on"], today)
        if cleaned["carry_targets"]:
            with gathered(faults):
                carried_targets(units, into if isinstance(into, Unit) else None)
        if isinstance(into, NewUnit):
            with gathered(faults):
                into.names.cleaned()
            with gathered(faults):
                clean_code(into.code)
        refuse(faults)
        name = into.name_vi if isinstance(into, NewUnit) else into.name
        words = {"total": len(units), "into": name, "day": written(cleaned["on"])}
        title = _("%(total)s units will merge into %(into)s from %(day)s on") % words
        if len(units) == 1:
            title = _("%(unit)s will merge into %(into)s from %(day)s on") % (words | {"unit": units[0].name})
        closing = [f"{unit.name} ({unit.code})" for unit in units]
        effects = [Effect(_("Units that close"), _("Their names and codes still find what follows."), closing)]
        preview = preview_merge(units, into, cleaned["on"])
        effects += going_along(preview, units, roles=cleaned["carry_roles"], merging=True)
        if cleaned["carry_targets"]:
            happens = _("Those of the units themselves are added up for what follows. It can then not be undone.")
            effects.append(Effect(_("Targets that are carried over"), happens, is_warning=True))
        return Plan(title, effects)

    @transaction.atomic
    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it."""
        units, into = self._units(cleaned["units"]), self._into(cleaned)
        made = merge_units(
            actor=self.person,
            units=units,
            into=into,
            on=cleaned["on"],
            reason=cleaned["reason"],
            document=cleaned["document"],
            carry_roles=cleaned["carry_roles"],
            carry_targets=cleaned["carry_targets"],
        )
        successor = made.successions.get(predecessor=units[0]).successor
        if cleaned["carry_targets"]:
            carry_targets(actor=self.person, predecessors=units, successor=successor, reason=cleaned["reason"])
        said = _("They have merged into %(unit)s (%(code)s).") % {"unit": successor.name, "code": successor.code}
        return said, page_of(successor)

    def _units(self, typed: str) -> list[Unit]:
        """Return the units that merge, each as it was named. Raises InvalidInput, also for those of others."""
        codes = _codes(typed)
        found = _by_code(codes)
        unknown = [code for code in codes if code not in found]
        if unknown:
            said = _("There is no unit with the code %(code)s.") % {"code": ", ".join(unknown[:5])}
            raise InvalidInput(said, code="unknown_unit", field="units")
        units = [found[code] for code in codes]
        self._check_rights(units, "units")
        return units

    def _into(self, cleaned: dict[str, Any]) -> Unit | NewUnit:
        """Return what is to follow them. Raises InvalidInput."""
        if cleaned["way"] == "new":
            names = {name: cleaned[name] for name in ("name_vi", "name_en", "short_vi", "short_en", "code")}
            return NewUnit(**names)
        into = self.unit_in("into")
        self._check_rights([into], "into")
        return into

    def _existing(self) -> Unit | None:
        choice = self.choices.get("into")
        return choice.unit if choice else None

    def _check_rights(self, units: Sequence[Unit], field: str) -> None:
        """Raise InvalidInput that names the first unit above which the officer runs nothing."""
        now = clock.now()
        for unit in units:
            if not may_close(self.person, unit, now):
                words = {"unit": unit.name, "code": unit.code}
                said = _("You do not run what is above %(unit)s (%(code)s). Ask the level above.") % words
                raise InvalidInput(said, code="not_yours", field=field)


def _codes(typed: str) -> list[str]:
    """Return the first word of each line, in capitals."""
    lines = (normalise(line).split() for line in typed.splitlines()[: MAX_MERGED + 1])
    return [words[0].upper() for words in lines if words]


def _by_code(codes: Sequence[str]) -> dict[str, Unit]:
    """Return the units with these codes, in the order of the codes."""
    found = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    return {code: found[code] for code in codes if code in found}


def _runs_something(person: Person) -> bool:
    """Say whether the officer administers any unit."""
    return bool(heads_of(person, [Role.UNIT_ADMINISTRATOR], clock.now()))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_merge(request: HttpRequest) -> HttpResponse:
    """Merge units. Raises NotAllowed for whoever administers none."""
    person = signed_in(request)
    if not _runs_something(person):
        codes = _codes(request.POST.get("units", ""))
        record_attempt(request, "merge_units", aim_at_code(codes[0]) if codes else None)
        raise NotAllowed
    step = Merging(person, None, _("Merge units"), _("Merge them"), "desk/tree/merge.html")
    step.first = request.GET.get("don-vi", "")
    if request.method == "POST":
        step.chosen(request, "into")
    return run(request, step)
