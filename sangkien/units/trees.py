"""The tree as it stands today, worked out from the successions and kept beside the units (decision 15).

Only set-based SQL, so that a reorganisation of the whole country takes seconds. Nothing here reads the models: the
migration that brought the columns calls it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

_LOCK: Final = 0x7EE0  # the advisory lock of whoever changes the tree; far below those of ``core.moments``

# Who hands on what was counted: a unit that has closed and is followed by one.
_FOLLOWED: Final = """
SELECT s.predecessor_id AS id, min(s.successor_id) AS next
  FROM units_succession s JOIN units_unit p ON p.id = s.predecessor_id
 WHERE p.closed_on IS NOT NULL GROUP BY 1 HAVING count(*) = 1
"""

# Every unit has one next one: what follows it, if that is one unit, otherwise the unit above it. From the top down,
# a unit that goes on under its own name stands below its parent's place of today, another where its successor stands.
_TODAY: Final = f"""
WITH RECURSIVE follows AS MATERIALIZED (
    {_FOLLOWED}
), steps AS MATERIALIZED (
    SELECT u.id, f.id IS NOT NULL AS followed, coalesce(f.next, u.parent_id) AS next
      FROM units_unit u LEFT JOIN follows f ON f.id = u.id
), today AS (
    SELECT id, ARRAY[id] AS path FROM steps WHERE next IS NULL
    UNION ALL
    SELECT s.id, CASE WHEN s.followed THEN t.path ELSE t.path || s.id END FROM today t JOIN steps s ON s.next = t.id
)
UPDATE units_unit u SET today_path = t.path FROM today t WHERE t.id = u.id AND u.today_path <> t.path
"""

# With d(U, V) = [V in U's path of today] - [V in U's path], a row is c(U, V) = d(U, V) - d(parent of U, V). A unit
# without a successor goes with its parent, c is 0. For one with a successor it comes down to these three.
_WANTED: Final = f"""
WITH followed AS MATERIALIZED (
    SELECT u.id, u.today_path AS path, above.today_path AS above
      FROM units_unit u JOIN units_unit above ON above.id = u.parent_id
      JOIN ({_FOLLOWED}) f ON f.id = u.id
), wanted (unit_id, source_id, sign) AS MATERIALIZED (
    SELECT id, id, -1 FROM followed
    UNION ALL
    SELECT v, id, 1 FROM followed, unnest(path) v WHERE v <> ALL (above)
    UNION ALL
    SELECT v, id, -1 FROM followed, unnest(above) v WHERE v <> ALL (path)
)
"""
_GONE: Final = f"""{_WANTED}
DELETE FROM units_rolled_unit r
 WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.unit_id = r.unit_id AND w.source_id = r.source_id AND w.sign = r.sign)
"""
_COME: Final = f"""{_WANTED}
INSERT INTO units_rolled_unit (unit_id, source_id, sign)
SELECT unit_id, source_id, sign FROM wanted w
 WHERE NOT EXISTS (SELECT FROM units_rolled_unit r WHERE r.unit_id = w.unit_id AND r.source_id = w.source_id)
"""


def lock_tree() -> None:
    """Wait until nobody else changes the tree, and keep others waiting to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@contextmanager
def planned_for_many() -> Iterator[None]:
    """Let statements be planned for very many rows, inside a transaction.

    What a reorganisation has just written is in no statistics yet: the planner takes it for a handful of rows, loops
    over them, and a province that would take a second takes minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")


@transaction.atomic
def roll() -> None:
    """Work out ``Unit.today_path`` and ``RolledUnit`` from the successions, for the whole tree; write what differs.

    Successions are followed on and on, to what has followed by now. Only a single successor inherits the history of a
    closed unit. One that was split, or closed with nothing after it, keeps its own and goes with whatever has followed
    the unit above it: its ``today_path`` is its parent's, and itself. Call it in the transaction that changed them.
    """
    lock_tree()
    with planned_for_many(), connection.cursor() as cursor:
        for statement in (_TODAY, _GONE, _COME):
            cursor.execute(statement)
