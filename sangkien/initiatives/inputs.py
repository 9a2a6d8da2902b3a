"""What an initiative says, as it comes from a form, the API or a file: cleaned and checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise, normalise_lines
from sangkien.initiatives.models import Kind
from sangkien.people.categories import Category
from sangkien.programmes.models import Field
from sangkien.units.models import Unit

MAX_TITLE = 300
MAX_TEXT = 20_000
MAX_SHORT = 300
MAX_DOCUMENT = 100
MAX_AUTHORS = 20
MAX_BENEFIT_VND = 10_000 * 10**9
"""A hundred times the greatest benefit ever published for one initiative; a million of these still fit 64 bits."""


@dataclass(frozen=True, slots=True)
class InitiativeContent:
    """The fields of an initiative. Benefit is whole đồng of the first year, None if it cannot be computed."""

    kind: Kind
    field: Field
    title: str
    problem: str
    solution: str
    applied_on: date
    novelty: str = ""
    applied_scope: str = ""
    recognised_by: str = ""
    recognition_document: str = ""
    recognised_on: date | None = None
    benefit_claimed: int | None = None
    no_benefit_reason: str = ""
    social_benefit: str = ""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class AuthorInput:
    """One author; the first of a list is the principal author, whose category counts. ``share`` is whole percent."""

    name: str
    category: Category
    share: int
    unit: Unit | None = None
    workplace: str = ""
    title: str = ""
    person_id: int | None = None


TEXT_LIMITS = {
    "title": MAX_TITLE,
    "problem": MAX_TEXT,
    "solution": MAX_TEXT,
    "novelty": MAX_TEXT,
    "applied_scope": MAX_TEXT,
    "recognised_by": MAX_SHORT,
    "recognition_document": MAX_DOCUMENT,
    "no_benefit_reason": 500,
    "social_benefit": MAX_TEXT,
}
LONG_TEXTS = frozenset(name for name, limit in TEXT_LIMITS.items() if limit == MAX_TEXT)
"""The texts that keep their lines; all others are one line."""
REQUIRED_TEXTS = ("title", "problem", "solution", "recognised_by")


def clean_content(content: InitiativeContent) -> InitiativeContent:
    """Return the content in NFC without stray blanks. Raises InvalidInput naming the first field at fault."""
    texts: dict[str, Any] = {
        name: clean_text(getattr(content, name), name, limit, in_lines=name in LONG_TEXTS)
        for name, limit in TEXT_LIMITS.items()
    }
    for name in REQUIRED_TEXTS:
        if not texts[name]:
            raise InvalidInput(_("Fill in this field."), code="required", field=name)
    if content.benefit_claimed is None and not texts["no_benefit_reason"]:
        raise InvalidInput(
            _("Give the benefit of the first year, or say why it cannot be computed."),
            code="benefit_or_reason",
            field="benefit_claimed",
        )
    check_benefit(content.benefit_claimed, "benefit_claimed")
    return replace(content, **texts)


def check_benefit(benefit: int | None, field: str) -> None:
    """Raise InvalidInput unless a benefit is empty or a number of đồng that can be counted."""
    if benefit is not None and not 0 <= benefit <= MAX_BENEFIT_VND:
        raise InvalidInput(
            _("The benefit of one initiative is between 0 and 10,000 billion đồng."),
            code="benefit_out_of_range",
            field=field,
        )


def clean_authors(authors: Sequence[AuthorInput]) -> list[AuthorInput]:
    """Return the authors cleaned. Raises InvalidInput unless there are 1 to 20 whose shares total exactly 100."""
    if not 1 <= len(authors) <= MAX_AUTHORS:
        raise InvalidInput(_("An initiative has between 1 and 20 authors."), code="authors_count", field="authors")
    if any(not 1 <= a.share <= 100 for a in authors) or sum(a.share for a in authors) != 100:
        raise InvalidInput(
            _("The shares of the authors must add up to exactly 100 %% (now %(total)s %%).")
            % {"total": sum(a.share for a in authors)},
            code="shares_total_100",
            field="authors",
        )
    cleaned = [
        replace(
            a,
            name=clean_text(a.name, "authors", 200),
            title=clean_text(a.title, "authors", 200),
            workplace=clean_text(a.workplace, "authors", MAX_SHORT),
        )
        for a in authors
    ]
    if not all(a.name for a in cleaned):
        raise InvalidInput(_("Give the full name of every author."), code="author_name", field="authors")
    return cleaned


def clean_text(text: str, field: str, limit: int, *, in_lines: bool = False) -> str:
    """Return one text as it is stored: one line, or as many as it has. Raises InvalidInput when it is too long."""
    if len(text) > limit * 4:  # a Vietnamese letter in NFD is three characters at most: do not normalise megabytes
        cleaned = text
    elif in_lines:
        cleaned = normalise_lines(text)
    else:
        cleaned = normalise(text)
    if len(cleaned) > limit:
        raise InvalidInput(
            _("This is too long: at most %(limit)s characters.") % {"limit": limit}, code="too_long", field=field
        )
    return cleaned
