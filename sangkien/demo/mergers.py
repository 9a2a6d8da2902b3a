"""The provincial mergers of 2025 for the demo: 63 federations become 34, and back again.

Resolution 202/2025/QH15, from 1/7/2025; Thừa Thiên Huế only took another name, on 1/1/2025. The demo itself carries
this out, outside what officers have rights to; everything else is what any reorganisation does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from sangkien.audit.actions import record
from sangkien.core import clock
from sangkien.core.errors import Conflict, refuse
from sangkien.core.moments import event_moment
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.world import LOADER
from sangkien.people.models import Person, system_actor
from sangkien.units.actions.naming import give_names, write_names
from sangkien.units.actions.reorganising import merge_into
from sangkien.units.actions.undoing import delete_opened, mark_undone, take_back
from sangkien.units.checks import faults_of_merge
from sangkien.units.inputs import Names, NewUnit
from sangkien.units.models import FormerName, Reorganisation, SuccessionKind, Unit, UnitKind
from sangkien.units.trees import lock_tree, roll

DOCUMENT: Final = "202/2025/QH15"
REASON: Final = "Sắp xếp đơn vị hành chính cấp tỉnh (mergers_2025.csv)"
_RENAMED: Final = {
    "HUE": Names("Liên đoàn Lao động thành phố Huế", "Hue City Federation of Labour", "LĐLĐ TP Huế", "Hue City")
}
"""Names of the federation that only took another one: what the table of mergers does not say."""


class Merged(NamedTuple):
    """What was done: how many provincial federations were open and are, how many mergers, units within, new names."""

    before: int
    after: int
    mergers: int
    units: int
    renamed: int


@transaction.atomic
def apply_mergers() -> Merged:
    """Merge the federations of the demo as ``mergers_2025.csv`` says. Raises Conflict when that was done already."""
    actor, at, before = _begin()
    if _applied(actor).exists():
        raise Conflict("The mergers of 2025 have been applied already.", code="already_applied")
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows("mergers_2025.csv"):
        groups[row["new_code"]].append(row)
    units = Unit.objects.in_bulk([r["old_code"] for rows in groups.values() for r in rows], field_name="code")
    renamed = units_done = mergers = 0
    for code, rows in groups.items():
        day = date.fromisoformat(rows[0]["effective_date"])
        if rows[0]["change"] == "merged":
            units_done += _merge(actor, at, day, code, rows, units)
            mergers += 1
        elif rows[0]["change"] == "renamed":
            unit = units[rows[0]["old_code"]]
            unit.other_names = [*unit.other_names, code]
            give_names(unit, _RENAMED[code], day)
            renamed += 1
    roll()
    record(actor=actor, at=at, action="merge_units", subject_kind="demo", subject="mergers_2025", unit_path=[1])
    return Merged(before, _federations(), mergers, units_done, renamed)


@transaction.atomic
def undo_mergers() -> Merged:
    """Take the mergers back, the last first.

    Raises Conflict when they are not applied, or something was entered at one of the merged federations since.
    """
    actor, at, before = _begin()
    applied = list(_applied(actor).order_by("-pk"))
    if not applied:
        raise Conflict("The mergers of 2025 are not applied.", code="not_applied")
    opened = take_back(applied)
    roll()
    delete_opened(opened)
    for made in applied:
        mark_undone(made, actor, at)
    renamed = sum(
        _unname(date.fromisoformat(row["effective_date"]), row["old_code"], row["new_code"])
        for row in read_rows("mergers_2025.csv")
        if row["change"] == "renamed"
    )
    record(actor=actor, at=at, action="undo_reorganisation", subject_kind="demo", subject="mergers_2025", unit_path=[1])
    return Merged(before, _federations(), len(applied), len(opened), renamed)


def _begin() -> tuple[Person, datetime, int]:
    """Keep others from changing the tree; return who acts, the moment, and how many federations are open."""
    lock_tree()
    at = event_moment()
    count = _federations()
    if not count:
        raise Conflict("There is no demo here: load it first (sangkien demo --load-only).", code="no_demo")
    return system_actor(LOADER), at, count


def _federations() -> int:
    """Return how many provincial federations are open."""
    return Unit.objects.filter(kind=UnitKind.PROVINCIAL_FEDERATION, closed_on=None).count()


def _applied(actor: Person) -> QuerySet[Reorganisation]:
    """Return the mergers of 2025 that the demo carried out and has not taken back."""
    return Reorganisation.objects.filter(made_by=actor, document=DOCUMENT, undone_at=None)


def _merge(
    actor: Person, at: datetime, day: date, code: str, rows: list[dict[str, str]], known: dict[str, Unit]
) -> int:
    """Carry out one merger; return how many units it closed. The federation whose name stays comes first."""
    rows = sorted(rows, key=lambda row: row["old_code"] != row["name_kept_from_code"])
    units = [known[row["old_code"]] for row in rows]
    first = units[0]
    new = NewUnit(rows[0]["new_name_vi"], first.name_en, first.short_vi, first.short_en, code)
    refuse(faults_of_merge(units, new, day, clock.day_of(at)))
    made = Reorganisation.objects.create(
        kind=SuccessionKind.MERGER, on=day, made_at=at, made_by=actor, reason=REASON, document=DOCUMENT
    )
    merge_into(made, units, new, actor=actor, at=at, roles=True)
    return made.successions.count()


def _unname(day: date, code: str, new_code: str) -> int:
    """Give a federation that was renamed its name back; return how many had another: 1 or 0."""
    former = FormerName.objects.filter(unit__code=code).select_related("unit").order_by("-until", "-pk").first()
    if former is None or former.until != day:
        return 0
    unit, names = former.unit, Names(former.name_vi, former.name_en, former.short_vi, former.short_en)
    added = {new_code, *astuple(names)}
    unit.other_names = [name for name in unit.other_names if name not in added]
    write_names(unit, names)
    former.delete()
    return 1
