"""The units directly below, in a table that sorts (``?xep=``) and filters (``?loc=`` a name, ``?chi=`` a condition)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sangkien.core.vietnamese import search_key
from sangkien.tally.analysis import Overdue
from sangkien.tally.figures import BoardRow
from sangkien.units.models import Unit
from sangkien.web.public.front import progress_of

SORT, WORDS, ONLY, PAGE = "xep", "loc", "chi", "trang"
PER_PAGE = 200
"""Rows on one page; with more, the script leaves sorting and filtering to the server."""
LONGEST = 100  # characters of a name that are looked for


@dataclass(frozen=True, slots=True)
class Child:
    """A unit directly below: its row on the board, what is overdue there (None: not known of that moment).

    ``place`` is its place in the order of names, for the script.
    """

    row: BoardRow
    overdue: int | None
    place: int

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.row.unit

    @property
    def progress(self) -> Decimal | None:
        """Progress in percent towards its headline target of the phase, None without a target."""
        return progress_of(self.row)

    @property
    def is_behind(self) -> bool:
        """Whether it has a target of the phase and is short of it."""
        return self.row.phase_progress is not None and not self.row.phase_progress.is_met


Key = Callable[[Child], int | Decimal | None]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column that one can sort by: its heading, and whether the least or the most comes first."""

    code: str
    text: str | Promise
    key: Key
    is_rising: bool = False


SORTS: dict[str, Sort] = {
    sort.code: sort
    for sort in (
        Sort("name", _("Unit"), lambda child: child.place, is_rising=True),
        Sort("submitted", _("Submitted"), lambda child: child.row.counts.submitted),
        Sort("valid", _("Valid"), lambda child: child.row.counts.valid),
        Sort("waiting", pgettext_lazy("how many wait", "Waiting"), lambda child: child.row.counts.waiting),
        Sort("overdue", _("Overdue"), lambda child: child.overdue),
        Sort("progress", _("Progress"), lambda child: child.progress),
        Sort("behind", _("Furthest behind first"), lambda child: child.progress, is_rising=True),
        Sort("benefit", _("Benefit"), lambda child: child.row.counts.benefit_claimed),
    )
}
FILTERS: dict[str, tuple[str | Promise, Callable[[Child], bool]]] = {
    "behind": (_("Short of their target"), lambda child: child.is_behind),
    "overdue": (_("With overdue work"), lambda child: bool(child.overdue)),
    "waiting": (_("With work that waits"), lambda child: child.row.counts.waiting > 0),
    "nothing": (_("Nothing submitted yet"), lambda child: child.row.counts.submitted == 0),
}


@dataclass(frozen=True, slots=True)
class Children:
    """The rows that are shown, how many were found and how many there are, and what was asked for."""

    rows: list[Child]
    found: int
    total: int
    sort: Sort
    words: str
    only: str
    page: int
    pages: int


def children_of(rows: Sequence[BoardRow], overdue: Overdue | None) -> list[Child]:
    """Return every unit of a board as a row of the table, in Vietnamese order of names."""
    named = sorted(rows, key=lambda row: (row.unit.sort_key, row.unit.pk))
    return [
        Child(row, overdue.by_child.get(row.unit.pk, 0) if overdue else None, place)
        for place, row in enumerate(named, start=1)
    ]


def shown_children(children: Sequence[Child], query: QueryDict) -> Children:
    """Return the rows that the address asks for; what it asks for and is not offered is left aside."""
    sort = SORTS.get(query.get(SORT, ""), SORTS["submitted"])
    only = query.get(ONLY, "") if query.get(ONLY, "") in FILTERS else ""
    words = query.get(WORDS, "").strip()[:LONGEST]
    found = [child for child in children if _is_named(child.unit, words) and (not only or FILTERS[only][1](child))]
    found.sort(key=lambda child: _order(sort, child))
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page_number(query), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Children(shown, len(found), len(children), sort, words, only, page, pages)


def late_first(children: Sequence[Child], limit: int = 5) -> list[Child]:
    """Return the units with the most overdue work."""
    late = [child for child in children if child.overdue]
    return sorted(late, key=lambda child: (-(child.overdue or 0), child.place))[:limit]


def page_number(query: QueryDict) -> int:
    """Return the page that the address asks for, from 1; 1 for anything that is no number."""
    typed = query.get(PAGE, "")
    return max(int(typed), 1) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1


def _is_named(unit: Unit, words: str) -> bool:
    """Say whether the unit is known by a name or code with all these words in it, diacritics or none."""
    return all(word in unit.search_key for word in search_key(words).split())


def _order(sort: Sort, child: Child) -> tuple[bool, int | Decimal, int]:
    """What has no value stands last; equal ones stand in the order of their names."""
    value = sort.key(child)
    if value is None:
        return True, 0, child.place
    return False, value if sort.is_rising else -value, child.place
