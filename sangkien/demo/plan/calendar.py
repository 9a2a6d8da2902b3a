"""How busy the portal is: by day and by ten minutes; and when officers are at work. All Vietnam time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum

from sangkien.demo.plan.model import DAY_US, DAYS, EPOCH_US, FIRST_DAY, HOUR_US, SECOND_US
from sangkien.demo.plan.reference import INTERVALS

SLOT_US = 600 * SECOND_US
SLOTS_A_DAY = DAY_US // SLOT_US
SLOTS_AN_HOUR = HOUR_US // SLOT_US

TET = (date(2022, 1, 29), date(2022, 2, 6))
LIBERATION = (date(2022, 4, 30), date(2022, 5, 3))
DRIVE_FROM = date(2022, 4, 22)
HUNG_KINGS_OFF = date(2022, 4, 11)

_OF_WEEKDAY = (1.0, 1.02, 1.0, 0.98, 0.95, 0.3, 0.1)
_LAST_DAYS = {12: 11, 13: 11.5, 14: 5, 15: 3.8, 16: 14, 17: 15, 18: 15.5, 19: 16, 20: 17, 21: 8, 22: 6,
              23: 19, 24: 21, 25: 24, 26: 26, 27: 30, 28: 19, 29: 17, 30: 42, 31: 56}  # fmt: skip


def _by_hour(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split())


# 0h to 11h, 12h to 23h
_WORKDAY_HOURS = _by_hour("0.4 0.1 0.1 0.1 0.1 0.3 0.9 4 9 11 10 5.5  2.2 6 10 11 10 5 2 2.6 3.6 3.4 1.8 0.8")
_FREE_HOURS = _by_hour("0.6 0.2 0.1 0.1 0.1 0.4 1 3 6 8 7 4  2.5 4 6 7 6 4 3 4.5 6 6 4 2")
_RUSH_HOURS = _by_hour("1.6 0.5 0.2 0.1 0.2 0.5 1.2 5 9 11 10 7  5 7 10 11 11 8 6 8 10 10.5 9 6")
_LAST_HOURS = _by_hour("2.2 0.8 0.3 0.2 0.3 0.7 1.6 6 10 11 11 8  6.5 9 11 11 11.5 9 7 9 11 12 13 14")


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or the part of a day inside one interval of the control table.

    `first_slot` and `end_slot` (exclusive) number ten-minute slots from 0h00 of 8/1/2022; `weight` compares
    spans of the same interval; `hours` are the weights of the day's 24 hours.
    """

    interval: int
    first_slot: int
    end_slot: int
    weight: float
    hours: tuple[float, ...]


def is_holiday(day: date) -> bool:
    """Return whether a day of phase 1 is a public holiday or falls in the Tết break."""
    return TET[0] <= day <= TET[1] or LIBERATION[0] <= day <= LIBERATION[1] or day == HUNG_KINGS_OFF


def _day_weight(day: date) -> float:
    if day >= date(2022, 5, 12):
        return float(_LAST_DAYS[day.day])
    if TET[0] <= day <= TET[1]:
        return 3.0
    number = float((day - FIRST_DAY).days)
    if day >= DRIVE_FROM:  # the forty days begin with a jump, then hold
        number = 104 + (number - 104) * 0.3
    weight = (90.0 + number * number / 3.2) * _OF_WEEKDAY[day.weekday()]
    return weight * 0.12 if is_holiday(day) else weight


def _hours(day: date) -> tuple[float, ...]:
    if day == date(2022, 5, 31):
        return _LAST_HOURS
    if day >= date(2022, 5, 26):
        return _RUSH_HOURS
    return _FREE_HOURS if is_holiday(day) or day.weekday() >= 5 else _WORKDAY_HOURS


def spans() -> list[Span]:
    """Return the days of phase 1 in order, cut where a control moment falls inside a day."""
    result = []
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        start, end = EPOCH_US + number * DAY_US, EPOCH_US + (number + 1) * DAY_US
        for interval, (opens, closes) in enumerate(INTERVALS):
            first, last = max(start, opens), min(end, closes)
            if first < last:
                hours = _hours(day)
                first_slot, end_slot = (first - EPOCH_US) // SLOT_US, (last - EPOCH_US) // SLOT_US
                share = fsum(hours[slot % SLOTS_A_DAY // SLOTS_AN_HOUR] for slot in range(first_slot, end_slot)) / (
                    fsum(hours) * SLOTS_AN_HOUR
                )
                result.append(Span(interval, first_slot, end_slot, _day_weight(day) * share, hours))
    return result


def working_hours() -> Iterator[int]:
    """Yield the hours in which officers decide, in order, as numbers of hours from 0h00 of 8/1/2022."""
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        hours: tuple[int, ...] = ()
        if is_holiday(day):
            hours = ()
        elif day.weekday() < 5:
            hours = (8, 9, 10, 13, 14, 15, 16)
            if day >= date(2022, 5, 16):
                hours = (*hours, 17, 19, 20)
        elif day.weekday() == 5 and day >= date(2022, 4, 23):
            hours = (8, 9, 10)
        yield from (number * 24 + hour for hour in hours)
