"""What an initiative says, as it comes from a form, the API or a file: cleaned and checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, gathered, refuse
from sangkien.core.vietnamese import normalise, normalise_lines
from sangkien.initiatives.models import Kind
from sangkien.people.categories import Category
from sangkien.people.contacts import clean_contact
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
    """The fields of an initiative. Benefit is whole đồng of the first year, None if it cannot be computed.

    Of a secret technology (``is_secret``) only title, effect (``social_benefit``) and ``award`` are kept beside what
    the programme's rules ask for: its other texts are dropped.
    """

    kind: Kind
    field: Field
    title: str
    problem: str
    solution: str
    applied_on: date
    novelty: str = ""
    conditions: str = ""
    applied_scope: str = ""
    applicable_scope: str = ""
    confidential_parts: str = ""
    award: str = ""
    recognised_by: str = ""
    recognition_document: str = ""
    recognised_on: date | None = None
    benefit_claimed: int | None = None
    no_benefit_reason: str = ""
    social_benefit: str = ""
    is_secret: bool = False
    is_ip_protected: bool = False


@dataclass(frozen=True, slots=True)
class AuthorInput:
    """One author; the first of a list is the principal author, whose category counts. ``share`` is whole percent.

    ``unit`` None is the initiative's own for the principal author, none for others. ``contact`` is an e-mail address
    or mobile number by which the author is invited to confirm; ``person_id`` is set by whoever knows the account.
    """

    name: str
    category: Category
    share: int
    unit: Unit | None = None
    workplace: str = ""
    title: str = ""
    person_id: int | None = None
    contact: str = ""


TEXT_LIMITS = {
    "title": MAX_TITLE,
    "problem": MAX_TEXT,
    "solution": MAX_TEXT,
    "novelty": MAX_TEXT,
    "conditions": MAX_TEXT,
    "applied_scope": MAX_TEXT,
    "applicable_scope": MAX_TEXT,
    "confidential_parts": MAX_TEXT,
    "award": MAX_SHORT,
    "recognised_by": MAX_SHORT,
    "recognition_document": MAX_DOCUMENT,
    "no_benefit_reason": 500,
    "social_benefit": MAX_TEXT,
}
LONG_TEXTS = frozenset(name for name, limit in TEXT_LIMITS.items() if limit == MAX_TEXT)
"""The texts that keep their lines; all others are one line."""
AUTHOR_LIMITS = {"name": 200, "title": 200, "workplace": MAX_SHORT}
REQUIRED_TEXTS = ("title", "problem", "solution", "recognised_by")
REQUIRED_OF_SECRET = ("title", "recognised_by", "social_benefit")
DROPPED_OF_SECRET = frozenset(
    {"problem", "solution", "novelty", "conditions", "applied_scope", "applicable_scope", "confidential_parts"}
)
"""What would give a secret technology away: neither asked for nor kept."""


def clean_content(content: InitiativeContent) -> InitiativeContent:
    """Return the content in NFC without stray blanks. Raises InvalidInput (InvalidInputs) with every field at fault."""
    faults: list[InvalidInput] = []
    texts: dict[str, Any] = {}
    for name, limit in TEXT_LIMITS.items():
        if content.is_secret and name in DROPPED_OF_SECRET:
            texts[name] = ""
            continue
        try:
            texts[name] = clean_text(getattr(content, name), name, limit, in_lines=name in LONG_TEXTS)
        except InvalidInput as error:
            faults.append(error)
    faults += [
        InvalidInput(_("Fill in this field."), code="required", field=name)
        for name in (REQUIRED_OF_SECRET if content.is_secret else REQUIRED_TEXTS)
        if texts.get(name) == ""
    ]
    if content.benefit_claimed is None and texts.get("no_benefit_reason") == "" and not content.is_secret:
        message = _("Give the benefit of the first year, or say why it cannot be computed.")
        faults.append(InvalidInput(message, code="benefit_or_reason", field="benefit_claimed"))
    with gathered(faults):
        check_benefit(content.benefit_claimed, "benefit_claimed")
    refuse(faults)
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
    """Return the authors cleaned: 1 to 20 with names, whose shares total exactly 100.

    Raises InvalidInput (InvalidInputs) with everything at fault: ``authors``, or ``author2_name`` of the second.
    """
    if not 1 <= len(authors) <= MAX_AUTHORS:
        raise InvalidInput(_("An initiative has between 1 and 20 authors."), code="authors_count", field="authors")
    faults: list[InvalidInput] = []
    if any(not 1 <= a.share <= 100 for a in authors) or sum(a.share for a in authors) != 100:
        message = _("The shares of the authors must add up to exactly 100 %% (now %(total)s %%).")
        total = {"total": sum(a.share for a in authors)}
        faults.append(InvalidInput(message % total, code="shares_total_100", field="authors"))
    cleaned: list[AuthorInput] = []
    for number, author in enumerate(authors, start=1):
        with gathered(faults):
            cleaned.append(_clean_author(author, number))
    if len(cleaned) == len(authors):
        faults += _contacts_given_twice(cleaned)
    refuse(faults)
    return cleaned


def even_shares(number: int) -> list[int]:
    """Return the shares of so many authors (1 to 100), split evenly: whole percent, 100 in all, the rest to the first.

    Raises ValueError for any other number.
    """
    if not 1 <= number <= 100:
        raise ValueError(f"{number} authors cannot share 100 %")
    each, rest = divmod(100, number)
    return [each + rest] + [each] * (number - 1)


def _contacts_given_twice(authors: Sequence[AuthorInput]) -> list[InvalidInput]:
    """Return a fault for every author who has the contact of one before."""
    seen: set[str] = set()
    faults = []
    for number, author in enumerate(authors, start=1):
        if author.contact and author.contact in seen:
            message = _("Another author has the same contact.")
            faults.append(InvalidInput(message, code="same_contact", field=f"author{number}_contact"))
        seen.add(author.contact)
    return faults


def _clean_author(author: AuthorInput, number: int) -> AuthorInput:
    """Return one author cleaned. Raises InvalidInput with everything at fault."""
    faults: list[InvalidInput] = []
    texts: dict[str, Any] = {}
    for name, limit in AUTHOR_LIMITS.items():
        with gathered(faults):
            texts[name] = clean_text(getattr(author, name), f"author{number}_{name}", limit)
    if texts.get("name") == "":
        message = _("Give the full name of every author.")
        faults.append(InvalidInput(message, code="author_name", field=f"author{number}_name"))
    if author.contact:
        try:
            texts["contact"] = clean_contact(author.contact)
        except InvalidInput as error:
            faults.append(InvalidInput(error.message, code=error.code, field=f"author{number}_contact"))
    refuse(faults)
    return replace(author, **texts)


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
