"""A unit that somebody types or chooses: its code, or a text that several units may be known by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from sangkien.core import clock
from sangkien.core.vietnamese import normalise
from sangkien.units.models import Unit
from sangkien.units.queries import ancestors_of, search_units

OFFERED = 12


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with where it stands: the names of those above it, the nearest first, without the one at the top."""

    unit: Unit
    place: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What was typed, the ``unit`` that it is the code of, or else the units ``offered`` for it."""

    typed: str
    unit: Unit | None
    offered: list[PlacedUnit]

    @property
    def name(self) -> str:
        """The name to show instead of a code."""
        return self.unit.name if self.unit else ""


def read_choice(typed: str, within: Sequence[int] | None = None) -> Choice:
    """Return what is meant by a code or a name, among the units that are open today.

    ``within``: only at or below one of these units (ids).
    """
    text = normalise(typed)
    found = search_units(text, OFFERED, open_on=clock.day_of(clock.now()), within=within)
    exact = next((unit for unit in found if unit.code == text.upper()), None)
    return Choice(text, exact, [] if exact else placed(found))


def sent_choice(request: HttpRequest, name: str) -> str:
    """Return the code chosen among the units that were offered for a text, or the text if it is another one now."""
    typed = request.POST.get(name, "")
    chosen = request.POST.get(f"{name}_chosen", "")
    return str(chosen if chosen and typed == request.POST.get(f"{name}_offered_for") else typed)


def placed(units: Sequence[Unit]) -> list[PlacedUnit]:
    """Return units with where they stand, in one query whatever their number."""
    above = ancestors_of(units)
    return [PlacedUnit(unit, " · ".join(_short(one) for one in reversed(above[unit.pk][1:]))) for unit in units]


def _short(unit: Unit) -> str:
    """Return a short name in the reader's language; the whole English one, as the script shows it."""
    return unit.name if get_language() == "en" else unit.short_name
