"""The SQL of the queue: one branch for each sort of head, so that each is read in order from an index of its own.

One condition with "or" over all heads would read everything and sort it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queue.filters import Filter, Order, Tab, conditions
from sangkien.initiatives.queue.heads import Heads
from sangkien.people.models import Person

_TABLE: Final = Initiative._meta.db_table
# Never the officer's own: entered by them, or with them as an author, whatever they said to being named.
_NOT_OWN: Final = """i.submitter_id <> %(person)s
   AND i.id NOT IN (SELECT a.initiative_id FROM initiatives_author a WHERE a.person_id = %(person)s)"""
# The moment of submission plus nothing: the index of all initiatives by that moment holds mostly what was decided long
# ago and would be read in vain.
_KEYS: Final = {
    Order.DUE: ("i.due_at", "key, id"),
    Order.OLDEST: ("i.submitted_at + interval '0'", "key, id"),
    Order.BENEFIT: ("i.benefit_claimed", "key DESC NULLS LAST, id"),
}
_RETURNED: Final = ("i.decided_at", "key, id")
_DECIDED: Final = ("e.at", "key DESC, id DESC")
# What this officer decided and stands decided, by their last decision on it.
_MY_DECISIONS: Final = f"""
FROM initiatives_event e JOIN {_TABLE} i ON i.id = e.initiative_id
 WHERE e.actor_id = %(person)s AND NOT e.is_historical AND e.kind IN ('validated', 'invalidated')
   AND i.state IN ('valid', 'invalid')
   AND NOT EXISTS (SELECT FROM initiatives_event later
                    WHERE later.initiative_id = e.initiative_id AND later.number > e.number
                      AND later.actor_id = e.actor_id AND later.kind IN ('validated', 'invalidated'))
"""


# The heads of each level, and the column by which an index knows what lies below them.
_BY_LEVEL: Final = (("unions", "i.unit_path[2]"), ("uppers", "i.unit_path[3]"), ("units", "i.unit_id"))


class Statement:
    """What a filter asks for within some heads, before it is ordered, cut off or counted."""

    def __init__(self, person: Person, wanted: Filter, heads: Heads, now: datetime) -> None:
        self._tab, self._heads = wanted.tab, heads
        self.key, self.order = _key_of(wanted)
        self._conditions, self.values = conditions(wanted, now)
        self.values |= {"person": person.pk, "now": now, "heads": list(heads.ids), "unions": list(heads.unions)}
        self.values |= {"uppers": list(heads.uppers), "units": list(heads.units)}
        if heads.without:
            self._conditions.append("i.unit_id <> ALL (%(without)s)")
            self.values["without"] = list(heads.without)

    def begin_after(self, key: object, number: int) -> None:
        """Go on after a place in the order."""
        self.values |= {"after_key": key, "after": number}
        if self.order.startswith("key DESC NULLS LAST"):
            same = f"({self.key} IS NOT DISTINCT FROM %(after_key)s AND i.id > %(after)s)"
            later = "FALSE" if key is None else f"{self.key} < %(after_key)s OR {self.key} IS NULL"
            self._conditions.append(f"({same} OR {later})")
        elif self.order.startswith("key DESC"):
            self._conditions.append(f"({self.key}, i.id) < (%(after_key)s, %(after)s)")
        else:
            self._conditions.append(f"({self.key}, i.id) > (%(after_key)s, %(after)s)")

    def first(self, limit: int) -> str:
        """Return the SELECT of the first rows in order: their ids and keys."""
        self.values["limit"] = limit
        end = f"ORDER BY {self.order} LIMIT %(limit)s"
        return f"SELECT id, key FROM ({' UNION ALL '.join(f'({b} {end})' for b in self._branches())}) AS found {end}"

    def some(self, limit: int) -> str:
        """Return the SELECT of at most so many ids, in no order: for counting them."""
        self.values["limit"] = limit
        parts = " UNION ALL ".join(f"({part} LIMIT %(limit)s)" for part in self._parts())
        return f"SELECT id FROM ({parts}) AS found LIMIT %(limit)s"

    def _parts(self) -> list[str]:
        """Return a SELECT for each sort of head, all of it at once."""
        if self._tab not in (Tab.WAITING, Tab.OVERDUE) or self._heads.everything:
            return self._branches()
        waiting = self._waiting()
        return [
            f"{self._select(waiting)} AND {column} = ANY (%({name})s::int[])"
            for name, column in _BY_LEVEL
            if self.values[name]
        ] or [self._select(f"{waiting} AND FALSE")]

    def _waiting(self) -> str:
        """Return what waits for a decision of somebody else than its own people, or what of it is overdue."""
        waiting = f"FROM {_TABLE} i WHERE i.state = 'submitted' AND {_NOT_OWN}"
        return waiting + (" AND i.due_at <= %(now)s" if self._tab is Tab.OVERDUE else "")

    def _branches(self) -> list[str]:
        """Return a SELECT for each sort of head, or a single one where one index serves all."""
        if self._tab is Tab.DONE:
            return [self._select(_MY_DECISIONS + self._within())]
        if self._tab is Tab.RETURNED:
            return [self._select(f"FROM {_TABLE} i WHERE i.state = 'returned' AND {_NOT_OWN}{self._within()}")]
        waiting = self._waiting()
        if self._heads.everything:
            return [self._select(waiting)]
        return [
            f"SELECT id, key FROM unnest(%({name})s::int[]) AS head(unit), LATERAL"
            f" ({self._select(waiting)} AND {column} = head.unit ORDER BY {self.order} LIMIT %(limit)s) AS of_head"
            for name, column in _BY_LEVEL
            if self.values[name]
        ] or [self._select(f"{waiting} AND FALSE")]

    def _select(self, rest: str) -> str:
        return " AND ".join([f"SELECT i.id, {self.key} AS key {rest}", *self._conditions])

    def _within(self) -> str:
        """Return the condition for "in one of the heads", for tabs that are small or somebody's own."""
        return "" if self._heads.everything else " AND i.unit_path && %(heads)s::int[]"


def _key_of(wanted: Filter) -> tuple[str, str]:
    """Return what a filter orders by: the expression, and the ORDER BY over its result."""
    if wanted.tab is Tab.DONE:
        return _DECIDED
    if wanted.tab is Tab.RETURNED and wanted.order is not Order.BENEFIT:
        return _RETURNED
    return _KEYS[wanted.order]
