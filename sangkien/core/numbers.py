"""Figures as the programme writes them: percentages, ranks, counts and money, in integers throughout.

Progress is truncated, never rounded up: 99,96% is not 100%. Shares are rounded half-up. Money is whole đồng.
``language`` is "vi" or "en" (or a tag that begins so); anything but English is written as Vietnamese.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, Message
from sangkien.core.vietnamese import fold_marks

MILLION: Final = 10**6
BILLION: Final = 10**9
MOST_MONEY: Final = 9_000_000_000_000_000  # đồng; below 2**53, so exact in JSON and spreadsheets too
LONGEST_TEXT: Final = 64  # characters of an amount as people type it

# --- percentages and ranks ----------------------------------------------------------------------------------


def progress_percent(count: int, target: int | None) -> Decimal | None:
    """``count`` as a percentage of ``target``, cut to one decimal, never rounded up; None without a target.

    696,948 of 300,000 is 232.3, of 1,000,000 is 69.6; 9,996 of 10,000 is 99.9. There is always one decimal.
    """
    if not target:
        return None
    if target < 0:
        raise ValueError("A target is not negative.")
    return Decimal(count * 1000 // target).scaleb(-1)


def share_percent(part: int, whole: int) -> int:
    """``part`` as a whole percentage of ``whole``, rounded half-up; 0 of nothing. Need not add to 100."""
    if whole == 0:
        return 0
    return (200 * part + whole) // (2 * whole)


def ranks(counts: Sequence[int]) -> list[int]:
    """The rank of each of ``counts``, in their order: highest first, equals share a rank (1, 2, 2, 4)."""
    first_place: dict[int, int] = {}
    for place, count in enumerate(sorted(counts, reverse=True), start=1):
        first_place.setdefault(count, place)
    return [first_place[count] for count in counts]


# --- writing ------------------------------------------------------------------------------------------------


def format_count(n: int, language: str) -> str:
    """A whole number with its thousands grouped: "696.948" (vi), "696,948" (en)."""
    return _localised(f"{n:,}", language)


def format_percent(value: Decimal | int | None, language: str) -> str:
    """A percentage with the decimals that ``value`` has: "232,3%" (vi), "232.3%" (en), "–" for None."""
    if value is None:
        return "–"
    return _localised(f"{Decimal(value):,f}", language) + "%"


def format_money(vnd: int, language: str) -> str:
    """An amount to the đồng: "12.500.000 đồng" (vi), "12,500,000 VND" (en)."""
    return f"{format_count(vnd, language)} {'VND' if _is_english(language) else 'đồng'}"


def format_money_short(vnd: int, language: str) -> str:
    """An amount in billions or millions: "10.017,3 tỷ đồng" (vi), "VND 10,017.3 billion" (en).

    Cut to one decimal, never rounded up (a negative one loses its tail too); exact below a million.
    """
    amount = abs(vnd)
    unit = BILLION if amount >= BILLION else MILLION if amount >= MILLION else 1
    tenths = amount * 10 // unit
    figure = f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")
    signed = _localised(("-" if vnd < 0 else "") + figure, language)
    if _is_english(language):
        return f"VND {signed}" + {BILLION: " billion", MILLION: " million", 1: ""}[unit]
    return signed + {BILLION: " tỷ", MILLION: " triệu", 1: ""}[unit] + " đồng"


def _localised(figure: str, language: str) -> str:
    """``figure`` in English notation, turned into that of ``language``."""
    return figure if _is_english(language) else figure.translate(_SWAP)


def _is_english(language: str) -> bool:
    return language.lower().startswith("en")


_SWAP: Final = str.maketrans(",.", ".,")

# --- reading money ------------------------------------------------------------------------------------------


class MoneyError(InvalidInput, ValueError):
    """A text that names no amount of money.

    ``code`` is stable: "malformed", "ambiguous" ("1,250 tỷ": 1.25 or 1,250?), "not_whole" (a fraction of a
    đồng), "too_large". ``str()`` is a sentence for people in the active language.
    """

    MESSAGES: Final[dict[str, Message]] = {
        "malformed": _("This is not an amount of money. Write it like 12.500.000 or 12,5 triệu."),
        "ambiguous": _("This amount can be read in two ways. Write it out in full, like 12.500.000."),
        "not_whole": _("The amount must be a whole number of đồng."),
        "too_large": _("The amount is too large."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(self.MESSAGES[code], code=code)


# Without their marks, as fold_marks leaves them. English words switch to English notation.
_UNITS: Final = {
    "nghin ty": 10**12, "ngan ty": 10**12, "nghin ti": 10**12, "ngan ti": 10**12,
    "ty": BILLION, "ti": BILLION, "trieu": MILLION, "tr": MILLION,
    "nghin": 1000, "ngan": 1000, "k": 1000,
    "billion": BILLION, "million": MILLION, "thousand": 1000,
}  # fmt: skip
_ENGLISH_UNITS: Final = frozenset({"billion", "million", "thousand"})
_CURRENCY: Final = re.compile(r"^(?:vnd|₫) ?(?=[0-9])|(?<![a-z]) ?(?:vnd|dong|d|₫)\.?$")
_UNIT_WORDS: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_TERM: Final = re.compile(rf"([0-9](?:[0-9., ]*[0-9])?) ?({_UNIT_WORDS})?(?![a-z]) ?")
_GROUPED: Final = {sep: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sep)}[0-9]{{3}})+") for sep in ".,"}


def parse_money(text: str) -> int:
    """An amount as people type it, in whole đồng, 0 to 9,000,000,000,000,000.

    "12.500.000", "12,500,000 đ", "12,5 triệu", "1.2 tỷ", "1.200 tỷ" (1,200 billion), "500k",
    "2 tỷ 300 triệu", "10 nghìn tỷ", "VND 10,017.3 billion"; accents may be missing or decomposed. A separator
    with exactly three digits behind it groups thousands, with one exception: before a Vietnamese unit the
    comma is the decimal sign, yet many put it between thousands, and a guess would be wrong by a factor of
    1,000. So "1,250 tỷ" is refused as ambiguous.

    Raises ``MoneyError``.
    """
    if len(text) > LONGEST_TEXT:
        raise MoneyError("malformed")
    plain = " ".join(fold_marks(text).split())
    terms = _terms(_strip_currency(plain))
    amount = sum(_in_dong(*term) for term in terms)
    if amount > MOST_MONEY:
        raise MoneyError("too_large")
    _check_descent(terms)
    return amount


def _strip_currency(plain: str) -> str:
    return _CURRENCY.sub("", plain).strip()


def _terms(plain: str) -> list[tuple[int, int, int]]:
    """The terms of "2 ty 300 trieu" as (digits, decimals, unit): digits / 10**decimals is what is written."""
    terms = []
    end = 0
    while end < len(plain):
        found = _TERM.match(plain, end)
        if not found:
            raise MoneyError("malformed")
        digits, decimals = _read_numeral(found[1], found[2])
        terms.append((digits, decimals, _UNITS[found[2]] if found[2] else 1))
        end = found.end()
    if not terms:
        raise MoneyError("malformed")
    return terms


def _in_dong(digits: int, decimals: int, unit: int) -> int:
    scale: int = 10**decimals
    dong, rest = divmod(digits * unit, scale)
    if rest:
        raise MoneyError("not_whole")
    return dong


def _check_descent(terms: list[tuple[int, int, int]]) -> None:
    """Each further term is whole and less than one of the unit before: 2 tỷ 300 triệu, not 2 tỷ 3.000 triệu.

    A bare number at the end must be at least 1,000: people who say "2 triệu 500" mean 2,500,000.
    """
    for (_digits, earlier_decimals, earlier), (digits, decimals, unit) in pairwise(terms):
        if earlier_decimals or decimals or unit >= earlier or digits * unit >= earlier:
            raise MoneyError("malformed")
        if unit == 1 and digits < 1000:
            raise MoneyError("ambiguous")


def _read_numeral(numeral: str, unit: str | None) -> tuple[int, int]:
    """Digits and number of decimals of one numeral, whichever of the notations it is written in."""
    if " " in numeral:
        numeral = _join_spaced(numeral)
    separators = re.sub(r"[0-9]", "", numeral)
    if not separators:
        return int(numeral), 0
    last = separators[-1]
    lead, tail = numeral.rsplit(last, 1)
    if len(set(separators)) == 2:  # the last one must be the decimal sign: 1.200,5 or 1,200.5
        return _decimal(_ungrouped(lead, separators[0]), tail)
    if len(separators) > 1:
        return int(_ungrouped(numeral, last)), 0
    if len(tail) != 3 or lead == "0":  # no group: 12,5 or 0.125
        return _decimal(lead, tail)
    if unit in _ENGLISH_UNITS and last == ".":
        return _decimal(lead, tail)
    if unit and unit not in _ENGLISH_UNITS and last == ",":
        raise MoneyError("ambiguous")
    return int(_ungrouped(numeral, last)), 0


def _join_spaced(numeral: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,2}(?: [0-9]{3})+", numeral):
        raise MoneyError("malformed")
    return numeral.replace(" ", "")


def _ungrouped(numeral: str, separator: str) -> str:
    if not _GROUPED[separator].fullmatch(numeral):
        raise MoneyError("malformed")
    return numeral.replace(separator, "")


def _decimal(lead: str, tail: str) -> tuple[int, int]:
    tail = tail.rstrip("0")
    return int(lead + tail), len(tail)
