"""What goes along when units close and others follow them: the units below, people, rights, clusters, requests.

Set-based, so that a whole province goes in seconds. ``Reorganisation.done`` keeps which rows were ended, begun or
changed, by their ids; ``actions.undoing`` reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import DataError, connection
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.people.models import Person
from sangkien.units.checks import LOWEST
from sangkien.units.models import Reorganisation, Role, Succession, Unit
from sangkien.units.rules import may_grant

# One level of what is open below the predecessors opens again below their successors. The numbers at the end of the
# codes go on after the highest that is taken there, in Vietnamese order; the two series are those of ``opening``.
# ``today_path`` is what ``roll`` finds: it has less to write so.
_NEXT_LEVEL: Final = r"""
WITH going AS MATERIALIZED (
    SELECT old.id, s.successor_id AS above_id, above.code AS above_code, above.path AS above_path, old.sort_key,
           greatest(%(on)s::date, old.opened_on) AS day,
           CASE WHEN old.kind = ANY(%(lowest)s) THEN 4 ELSE 3 END AS digits,
           nextval(pg_get_serial_sequence('units_unit', 'id'))::int AS new_id
      FROM units_succession s
      JOIN units_unit above ON above.id = s.successor_id
      JOIN units_unit old ON old.parent_id = s.predecessor_id AND old.closed_on IS NULL
     WHERE s.reorganisation_id = %(made)s AND old.id <> s.successor_id
), taken AS MATERIALIZED (
    SELECT g.above_id, g.digits, max(substring(c.code FROM '\d+$')::bigint) AS highest
      FROM (SELECT DISTINCT above_id, above_code, digits FROM going) g
      JOIN units_unit c ON c.code ~>=~ (g.above_code || '-') AND c.code ~<~ (g.above_code || '.')
     WHERE substring(c.code FROM length(g.above_code) + 1)
           ~ CASE g.digits WHEN 4 THEN '^-\d{4,}$' ELSE '^-(\d{3}|[1-9]\d{3,})$' END
     GROUP BY 1, 2
), numbered AS MATERIALIZED (
    SELECT g.*, coalesce(t.highest, 0)
                + row_number() OVER (PARTITION BY g.above_id, g.digits ORDER BY g.sort_key, g.id) AS number
      FROM going g LEFT JOIN taken t USING (above_id, digits)
), coded AS MATERIALIZED (
    SELECT n.*, above_code || '-' || lpad(number::text, greatest(digits, length(number::text)), '0') AS code
      FROM numbered n
), opened AS (
    INSERT INTO units_unit (id, code, kind, name_vi, name_en, short_vi, short_en, other_names, parent_id, path,
                            today_path, opened_on, members, iso_code, is_invented, search_key, sort_key)
    SELECT n.new_id, n.code, u.kind, u.name_vi, u.name_en, u.short_vi, u.short_en, array_append(u.other_names, u.code),
           n.above_id, n.above_path || n.new_id, n.above_path || n.new_id, n.day, u.members, u.iso_code, u.is_invented,
           translate(lower(n.code), '-', ' ') || ' ' || u.search_key, u.sort_key
      FROM coded n JOIN units_unit u ON u.id = n.id
), closed AS (
    UPDATE units_unit u SET closed_on = n.day, today_path = n.above_path || n.new_id FROM coded n WHERE n.id = u.id
)
INSERT INTO units_succession (predecessor_id, successor_id, kind, "on", reorganisation_id)
SELECT id, new_id, 'transfer', day, %(made)s FROM coded
"""

# Who joined on the day or later never belonged to the old unit: their membership itself goes over.
_MEMBERSHIPS_MOVED: Final = """
UPDATE units_membership m SET unit_id = s.successor_id FROM units_succession s
 WHERE s.reorganisation_id = %(made)s AND m.unit_id = s.predecessor_id AND m.until IS NULL AND m.since >= s."on"
RETURNING m.id, s.predecessor_id
"""
_MEMBERSHIPS: Final = """
WITH ended AS (
    UPDATE units_membership m SET until = s."on" FROM units_succession s
     WHERE s.reorganisation_id = %(made)s AND m.unit_id = s.predecessor_id AND m.until IS NULL
    RETURNING m.id, m.person_id, s.successor_id, s."on"
), begun AS (
    INSERT INTO units_membership (person_id, unit_id, since) SELECT person_id, successor_id, "on" FROM ended
    RETURNING id, person_id
)
SELECT ended.id, begun.id FROM ended JOIN begun USING (person_id)
"""
# A right that somebody holds over the successor already is not given twice. In a merger a right comes to reach what it
# did not: only those go over that the actor could give there, and never their own.
_GRANTS: Final = """
WITH going AS MATERIALIZED (
    SELECT g.id, g.until, s.successor_id, nextval(pg_get_serial_sequence('units_role_grant', 'id'))::int AS new_id
      FROM units_succession s JOIN units_role_grant g ON g.unit_id = s.predecessor_id
     WHERE s.reorganisation_id = %(made)s
       AND (s.kind = 'transfer' OR (g.role = ANY(%(roles)s) AND g.person_id <> %(actor)s))
       AND g.since < %(at)s AND (g.until IS NULL OR g.until > %(at)s)
), ended AS (
    UPDATE units_role_grant g SET until = %(at)s, ended_by_id = %(actor)s FROM going WHERE going.id = g.id
), begun AS (
    INSERT INTO units_role_grant (id, person_id, unit_id, role, since, until, granted_by_id, reason)
    SELECT going.new_id, g.person_id, going.successor_id, g.role, %(at)s, g.until, %(actor)s, g.reason
      FROM going JOIN units_role_grant g USING (id) ORDER BY g.id
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT going.id, begun.id, going.until FROM going LEFT JOIN begun ON begun.id = going.new_id
"""
# Of several predecessors the first one's cluster is taken, unless the successor competes in one already.
_CLUSTERS: Final = """
WITH going AS MATERIALIZED (
    SELECT c.id, c.cluster_id, s.successor_id, greatest(s."on", c.since + 1) AS day,
           row_number() OVER (PARTITION BY s.successor_id ORDER BY s.id) AS place,
           nextval(pg_get_serial_sequence('units_cluster_membership', 'id'))::int AS new_id
      FROM units_succession s JOIN units_cluster_membership c ON c.unit_id = s.predecessor_id
     WHERE s.reorganisation_id = %(made)s AND c.until IS NULL
), ended AS (
    UPDATE units_cluster_membership c SET until = day FROM going WHERE going.id = c.id
), begun AS (
    INSERT INTO units_cluster_membership (id, cluster_id, unit_id, since)
    SELECT new_id, cluster_id, successor_id, day FROM going WHERE place = 1
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT going.id, begun.id FROM going LEFT JOIN begun ON begun.id = going.new_id
"""
_REQUESTS: Final = """
UPDATE units_unit_request r SET above_id = s.successor_id FROM units_succession s
 WHERE s.reorganisation_id = %(made)s AND r.above_id = s.predecessor_id AND r.state = 'waiting'
RETURNING r.id, s.predecessor_id
"""


def carry_over(
    made: Reorganisation, heads: Sequence[tuple[Unit, Unit]], *, actor: Person, at: datetime, roles: bool = True
) -> None:
    """Close the first of each pair, let the second follow it, and take along whatever belongs to it.

    Everything open below a predecessor opens again below its successor. Members go over from the day of the
    reorganisation, rights from the moment ``at`` (``roles``: also those over units that merge, as far as the actor may
    give them), clusters, and requests that wait. ``trees.roll`` has to follow. Raises InvalidInput when a code would be
    too long.
    """
    for unit, successor in heads:
        unit.closed_on = made.on
        unit.save(update_fields=["closed_on"])
        Succession.objects.create(
            predecessor=unit, successor=successor, kind=made.kind, on=made.on, reorganisation=made
        )
    given = [str(role) for role in Role if roles and _may_carry(actor, role, heads[0][1], at)]
    asked = {"made": made.pk, "on": made.on, "at": at, "actor": actor.pk, "roles": given}
    _open_below(asked)
    made.done |= {
        "memberships_moved": _rows(_MEMBERSHIPS_MOVED, asked),
        "memberships": _rows(_MEMBERSHIPS, asked),
        "grants": [[old, new, until and until.isoformat()] for old, new, until in _rows(_GRANTS, asked)],
        "clusters": _rows(_CLUSTERS, asked),
        "requests": _rows(_REQUESTS, asked),
    }
    made.save(update_fields=["done"])


def _may_carry(actor: Person, role: Role, successor: Unit, at: datetime) -> bool:
    """Say whether the actor, or the part of the system that acts, may give the role over what follows a merger."""
    return actor.is_system or may_grant(actor, role, successor, at)


def _open_below(asked: dict[str, Any]) -> None:
    """Open what is open below the predecessors again below their successors, one level after the other."""
    lowest = [str(kind) for kind in LOWEST]
    try:
        with connection.cursor() as cursor:
            more = True
            while more:
                cursor.execute(_NEXT_LEVEL, asked | {"lowest": lowest})
                more = cursor.rowcount > 0
    except DataError as error:
        raise InvalidInput(_("The tree is too deep there: codes would be too long."), code="too_deep") from error


def _rows(statement: str, asked: dict[str, Any]) -> list[list[Any]]:
    """Execute a statement and return its rows as JSON keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [list(row) for row in cursor.fetchall()]
