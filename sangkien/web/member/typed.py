"""What stands in the form, as texts by the names of its inputs: how it is read, merged, and made of an initiative."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from sangkien.core.clock import format_date
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import format_count
from sangkien.initiatives.inputs import MAX_AUTHORS, TEXT_LIMITS
from sangkien.initiatives.models import Initiative
from sangkien.people.models import Person

Typed = dict[str, str]

LONGEST_UNIT: Final = 300  # characters of a unit's code or name, or of a workplace, as people type it
LONGEST_NAME: Final = 200
KEPT_TIMES: Final = 4
"""A text that is too long is kept up to so many times its limit, so that nobody loses what they have to shorten. A
Vietnamese letter in NFD is three characters at most: what is within the limit in NFC is never cut."""

AUTHOR_PARTS: Final[dict[str, int]] = {
    "name": LONGEST_NAME,
    "title": LONGEST_NAME,
    "category": 30,
    "unit": LONGEST_UNIT,
    "share": 12,
    "contact": 254,
}
"""What is asked of each author, and how long it may be."""

LIMITS: Final[dict[str, int]] = {
    **TEXT_LIMITS,
    "kind": 30,
    "field": 10,
    "applied_on": 40,
    "recognised_on": 40,
    "benefit": LONGEST_AMOUNT,
    "is_secret": 2,
    "is_ip_protected": 2,
    "unit": LONGEST_UNIT,
    "not_author": 2,
    "remember": 2,
    "authors": 2,
    "step": 1,
    "tab": 36,
    **{f"author{n}_{part}": limit for n in range(1, MAX_AUTHORS + 1) for part, limit in AUTHOR_PARTS.items()},
}
"""Every input of the form and the characters that it may hold. ``authors`` is the number of rows shown, ``step`` the
one that a phone shows, ``tab`` the open page that saved last: its own earlier saves are no conflict."""

_CONTACT: Final = re.compile(r"author[0-9]+_contact")
_OF_AUTHOR: Final = re.compile(r"author([0-9]+)_")


def read_typed(sent: Mapping[str, str]) -> Typed:
    """Return what was sent for the inputs of the form; empty ones too, so that they can empty what was kept."""
    return {
        name: str(sent[name]).replace("\x00", "")[: limit * KEPT_TIMES]
        for name, limit in LIMITS.items()
        if name in sent
    }


def was_cut(typed: Mapping[str, str], name: str) -> bool:
    """Say whether a text was so long that only its beginning is kept."""
    return len(typed.get(name, "")) >= LIMITS.get(name, 0) * KEPT_TIMES > 0


def merged(kept: Mapping[str, str], sent: Mapping[str, str]) -> Typed:
    """Return what was kept with what was sent over it: without empty inputs, and without rows that are not shown."""
    typed = {name: value for name, value in {**kept, **sent}.items() if value}
    rows = author_rows(typed)
    return {
        name: value for name, value in typed.items() if not (found := _OF_AUTHOR.match(name)) or int(found[1]) <= rows
    }


def author_rows(typed: Mapping[str, str]) -> int:
    """Return how many rows of authors are shown: 1 to 20."""
    number = typed.get("authors", "")
    return max(1, min(int(number), MAX_AUTHORS)) if number.isdecimal() and number.isascii() else 1


def blank_for(person: Person, *, for_others: bool = False) -> Typed:
    """Return what a new form holds: whoever opens it as the only author, from their profile, or that they are none."""
    if for_others:
        return {"not_author": "on", "author1_share": "100", "authors": "1"}
    typed = {
        "author1_name": person.full_name,
        "author1_title": person.job_title,
        "author1_category": person.category,
        "author1_share": "100",
        "authors": "1",
        "remember": "on",
    }
    return {name: value for name, value in typed.items() if value}


def typed_from(initiative: Initiative) -> Typed:
    """Return an initiative as somebody would have typed it, to be corrected (see ``without_contacts``)."""
    typed = {name: str(getattr(initiative, name)) for name in TEXT_LIMITS}
    claimed = initiative.benefit_claimed
    typed |= {
        "kind": initiative.kind,
        "field": initiative.field.code,
        "applied_on": _day(initiative.applied_on),
        "recognised_on": _day(initiative.recognised_on),
        "benefit": "" if claimed is None else format_count(claimed, "vi"),
        "is_secret": "on" if initiative.is_secret else "",
        "is_ip_protected": "on" if initiative.is_ip_protected else "",
        "unit": initiative.unit.code,
    }
    authors = list(initiative.authors.all())
    for n, author in enumerate(authors, start=1):
        is_elsewhere = n > 1 and author.unit_id != initiative.unit_id
        workplace = (author.unit.code if author.unit else author.workplace) if is_elsewhere else ""
        typed |= {
            f"author{n}_name": author.name,
            f"author{n}_title": author.title,
            f"author{n}_category": author.category,
            f"author{n}_share": str(author.share),
            f"author{n}_unit": workplace,
            f"author{n}_contact": author.contact,
        }
    typed["authors"] = str(len(authors))
    return {name: value for name, value in typed.items() if value}


def without_contacts(typed: Mapping[str, str]) -> Typed:
    """Return the texts without how co-authors are reached, which only whoever entered the initiative may see."""
    return {name: value for name, value in typed.items() if not _CONTACT.fullmatch(name)}


def _day(one: date | None) -> str:
    return format_date(one, "vi") if one else ""
