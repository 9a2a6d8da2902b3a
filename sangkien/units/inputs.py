"""What people type about units: cleaned and checked in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, gathered, refuse
from sangkien.core.vietnamese import normalise, normalise_lines, search_key
from sangkien.units.models import Unit

MAX_NAME: Final = 200
MAX_SHORT_NAME: Final = 100
MAX_CODE: Final = 40
MAX_NOTE: Final = 500
MAX_DOCUMENT: Final = 200
MAX_MEMBERS: Final = 100_000_000
_CODE: Final = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Names:
    """What a unit is called; the English name is the Vietnamese one where there is none."""

    name_vi: str
    name_en: str = ""
    short_vi: str = ""
    short_en: str = ""

    def cleaned(self) -> Names:
        """Return the names as they are stored. Raises InvalidInput, with the name of the part as its field."""
        faults: list[InvalidInput] = []
        name_vi = name_en = short_vi = short_en = ""
        with gathered(faults):
            name_vi = clean_name(self.name_vi, "name_vi")
        with gathered(faults):
            name_en = clean_text(self.name_en, "name_en", MAX_NAME)
        with gathered(faults):
            short_vi = clean_text(self.short_vi, "short_vi", MAX_SHORT_NAME)
        with gathered(faults):
            short_en = clean_text(self.short_en, "short_en", MAX_SHORT_NAME)
        refuse(faults)
        return Names(name_vi, name_en or name_vi, short_vi, short_en)


def names_of(unit: Unit) -> Names:
    """Return what the unit is called now."""
    return Names(unit.name_vi, unit.name_en, unit.short_vi, unit.short_en)


@dataclass(frozen=True, slots=True)
class NewUnit:
    """The unit that a merger opens; without a code it gets the next free one below its parent."""

    name_vi: str
    name_en: str = ""
    short_vi: str = ""
    short_en: str = ""
    code: str = ""

    @property
    def names(self) -> Names:
        """Return what it will be called."""
        return Names(self.name_vi, self.name_en, self.short_vi, self.short_en)


def clean_name(text: str, field: str) -> str:
    """Return the name of a unit as it is stored. Raises InvalidInput."""
    name = clean_text(text, field, MAX_NAME)
    if len(search_key(name)) < 2:
        raise InvalidInput(_("Write the whole name of the unit."), code="no_name", field=field)
    return name


def clean_text(text: str, field: str, limit: int) -> str:
    """Return one line as it is stored. Raises InvalidInput when it is longer than ``limit``."""
    line = normalise(text)
    if len(line) > limit:
        raise InvalidInput(_TOO_LONG % {"limit": limit}, code="too_long", field=field)
    return line


def clean_lines(text: str, field: str) -> str:
    """Return a note or an answer as it is stored. Raises InvalidInput when it is too long."""
    lines = normalise_lines(text)
    if len(lines) > MAX_NOTE:
        raise InvalidInput(_TOO_LONG % {"limit": MAX_NOTE}, code="too_long", field=field)
    return lines


_TOO_LONG = _("This is too long: at most %(limit)d characters.")


def clean_reason(text: str, field: str = "reason") -> str:
    """Return why something is done, as it is stored. Raises InvalidInput when nothing is said."""
    reason = clean_lines(text, field)
    if not reason:
        raise InvalidInput(_("Say in a sentence why."), code="reason_needed", field=field)
    return reason


def clean_code(text: str, field: str = "code") -> str:
    """Return a unit's code in capitals; empty if none was given. Raises InvalidInput: no code, or taken."""
    code = normalise(text).upper()
    if not code:
        return ""
    if len(code) > MAX_CODE or not _CODE.fullmatch(code):
        raise InvalidInput(
            _("A code has capital letters and digits, with hyphens between, and at most %(limit)d of them.")
            % {"limit": MAX_CODE},
            code="bad_code",
            field=field,
        )
    if Unit.objects.filter(code=code).exists():
        raise InvalidInput(_("Another unit has this code already."), code="code_taken", field=field)
    return code


def clean_members(members: int | None, field: str = "members") -> int | None:
    """Return how many members a unit has. Raises InvalidInput."""
    if members is not None and not 0 <= members <= MAX_MEMBERS:
        raise InvalidInput(_("Write how many members the unit has."), code="bad_members", field=field)
    return members


def key_of(code: str, names: Names, other_names: Iterable[str]) -> str:
    """Return the words that a unit is found by: its code and everything that it is called."""
    called = (names.name_vi, names.short_vi, names.name_en, names.short_en)
    return search_key(" ".join([code, *filter(None, called), *other_names]))


def known_by(unit: Unit) -> list[str]:
    """Return what whatever follows the unit goes on being found by: its code and Vietnamese names, none twice."""
    return list(dict.fromkeys(filter(None, [unit.code, unit.name_vi, unit.short_vi, *unit.other_names])))
