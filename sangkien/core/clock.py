"""Time as the programme counts it: Vietnam time for people, UTC in storage, and the "24h00" notation.

Two conventions hold everywhere:

* An instant is an aware ``datetime``. Functions here return it in UTC and refuse a naive one, because Python
  would silently read a naive value in the time zone of the machine.
* A cut-off (``as_of``) is **exclusive**. "24h00 31/5/2022" is 2022-06-01T00:00+07:00: what happened in the
  last microsecond of 31/5 counts, what happened at that instant does not.

Vietnam has stood at UTC+7 without daylight saving since 13 June 1975, long before anything that a programme
counts. So ``VIETNAM`` is that fixed offset and not a ``ZoneInfo``: it is the same on a machine without
time-zone data, no hour is ever skipped or repeated, and reading back what was written always gives the same
instant. It bears the name of the zone, so PostgreSQL and Django's ``Trunc`` understand it.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, Message

VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2200
LONGEST_TEXT: Final = 64  # characters; the longest notation we read needs about 50, decomposed

_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class MomentError(InvalidInput, ValueError):
    """A text that names no moment.

    ``code`` is stable: "not_a_date" (no notation we know), "no_such_day" (31/2, or a year outside 1900 to
    2200), "no_such_time" (25h00, 24h30). ``str()`` is a sentence for people in the active language.
    """

    MESSAGES: Final[dict[str, Message]] = {
        "not_a_date": _("This is not a date or a time. Write it like 24h00 31/5/2022."),
        "no_such_day": _("There is no such day."),
        "no_such_time": _("There is no such time of day. A day runs from 0h00 to 24h00."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(self.MESSAGES[code], code=code)


# --- the clock and days -------------------------------------------------------------------------------------


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def start_of_day(day: date) -> datetime:
    """0h00 Vietnam time of ``day``, as an aware UTC datetime."""
    _refuse_datetime(day)
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24h00 Vietnam time of ``day`` (exclusive: the first instant after it), as an aware UTC datetime."""
    return start_of_day(day) + timedelta(days=1)


def day_of(moment: datetime) -> date:
    """The Vietnam day in which the instant ``moment`` lies."""
    return _in_vietnam(moment).date()


def day_of_cutoff(moment: datetime) -> date:
    """The last Vietnam day with anything before the exclusive cut-off ``moment``: 24h00 31/5 gives 31/5."""
    return _in_vietnam(moment - timedelta(microseconds=1)).date()


def floor_hour(moment: datetime) -> datetime:
    """The full hour at or before ``moment``, in UTC (Vietnam's hours begin with UTC's)."""
    return _in_vietnam(moment).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def floor_day(moment: datetime) -> datetime:
    """The Vietnam midnight at or before ``moment``, in UTC."""
    return start_of_day(day_of(moment))


def days_between(first: date, last: date) -> int:
    """How many days ``last`` lies after ``first`` (negative if before): 8/1/2022 to 31/5/2022 is 143."""
    _refuse_datetime(first)
    _refuse_datetime(last)
    return (last - first).days


def _in_vietnam(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("A moment must be an aware datetime.")
    return moment.astimezone(VIETNAM)


def _refuse_datetime(day: date) -> None:
    # A datetime is a date to the type checker, yet its date is the UTC day, not Vietnam's.
    if isinstance(day, datetime):
        raise TypeError("A day is wanted, not an instant: use day_of(moment).")


# --- writing ------------------------------------------------------------------------------------------------


def format_cutoff(moment: datetime, *, seconds: bool = False) -> str:
    """A cut-off in Vietnamese notation, Vietnam time: "24h00 31/5/2022", "14h05 10/5/2022".

    Midnight is written as 24h00 of the day that it closes. What is finer than a minute is dropped (with
    ``seconds``, finer than a second: "14h05m09 10/5/2022").
    """
    day, hour, minute, second = _cutoff_parts(moment)
    return f"{_clock(hour, minute, second if seconds else None, 'vi')} {format_date(day, 'vi')}"


def format_cutoff_long(moment: datetime, language: str) -> str:
    """A cut-off in running text, Vietnam time: "24h00 ngày 31/5/2022" (vi), "24:00 on 31 May 2022" (en)."""
    day, hour, minute, _second = _cutoff_parts(moment)
    joint = "on" if _is_english(language) else "ngày"
    return f"{_clock(hour, minute, None, language)} {joint} {format_date(day, language)}"


def format_date(day: date, language: str) -> str:
    """A day: "31/5/2022" (vi), "31 May 2022" (en). Any language but English is written as Vietnamese."""
    _refuse_datetime(day)
    if _is_english(language):
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}/{day.month}/{day.year}"


def format_time(moment: datetime, language: str, *, seconds: bool = False) -> str:
    """The time of day of an instant, Vietnam time: "9h05" (vi), "09:05" (en); midnight is 0h00."""
    local = _in_vietnam(moment)
    return _clock(local.hour, local.minute, local.second if seconds else None, language)


def _cutoff_parts(moment: datetime) -> tuple[date, int, int, int]:
    local = _in_vietnam(moment)
    if local == local.replace(hour=0, minute=0, second=0, microsecond=0):
        return day_of_cutoff(moment), 24, 0, 0
    return local.date(), local.hour, local.minute, local.second


def _clock(hour: int, minute: int, second: int | None, language: str) -> str:
    if _is_english(language):
        return f"{hour:02d}:{minute:02d}" + ("" if second is None else f":{second:02d}")
    return f"{hour}h{minute:02d}" + ("" if second is None else f"m{second:02d}")


def _is_english(language: str) -> bool:
    return language.lower().startswith("en")


# --- reading ------------------------------------------------------------------------------------------------

# Only ASCII digits: \d would also take those of other scripts.
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[t ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"( ?z| ?[+-][0-9]{2}(?::?[0-9]{2})?| [0-9]{2}:?[0-9]{2})?)?"
)
_NUMERIC_DATE = re.compile(r"(?<![0-9/.-])([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?![0-9/.-])")
_WORDED_DATE = re.compile(r"(?<![0-9])([0-9]{1,2}) (?:tháng ([0-9]{1,2}) năm|([a-z]+)) ([0-9]{4})(?![0-9])")
_COLON_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_H_TIME = re.compile(r"([0-9]{1,2}) ?(?:h|giờ)(?: ?([0-9]{1,2})(?: ?(?:m|phút)(?: ?([0-9]{1,2})(?: ?(?:s|giây))?)?)?)?")
_BEFORE_DATE = re.compile(r"(?:lúc )?(.*?)[ ,]*(?:(?:^|(?<=[ ,]))(?:ngày|on))? ?")
_AFTER_DATE = re.compile(r"(?:[ ,]+(?:lúc )?)?(.*)")
_MONTH_NUMBERS: Final = {name.lower(): number for number, name in enumerate(_ENGLISH_MONTHS, start=1)}


def parse_moment(text: str) -> datetime:
    """The instant that ``text`` names, as an aware UTC datetime; as a cut-off it is exclusive.

    Reads ISO 8601 with or without an offset (without: Vietnam time) and what people write: "24h00 31/5/2022",
    "24h00 ngày 31/5/2022", "14h 10/05/2022", "15:34 3/10/2022", "3/10/2022 15:34", "24 giờ 00 ngày 31 tháng 5
    năm 2022", "24:00 on 31 May 2022". A day alone, in any notation, means its end: 24h00. Capitals, extra
    spaces and decomposed accents make no difference.

    Raises ``MomentError``.
    """
    if len(text) > LONGEST_TEXT:  # before any work: the text comes from an address bar
        raise MomentError("not_a_date")
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())
    iso = _ISO.fullmatch(plain)
    return _read_iso(iso) if iso else _read_notation(plain)


def _read_iso(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        return _moment(int(year), int(month), int(day), 24)
    return _moment(
        int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
        microsecond=int((fraction or "0").ljust(6, "0")[:6]),
        zone=VIETNAM if offset is None else _offset(offset),
    )  # fmt: skip


def _offset(text: str) -> tzinfo:
    text = text.strip()
    if text == "z":
        return UTC
    # The + of an offset arrives as a space when an address was not escaped: no sign means +.
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise MomentError("no_such_time")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _read_notation(plain: str) -> datetime:
    found = _NUMERIC_DATE.search(plain)
    if found:
        year, month, day = int(found[4]), int(found[3]), int(found[1])
    else:
        found = _WORDED_DATE.search(plain)
        if not found:
            raise MomentError("not_a_date")
        year, day = int(found[4]), int(found[1])
        month = int(found[2]) if found[2] else _MONTH_NUMBERS.get(found[3], 0)
        if not found[2] and not month:
            raise MomentError("not_a_date")
    hour, minute, second = _read_time(plain[: found.start()], plain[found.end() :])
    return _moment(year, month, day, hour, minute, second)


def _read_time(before: str, after: str) -> tuple[int, int, int]:
    """Hour, minute and second beside a date, on whichever side they stand; 24h00 if on neither."""
    leading, trailing = _BEFORE_DATE.fullmatch(before), _AFTER_DATE.fullmatch(after)
    times = [found[1] for found in (leading, trailing) if found and found[1]]
    if not times:
        return 24, 0, 0
    found = _COLON_TIME.fullmatch(times[0]) or _H_TIME.fullmatch(times[0])
    if len(times) > 1 or not found:
        raise MomentError("not_a_date")
    return int(found[1]), int(found[2] or 0), int(found[3] or 0)


def _moment(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
    *, microsecond: int = 0, zone: tzinfo = VIETNAM,
) -> datetime:  # fmt: skip
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise MomentError("no_such_day")
    try:
        midnight = datetime(year, month, day, tzinfo=zone)
    except ValueError:
        raise MomentError("no_such_day") from None
    since = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)
    if minute > 59 or second > 59 or since > timedelta(days=1):
        raise MomentError("no_such_time")
    return (midnight + since).astimezone(UTC)
