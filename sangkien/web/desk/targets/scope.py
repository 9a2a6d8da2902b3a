"""What a page of targets is about: whose, of which programme and phase, and what this officer may do there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest

from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import phase_before, phases_of, the_programme
from sangkien.programmes.rules import may_assign_target, may_register_target, may_spread_targets
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on
from sangkien.web.desk.refusing import aim_at_code, record_attempt
from sangkien.web.desk.scope import chosen_unit
from sangkien.web.desk.tree.units import above_of
from sangkien.web.initiatives.requests import signed_in
from sangkien.web.public.phases import PARAMETER

WHOLE = "ca-chuong-trinh"
"""The value of ``?giai-doan=`` for the whole programme."""


@dataclass(frozen=True, slots=True)
class Scope:
    """``phase`` None is the whole programme; ``above`` are the units above over which the officer works too.

    Nobody may change anything of a unit that has closed.
    """

    person: Person
    unit: Unit
    above: list[Unit]
    programme: Programme
    phase: Phase | None
    phases: list[Phase]
    is_open: bool
    may_spread: bool
    may_register: bool
    may_assign_own: bool

    @property
    def query(self) -> str:
        """The query of the page's address."""
        return self.query_of(self.unit.code)

    def query_of(self, code: str) -> str:
        """The query of the same page of another unit."""
        phase = str(self.phase.number) if self.phase else WHOLE
        return "?" + urlencode({"don-vi": code, PARAMETER: phase})


def read_scope(request: HttpRequest) -> Scope:
    """Return what the page is about. Raises NotAllowed and NotFound, also on a portal without a programme.

    What was sent for a unit of others was an attempt to set its target.
    """
    person = signed_in(request)
    try:
        unit = chosen_unit(request, person)
    except (NotAllowed, NotFound):
        record_attempt(request, "target.set", aim_at_code(request.GET.get("don-vi", "")))
        raise
    programme = the_programme()
    if programme is None:
        raise NotFound
    phases = phases_of(programme)
    now = clock.now()
    phase = _asked_phase(request.GET.get(PARAMETER, "").strip(), programme, phases, now)
    is_open = is_open_on(unit, clock.day_of(now))
    return Scope(
        person,
        unit,
        above_of(person, unit),
        programme,
        phase,
        phases,
        is_open,
        may_spread=is_open and may_spread_targets(person, unit, now),
        may_register=is_open and may_register_target(person, unit, now),
        may_assign_own=is_open and unit.parent_id is None and may_assign_target(person, unit, now),
    )


def _asked_phase(typed: str, programme: Programme, phases: list[Phase], now: datetime) -> Phase | None:
    """Return the phase with this number, by default the programme's headline, else the last that has opened.

    None is the whole programme. Raises NotFound.
    """
    if typed == WHOLE:
        return None
    if not typed:
        return programme.headline_phase or phase_before(phases, now)
    phase = next((phase for phase in phases if str(phase.number) == typed), None)
    if phase is None:
        raise NotFound(code="unknown_phase", field=PARAMETER)
    return phase
