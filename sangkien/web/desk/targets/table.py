"""The children of a unit with their targets, and what an officer types into that table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.numbers import format_count
from sangkien.programmes.actions import MAX_TARGET
from sangkien.programmes.actions.targets import open_targets
from sangkien.programmes.models import Basis, Phase, Programme
from sangkien.programmes.spreading import by_members, evenly
from sangkien.tally import queries as tally
from sangkien.tally.figures import Board, Moments
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on
from sangkien.web.templatetags.sangkien import language

NOT_A_TARGET = _("A target is a whole number above zero.")
PREFIX = "value_"
_DIGITS = re.compile(r"[0-9]{1,10}|[0-9]{1,3}(?:[., \u00a0\u202f][0-9]{3})+", re.ASCII)


def read_number(text: str) -> int | None:
    """Return a target as people type it, "1.200" or "1200"; None for what is none."""
    plain = text.strip()
    number = int(re.sub(r"\D", "", plain)) if _DIGITS.fullmatch(plain) else 0
    return number if 0 < number <= MAX_TARGET else None


@dataclass(slots=True)
class Row:
    """One unit of the table: its targets now, its count as the board has it, and what was typed for it."""

    unit: Unit
    present: int | None
    """The assigned target that the unit has now."""
    registered: int | None
    submitted: int
    typed: str
    fault: str | Promise = ""

    @property
    def wanted(self) -> int | None:
        """The target that it is to have: what was typed, or what it has where nothing was."""
        return read_number(self.typed) if self.typed.strip() else self.present

    @property
    def is_changed(self) -> bool:
        """Whether something else was typed than the target that there is."""
        return self.wanted != self.present

    @property
    def change(self) -> int | None:
        """By how much the target would rise (above zero) or fall; None for a first one."""
        return None if self.present is None or self.wanted is None else self.wanted - self.present


@dataclass(slots=True)
class Table:
    """The open units directly below one, in Vietnamese order, and the target that theirs are to add up to."""

    parent: Unit
    rows: list[Row]
    own: int | None
    moments: Moments
    board: Board
    seen: dict[int, int | None] = field(default_factory=dict)

    @property
    def sum(self) -> int:
        """What the targets add up to."""
        return sum(row.wanted or 0 for row in self.rows)

    @property
    def gap(self) -> int | None:
        """The sum less the unit's own target; None where there is nothing to add up to."""
        return None if self.own is None else self.sum - self.own

    @property
    def changed(self) -> list[Row]:
        """The rows whose target would change."""
        return [row for row in self.rows if row.is_changed]

    @property
    def is_change(self) -> bool:
        """Whether a target that there is would be raised or lowered, which needs a reason."""
        return any(row.present is not None for row in self.changed)

    @property
    def seen_text(self) -> str:
        """What the form sends along to say which targets the officer saw."""
        return json.dumps(self.seen, separators=(",", ":"))

    @property
    def typed_text(self) -> str:
        """What the preview sends along of what was typed."""
        typed = {row.unit.pk: row.typed for row in self.rows if row.typed.strip()}
        return json.dumps(typed, separators=(",", ":"))

    @property
    def without_members(self) -> int:
        """Of how many units nobody knows the number of members."""
        return sum(1 for row in self.rows if not row.unit.members)

    def spread_evenly(self, total: int) -> None:
        """Type the same for every unit."""
        self._type(evenly(total, [row.unit.pk for row in self.rows]))

    def spread_by_members(self, total: int) -> bool:
        """Type for every unit what its members make; those without a number of members keep what they have.

        Return False if nothing is left for the others, or if there are none.
        """
        members = {row.unit.pk: row.unit.members for row in self.rows if row.unit.members}
        left = total - sum(row.present or 0 for row in self.rows if not row.unit.members)
        if not members or left <= 0:
            return False
        self._type(by_members(left, members))
        return True

    def _type(self, values: Mapping[int, int]) -> None:
        """Put these numbers where an officer would type them; nobody is given a target of zero."""
        for row in self.rows:
            if row.unit.pk in values:
                number = values[row.unit.pk]
                row.typed, row.fault = (format_count(number, language()), "") if number else ("", "")

    def check(self) -> bool:
        """Say at each row what is wrong with it; return whether nothing is."""
        for row in self.rows:
            row.fault = NOT_A_TARGET if row.typed.strip() and read_number(row.typed) is None else ""
        return not any(row.fault for row in self.rows)

    @property
    def faulty(self) -> list[Row]:
        """The rows with which something is wrong."""
        return [row for row in self.rows if row.fault]


def make_table(programme: Programme, phase: Phase | None, parent: Unit, typed: Mapping[int, str] | None) -> Table:
    """Return the table of ``parent``; ``typed`` None: nothing was yet, so that it holds the targets that there are.

    Counts are the board's, as of the published moment; targets are those of now.
    """
    moments = tally.moments(programme)
    board = tally.board(programme, moments, parent=parent, phase=phase)
    today = clock.day_of(clock.now())
    shown = sorted((row for row in board.rows if is_open_on(row.unit, today)), key=lambda row: row.unit.sort_key)
    targets = open_targets(programme, phase, [parent.pk, *(row.unit.pk for row in shown)])
    values = {key: target.value for key, target in targets.items()}
    rows, written = [], language()
    for one in shown:
        present = values.get((one.unit.pk, Basis.ASSIGNED))
        counts = one.phase_counts if phase else one.counts
        before = format_count(present, written) if present else ""
        text = before if typed is None else typed.get(one.unit.pk, "")
        registered = values.get((one.unit.pk, Basis.REGISTERED))
        rows.append(Row(one.unit, present, registered, counts.submitted, text))
    own = values.get((parent.pk, Basis.ASSIGNED))
    seen = {parent.pk: own} | {row.unit.pk: row.present for row in rows}
    return Table(parent, rows, own, moments, board, seen)


def read_typed(sent: QueryDict) -> dict[int, str]:
    """Return what was typed, by the ids of the units: from the fields of the table, or from the preview's."""
    kept = _read_json(sent.get("typed", ""))
    typed = {int(pk): text for pk, text in kept.items() if _is_id(pk) and isinstance(text, str)}
    for name, text in sent.items():
        pk = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and _is_id(pk):
            typed[int(pk)] = str(text)
    return typed


def read_seen(sent: QueryDict) -> dict[int, int | None]:
    """Return which targets the officer saw, by the ids of the units; nothing of what makes no sense."""
    kept = _read_json(sent.get("seen", ""))
    return {
        int(pk): value
        for pk, value in kept.items()
        if _is_id(pk) and (value is None or (isinstance(value, int) and not isinstance(value, bool)))
    }


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _read_json(text: str) -> dict[str, Any]:
    """Return an object of JSON; an empty one for anything else."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Change:
    """A target that is no longer what the officer saw; ``unit`` None: it is no longer directly below."""

    name: str
    seen: int | None
    now: int | None
    is_gone: bool = False


def changes_since(table: Table, seen: Mapping[int, int | None], names: Sequence[Unit]) -> list[Change]:
    """Return what has changed since the officer saw ``seen``; ``names`` are units that are no longer in the table."""
    known = {row.unit.pk: row.unit.short_name for row in table.rows} | {table.parent.pk: table.parent.short_name}
    found = [
        Change(known[pk], value, table.seen[pk])
        for pk, value in seen.items()
        if pk in table.seen and table.seen[pk] != value
    ]
    return found + [Change(unit.short_name, seen[unit.pk], None, is_gone=True) for unit in names]
