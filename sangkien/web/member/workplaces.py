"""What people type for a unit: its code, its name, with or without diacritics."""

from __future__ import annotations

from collections.abc import Iterable

from sangkien.core.errors import NotFound
from sangkien.core.vietnamese import search_key
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit, search_units

FEW = 12  # units that are offered when a name fits several


def units_like(typed: str) -> list[Unit]:
    """Return the only unit that is meant, or those that it might be, or none."""
    try:
        return [get_unit(typed)]
    except NotFound:
        found = search_units(typed, FEW)
    same_code = [unit for unit in found if unit.code.casefold() == typed.casefold()]
    key = search_key(typed)
    same_name = [unit for unit in found if key in {search_key(name) for name in _names(unit)}]
    return same_code or (same_name if len(same_name) == 1 else found)


def units_by_text(texts: Iterable[str]) -> dict[str, Unit]:
    """Return the units that are meant for sure, by what was typed; any other workplace stays a text."""
    found = {}
    for typed in texts:
        key = search_key(typed)
        likely = [
            unit for unit in units_like(typed) if key in {search_key(name) for name in (unit.code, *_names(unit))}
        ]
        if len(likely) == 1:
            found[typed] = likely[0]
    return found


def _names(unit: Unit) -> list[str]:
    return [unit.name_vi, unit.name_en, unit.short_vi, unit.short_en, *unit.other_names]
