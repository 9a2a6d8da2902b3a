"""The submissions: when, from which union, by which category of author.

The control table fixes each direct unit's count in each interval. Inside an interval a unit's count is spread
over the days by how busy each is, then handed out in sessions: somebody sits down and enters a few
initiatives of one grassroots union in a row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from random import Random

from sangkien.demo.plan.calendar import SLOT_US, SLOTS_A_DAY, SLOTS_AN_HOUR, Span, spans
from sangkien.demo.plan.model import (
    CATEGORIES,
    ENTERPRISE,
    EPOCH_US,
    PARTY_STATE,
    PUBLIC_SERVICE,
    UNION_OFFICER,
    PlannedUnit,
    vn_us,
)
from sangkien.demo.plan.reference import INTERVALS, DirectPlan, apportion, running

CATEGORY_TOTALS = (380_656, 168_921, 110_976, 36_395)

_SESSION_LENGTHS = (1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 11, 16)
_SLOT_CHOICES = 1024
_DIRECT_SHARE = 0.004
_UPPER_SHARE = 0.026
# members of each kind of workplace write down this many initiatives, relatively
_EAGERNESS = {PUBLIC_SERVICE: 1.0, ENTERPRISE: 0.118, UNION_OFFICER: 1.0, PARTY_STATE: 0.43}
_UPPER_MIX = (0.12, 0.10, 0.70, 0.08)
_GRASSROOTS_MIX = {
    PUBLIC_SERVICE: (0.865, 0.005, 0.125, 0.005),
    ENTERPRISE: (0.01, 0.84, 0.15, 0.0),
    UNION_OFFICER: (0.04, 0.02, 0.90, 0.04),
    PARTY_STATE: (0.06, 0.0, 0.17, 0.77),
}


class Chooser:
    """Draws units by weight."""

    def __init__(self, units: list[int], weights: list[float]) -> None:
        self.units = units
        self.totals = running(weights)

    def draw(self, number: float) -> int:
        """Return the unit that a random number in [0, 1) falls on."""
        return self.units[bisect_right(self.totals, number * self.totals[-1], 0, len(self.units) - 1)]


def _open_in(unit: PlannedUnit, start_us: int) -> bool:
    """Return whether a unit is open at the start of an interval (units change only between intervals)."""
    opened = vn_us(unit.opened_on.year, unit.opened_on.month, unit.opened_on.day)
    if unit.closed_on is None:
        return opened <= start_us
    closed = vn_us(unit.closed_on.year, unit.closed_on.month, unit.closed_on.day)
    return opened <= start_us < closed


def _weigh(units: list[PlannedUnit], direct: array[int], rng: Random) -> list[float]:
    """Return how many submissions each unit draws, relative to the others below the same direct unit."""
    weights = []
    lowest = [0.0] * len(units)
    for position, unit in enumerate(units):
        weight = 0.0
        if unit.kind == "grassroots_union":
            zeal = rng.random()
            eager = _EAGERNESS[CATEGORIES.index(unit.category or "")]
            weight = (6 + (unit.members or 30)) * eager * (0.25 + 1.8 * zeal * zeal)
            lowest[direct[position]] += weight
        weights.append(weight)
    uppers = [0] * len(units)
    for position, unit in enumerate(units):
        if direct[position] >= 0 and direct[position] != position and unit.kind != "grassroots_union":
            uppers[direct[position]] += 1
    for position, unit in enumerate(units):
        top = direct[position]
        if top >= 0 and unit.kind != "grassroots_union":
            share = _DIRECT_SHARE if top == position else _UPPER_SHARE / uppers[top]
            weights[position] = (lowest[top] or 1.0) * share
    return weights


def _choosers(units: list[PlannedUnit], direct: array[int], rng: Random) -> dict[tuple[str, int], Chooser]:
    """Return for each direct unit and interval what it draws from."""
    weights = _weigh(units, direct, rng)
    below: dict[int, list[int]] = {}
    for position, top in enumerate(direct):
        if top >= 0:
            below.setdefault(top, []).append(position)
    result: dict[tuple[str, int], Chooser] = {}
    for top, members in below.items():
        changing = any(units[i].closed_on or units[i].opened_on > units[0].opened_on for i in members)
        chooser = Chooser(members, [weights[i] for i in members])
        for interval, (start_us, _end_us) in enumerate(INTERVALS):
            if changing:
                still = [i for i in members if _open_in(units[i], start_us)]
                chooser = Chooser(still, [weights[i] for i in still])
            if chooser.units:
                result[units[top].code, interval] = chooser
    return result


def _slot_choices(span: Span) -> list[int]:
    """Return slots of a span, each as often as it is busy."""
    slots = range(span.first_slot, span.end_slot)
    parts = apportion(_SLOT_CHOICES, [span.hours[slot % SLOTS_A_DAY // SLOTS_AN_HOUR] for slot in slots])
    return [slot for slot, part in zip(slots, parts, strict=True) for _ in range(part)]


def _per_span(count: int, weights: list[float], rng: Random) -> list[int]:
    """Spread a count over the spans of an interval, each unit with busier and idler days of its own."""
    if len(weights) == 1:
        return [count]
    totals = running(weight * (0.4 + 1.2 * rng.random()) for weight in weights)
    offset, before, parts = rng.random(), 0, []
    for total in totals[:-1]:
        upto = int(count * total / totals[-1] + offset)
        parts.append(upto - before)
        before = upto
    return [*parts, count - before]


def _fill(slots: list[list[int]], span: Span, choices: list[int], count: int, chooser: Chooser, rng: Random) -> None:
    """Hand out one direct unit's submissions of one span in sessions."""
    random, last = rng.random, span.end_slot - 1
    while count > 0:
        unit = chooser.draw(random())
        length = _SESSION_LENGTHS[int(random() * 16)]
        slot = choices[int(random() * _SLOT_CHOICES)]
        if length > count:
            length = count
        count -= length
        for number in range(length):
            at = slot + number // 3
            slots[at if at <= last else last].append(unit)


def plan_moments(
    units: list[PlannedUnit], direct: array[int], plans: list[DirectPlan]
) -> tuple[array[int], array[int]]:
    """Return the moments (UTC microseconds, strictly increasing) and the unit of every submission."""
    rng = Random("submissions")
    choosers = _choosers(units, direct, rng)
    all_spans = spans()
    slots: list[list[int]] = [[] for _ in range(all_spans[-1].end_slot)]
    choices = [_slot_choices(span) for span in all_spans]
    for plan in plans:
        before = 0
        for interval, upto in enumerate(plan.counts):
            count, before = upto - before, upto
            if count:
                inside = [i for i, span in enumerate(all_spans) if span.interval == interval]
                parts = _per_span(count, [all_spans[i].weight for i in inside], rng)
                chooser = choosers[plan.code, interval]
                for i, part in zip(inside, parts, strict=True):
                    _fill(slots, all_spans[i], choices[i], part, chooser, rng)
    at_us, unit = array("q"), array("i")
    for number, inhabitants in enumerate(slots):
        if inhabitants:
            rng.shuffle(inhabitants)
            unit.extend(inhabitants)
            at_us.extend(spread_moments(EPOCH_US + number * SLOT_US, SLOT_US, len(inhabitants), rng))
    return at_us, unit


def spread_moments(start_us: int, length_us: int, count: int, rng: Random) -> list[int]:
    """Return `count` strictly increasing moments in [start, start + length), one in each equal part."""
    gap, random = length_us // count, rng.random
    return [start_us + number * gap + int(random() * gap) for number in range(count)]


def _mix_table(shares: tuple[float, ...]) -> list[int]:
    parts = apportion(1000, list(shares))
    return [category for category, part in enumerate(parts) for _ in range(part)]


def category_totals(count: int, scale: float) -> list[int]:
    """Return how many submissions of each category a plan of `count` submissions has."""
    if scale == 1.0:
        return list(CATEGORY_TOTALS)
    return apportion(count, [float(total) for total in CATEGORY_TOTALS])


def plan_categories(units: list[PlannedUnit], unit: array[int], scale: float) -> array[int]:
    """Return each submission's category; the totals are exact, whatever each union's own mix."""
    rng = Random("categories")
    upper = _mix_table(_UPPER_MIX)
    tables = {CATEGORIES[key]: _mix_table(shares) for key, shares in _GRASSROOTS_MIX.items()}
    table_of = [tables[one.category] if one.category else upper for one in units]
    random = rng.random
    category = array("b", [table_of[position][int(random() * 1000)] for position in unit])
    wanted = category_totals(len(category), scale)
    spare = [category.count(key) - wanted[key] for key in range(len(CATEGORIES))]
    while any(spare):
        position = int(random() * len(category))
        old = category[position]
        if spare[old] > 0:
            new = min(range(len(CATEGORIES)), key=spare.__getitem__)
            category[position] = new
            spare[old] -= 1
            spare[new] += 1
    return category
