"""The rows of authors on the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.vietnamese import search_key
from sangkien.initiatives.inputs import AuthorInput
from sangkien.people.categories import Category
from sangkien.units.models import Unit
from sangkien.web.member.fields import choice, line, share
from sangkien.web.member.typed import AUTHOR_PARTS, author_rows

LABELS: dict[str, str | Promise] = {
    "name": _("Full name"),
    "title": _("Position, work"),
    "category": _("Group"),
    "unit": _("Workplace"),
    "share": _("Share in percent"),
    "contact": _("E-mail address or mobile number"),
}
AUTOCOMPLETE = {"name": "name", "title": "organization-title"}
"""What a browser may fill in for the principal author."""


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """One author as the page shows them; number 1 is the principal author, 0 the model that a script copies.

    ``values`` and ``errors`` are by the parts of ``AUTHOR_PARTS``.
    """

    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the author is called."""
        return str(_("Principal author") if self.number == 1 else _("Author %(number)d") % {"number": self.number})


def author_fields(typed: Mapping[str, str]) -> dict[str, forms.Field]:
    """Return the fields that check the rows that are shown."""
    return {name: field for n in range(1, author_rows(typed) + 1) for name, field in _row_fields(n).items()}


@cache
def _row_fields(n: int) -> dict[str, forms.Field]:
    """Return the fields of one row. Forms share them: nobody changes one."""
    fields: dict[str, forms.Field] = {}
    for part in ("name", "title", "unit", "contact"):
        name = f"author{n}_{part}"
        known = {"attrs": {"autocomplete": AUTOCOMPLETE[part]}} if n == 1 and part in AUTOCOMPLETE else {}
        fields[name] = line(name, AUTHOR_PARTS[part], label=LABELS[part], required=n == 1 and part == "name", **known)
    label = _("The principal author is one of the") if n == 1 else LABELS["category"]
    fields[f"author{n}_category"] = choice([("", ""), *Category.choices], label=label, required=n == 1)
    fields[f"author{n}_share"] = share(label=LABELS["share"], required=False)
    return fields


def rows_of(form: forms.Form, typed: Mapping[str, str]) -> list[AuthorRow]:
    """Return the rows to show, with what was typed and what is wrong with it."""
    errors = form.errors if form.is_bound else {}
    return [
        AuthorRow(
            n,
            {part: typed.get(f"author{n}_{part}", "") for part in AUTHOR_PARTS},
            {part: [str(e) for e in errors[name]] for part in AUTHOR_PARTS if (name := f"author{n}_{part}") in errors},
        )
        for n in range(1, author_rows(typed) + 1)
    ]


def read_authors(
    cleaned: Mapping[str, Any],
    rows: int,
    own_unit: Unit | None,
    workplaces: Mapping[str, Unit],
    accounts: Mapping[str, int],
) -> list[AuthorInput]:
    """Return the rows that somebody has filled in, as authors.

    A co-author is of the principal author's group and unit unless the row says otherwise; a workplace that is no unit
    is kept as it was typed. ``accounts`` are the people (id) who are known to be meant, by ``search_key`` of the name.
    A single author has the whole share.
    """
    known = dict(accounts)  # each of them is one author at most
    filled = [n for n in range(1, rows + 1) if n == 1 or _is_filled(cleaned, n)]
    authors = []
    for n in filled:
        workplace = cleaned[f"author{n}_unit"]
        unit = own_unit if n > 1 and not workplace else workplaces.get(workplace)
        authors.append(
            AuthorInput(
                name=cleaned[f"author{n}_name"],
                category=Category(cleaned[f"author{n}_category"] or cleaned["author1_category"]),
                share=100 if len(filled) == 1 else cleaned[f"author{n}_share"] or 0,
                unit=unit if n > 1 else None,
                workplace="" if unit or n == 1 else workplace,
                title=cleaned[f"author{n}_title"],
                person_id=known.pop(search_key(cleaned[f"author{n}_name"]), None),
                contact=cleaned[f"author{n}_contact"],
            )
        )
    return authors


def _is_filled(cleaned: Mapping[str, Any], n: int) -> bool:
    return any(cleaned[f"author{n}_{part}"] for part in AUTHOR_PARTS)
