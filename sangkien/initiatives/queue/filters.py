"""What an officer looks for in the queue, as conditions of SQL that the indexes of the queue answer alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sangkien.core.codes import CodeError
from sangkien.core.vietnamese import fold_marks, normalise
from sangkien.initiatives.codes import number_of
from sangkien.initiatives.models import Kind
from sangkien.people.categories import Category
from sangkien.programmes.models import Field
from sangkien.units.models import Unit

MAX_TEXT = 200
MAX_DAYS = 36_500


class Tab(StrEnum):
    """Which part of an officer's work: what waits, what of it is overdue, what is with its author, what I decided."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    RETURNED = "returned"
    DONE = "done"


class Order(StrEnum):
    """In which order: due first, submitted first, or the largest claimed benefit first."""

    DUE = "due"
    OLDEST = "oldest"
    BENEFIT = "benefit"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is to be shown. None and empty: whatever it is.

    ``unit`` with everything below it; ``age_days``: submitted at least so many days ago; benefits are claimed đồng,
    both ends included; ``flags``: bits of ``Flag``, any of them; ``text``: a public code, or words of the title, in any
    order: one with marks as it is, one without whatever marks the title gives it. What has been returned stands in the
    order of its return, what was decided the newest first, whatever ``order`` says, unless that is by benefit.
    """

    tab: Tab = Tab.WAITING
    unit: Unit | None = None
    field: Field | None = None
    kind: Kind | None = None
    category: Category | None = None
    age_days: int | None = None
    benefit_from: int | None = None
    benefit_to: int | None = None
    flags: int = 0
    order: Order = Order.DUE
    text: str = ""


def conditions(wanted: Filter, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on a row ``i`` of the initiatives, beside tab and unit, and what is named in them."""
    found: list[tuple[str, dict[str, Any]]] = []
    if wanted.field is not None:
        found.append(("i.field_id = %(field)s", {"field": wanted.field.pk}))
    if wanted.kind is not None:
        found.append(("i.kind = %(kind)s", {"kind": str(wanted.kind)}))
    if wanted.category is not None:
        found.append(("i.category = %(category)s", {"category": str(wanted.category)}))
    if wanted.age_days is not None:
        until = now - timedelta(days=max(0, min(wanted.age_days, MAX_DAYS)))
        found.append(("i.submitted_at <= %(submitted_until)s", {"submitted_until": until}))
    if wanted.benefit_from is not None:
        found.append(("i.benefit_claimed >= %(benefit_from)s", {"benefit_from": wanted.benefit_from}))
    if wanted.benefit_to is not None:
        found.append(("i.benefit_claimed <= %(benefit_to)s", {"benefit_to": wanted.benefit_to}))
    if wanted.flags:
        found.append(("(i.flags & %(flags)s) <> 0", {"flags": wanted.flags}))
    found += _of_text(wanted.text)
    return [sql for sql, _values in found], {name: value for _sql, values in found for name, value in values.items()}


def _of_text(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the condition of what was typed: the number of a public code, otherwise words of the title."""
    typed = normalise(text[:MAX_TEXT])  # without what cannot be seen: the database takes no NUL in a text
    try:
        return [("i.id = %(number)s", {"number": number_of(typed)})] if typed else []
    except CodeError:
        words = "".join(c if c.isalnum() else " " for c in typed.lower()).split()
    if not words:
        return []
    bare = [fold_marks(word) for word in words]
    # Whole words: of words only begun the planner cannot tell whether they match a few titles or most. Without marks,
    # as the index has them; those typed with marks stand in the title as they are.
    title = "to_tsvector('simple'::regconfig, COALESCE(without_marks(i.title), ''))"
    found = [(f"{title} @@ to_tsquery('simple', %(words)s)", {"words": " & ".join(f"'{word}'" for word in bare)})]
    marked = [word for word, without in zip(words, bare, strict=True) if word != without]
    return found + [
        (f"strpos(lower(i.title), %(marked{n})s) > 0", {f"marked{n}": word}) for n, word in enumerate(marked)
    ]
