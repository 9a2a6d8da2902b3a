"""What people type for a unit: its code, its name, with or without diacritics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects

from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.core.vietnamese import search_key
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit, is_open_on, search_tree, search_units, successors_of

FEW = 12  # units that are offered when a name fits several


def units_like(typed: str) -> list[Unit]:
    """Return the only unit that is meant, or those that it might be, or none.

    A code means its unit, also a closed one, so that a correction can leave it as it was. A name means units that are
    open today (Vietnam time): who knows that of a closed one means what has followed it. Several come with the two
    units above them, by which people tell them apart.
    """
    units = _reading(typed).units
    if len(units) > 1:
        prefetch_related_objects(units, "parent__parent")
    return units


def units_by_text(texts: Iterable[str]) -> dict[str, Unit]:
    """Return the units that are meant for sure, by what was typed; any other workplace stays a text."""
    readings = {typed: _reading(typed) for typed in texts}
    return {typed: read.units[0] for typed, read in readings.items() if read.is_exact and len(read.units) == 1}


@dataclass(frozen=True, slots=True)
class _Reading:
    """The units that a text may mean; ``is_exact`` if it is just what they, or those they follow, are called."""

    units: list[Unit]
    is_exact: bool = False


def _reading(typed: str) -> _Reading:
    """Return what is meant by a code or a name."""
    try:
        return _Reading([get_unit(typed)], is_exact=True)
    except NotFound:
        return _reading_of_name(typed, clock.day_of(clock.now()))


def _reading_of_name(typed: str, today: date) -> _Reading:
    """Return the one open unit of this name, or what has followed a closed one, or else all that are like it."""
    found = search_units(typed, FEW, open_on=today)
    known = _known_as(typed, found)
    if len(known) == 1:
        return _Reading(known, is_exact=True)
    closed = [one.unit for one in search_tree(typed, FEW, open=False) if not is_open_on(one.unit, today)]
    followed = [] if known else _following(_known_as(typed, closed), today)
    if followed:
        return _Reading(followed, is_exact=True)
    return _Reading(list(dict.fromkeys([*found, *_following(closed, today)]))[:FEW])


def _known_as(typed: str, units: Sequence[Unit]) -> list[Unit]:
    """Return the unit with this code in whatever case, or else those with exactly this name."""
    same_code = [unit for unit in units if unit.code.casefold() == typed.casefold()]
    key = search_key(typed)
    return same_code or [unit for unit in units if key in {search_key(name) for name in _names(unit)}]


def _following(units: Sequence[Unit], today: date) -> list[Unit]:
    """Return the open units that have followed these, over however many steps, one query for each step."""
    found: dict[Unit, None] = {}
    while units:
        followed = successors_of(units)
        following = dict.fromkeys(succession.successor for unit in units for succession in followed[unit.pk])
        found |= dict.fromkeys(unit for unit in following if is_open_on(unit, today))
        units = [unit for unit in following if unit not in found]
    return list(found)


def _names(unit: Unit) -> list[str]:
    """Return the names that a unit goes by, and the codes of what it has followed."""
    return [unit.name_vi, unit.name_en, unit.short_vi, unit.short_en, *unit.other_names]
