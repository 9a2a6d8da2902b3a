"""Undoing a reorganisation as a whole, as long as nothing has been entered at what it opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import Aim, recorded
from sangkien.core import outbox
from sangkien.core.errors import Conflict, NotAllowed, NotFound
from sangkien.core.moments import event_moment
from sangkien.people.models import Person
from sangkien.units.actions.reorganising import aim_among
from sangkien.units.models import (
    ClusterMembership,
    Membership,
    Reorganisation,
    RoleGrant,
    RolledUnit,
    Succession,
    SuccessionKind,
    Unit,
    UnitRequest,
)
from sangkien.units.rules import may_close
from sangkien.units.trees import lock_tree, roll

# Which rows of these tables the reorganisation itself made or changed: by the names under which ``done`` keeps them,
# and the place of the row's id in each entry.
_MADE: Final[dict[type[models.Model], tuple[tuple[str, int], ...]]] = {
    Membership: (("memberships", 1), ("memberships_moved", 0)),
    RoleGrant: (("grants", 1),),
    ClusterMembership: (("clusters", 1),),
    UnitRequest: (("requests", 0),),
}

# What was begun goes, what had been ended goes on as the other would have: whoever left since has left. A membership
# that is no longer of the successor belongs to whatever the person has chosen since.
_MEMBERSHIPS_BACK: Final = """
WITH pairs AS (SELECT * FROM unnest(%(old)s::int[], %(new)s::int[]) AS p (old, new)),
gone AS (
    DELETE FROM units_membership m USING pairs, units_membership o, units_succession s
     WHERE m.id = pairs.new AND o.id = pairs.old AND s.reorganisation_id = %(made)s
       AND s.predecessor_id = o.unit_id AND s.successor_id = m.unit_id
    RETURNING pairs.old, m.until
)
UPDATE units_membership m SET until = gone.until FROM gone WHERE m.id = gone.old
"""
_MOVED_BACK: Final = """
UPDATE units_membership m SET unit_id = p.unit
  FROM unnest(%(old)s::int[], %(new)s::int[]) AS p (id, unit), units_succession s
 WHERE m.id = p.id AND s.reorganisation_id = %(made)s AND s.predecessor_id = p.unit AND s.successor_id = m.unit_id
"""
_GRANTS_BACK: Final = """
WITH pairs AS (SELECT * FROM unnest(%(old)s::int[], %(new)s::int[], %(until)s::timestamptz[]) AS p (old, new, until)),
gone AS (
    DELETE FROM units_role_grant g USING pairs WHERE g.id = pairs.new RETURNING g.id, g.until, g.ended_by_id
)
UPDATE units_role_grant g
   SET until = CASE WHEN gone.id IS NULL THEN pairs.until ELSE gone.until END, ended_by_id = gone.ended_by_id
  FROM pairs LEFT JOIN gone ON gone.id = pairs.new WHERE g.id = pairs.old
"""
_CLUSTERS_BACK: Final = """
WITH pairs AS (SELECT * FROM unnest(%(old)s::int[], %(new)s::int[]) AS p (old, new)),
gone AS (DELETE FROM units_cluster_membership c USING pairs WHERE c.id = pairs.new RETURNING c.id, c.until)
UPDATE units_cluster_membership c SET until = gone.until FROM pairs LEFT JOIN gone ON gone.id = pairs.new
 WHERE c.id = pairs.old
"""
_REQUESTS_BACK: Final = """
UPDATE units_unit_request r SET above_id = p.above FROM unnest(%(old)s::int[], %(new)s::int[]) AS p (id, above)
 WHERE r.id = p.id
"""
_BACK: Final = (
    (_MEMBERSHIPS_BACK, "memberships"),
    (_MOVED_BACK, "memberships_moved"),
    (_GRANTS_BACK, "grants"),
    (_CLUSTERS_BACK, "clusters"),
    (_REQUESTS_BACK, "requests"),
)
"""In this order: how everything goes back, and where ``done`` keeps it."""


def _aim(given: Mapping[str, Any]) -> Aim | None:
    """Return what a refused undoing was aimed at, None if there is no such reorganisation."""
    made = Reorganisation.objects.filter(pk=given["reorganisation_id"]).first()
    heads = heads_of(made) if made else []
    return aim_among(given["actor"], [unit for head in heads for unit in (head.predecessor, head.successor)])


@recorded("undo_reorganisation", _aim)
@transaction.atomic
def undo_reorganisation(*, actor: Person, reorganisation_id: int) -> Reorganisation:
    """Take a reorganisation back as a whole: what it opened goes, what it closed is open, people and rights return.

    Raises NotFound, NotAllowed, and Conflict: it was undone before (``already_undone``), a later reorganisation built
    on it (``later``), or something was entered at what it opened (``in_use``).
    """
    lock_tree()
    made = Reorganisation.objects.select_for_update().filter(pk=reorganisation_id).first()
    if made is None:
        raise NotFound(_("There is no such reorganisation."), code="unknown_reorganisation")
    at = event_moment()
    heads = heads_of(made)
    if not all(may_close(actor, head.predecessor, at) and may_close(actor, head.successor, at) for head in heads):
        raise NotAllowed
    if made.undone_at is not None:
        raise Conflict(_("This reorganisation has been undone already."), code="already_undone")
    opened = take_back([made])
    roll()
    delete_opened(opened)
    mark_undone(made, actor, at)
    details = {"reorganisation": made.pk, "on": made.on.isoformat(), "successor": heads[0].successor.code}
    for head in heads:
        unit = head.predecessor
        entry = record(
            actor=actor,
            at=at,
            action="undo_reorganisation",
            subject_kind="unit",
            subject=unit.code,
            unit_path=unit.path,
            details=details,
        )
        outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
    return made


# --- parts, also of the demo's mergers ----------------------------------------------------------------------------


def heads_of(made: Reorganisation) -> list[Succession]:
    """Return the successions of the units that were moved or merged themselves, without what went along below them."""
    within = made.successions.values("predecessor_id")
    found = made.successions.exclude(predecessor__parent__in=within)
    return list(found.select_related("predecessor__parent", "successor").order_by("pk"))


def take_back(reorganisations: Sequence[Reorganisation]) -> list[int]:
    """Give everything back to the units that were closed, the last reorganisation first, and open them.

    Return the ids of what had been opened. ``trees.roll`` has to follow, then ``delete_opened``. Raises Conflict.
    """
    opened = {made.pk: _opened(made) for made in reorganisations}
    ids = [pk for pks in opened.values() for pk in pks]
    _refuse_used(reorganisations, ids)
    for made in reorganisations:
        heads = heads_of(made)
        _refuse_later(heads, opened[made.pk])
        _refuse_changed(made, heads)
        for statement, kept in _BACK:
            _give_back(statement, made, made.done.get(kept, []))
        if not made.done["opened"]:
            Unit.objects.filter(pk=heads[0].successor_id).update(**made.done["before"])
        Unit.objects.filter(pk__in=made.successions.values("predecessor_id")).update(closed_on=None)
        made.successions.all()._raw_delete(made.successions.db)  # nothing refers to a succession
    return ids


def delete_opened(ids: Sequence[int]) -> None:
    """Delete units that nothing refers to any more."""
    units = Unit.objects.filter(pk__in=ids)
    units._raw_delete(units.db)  # nothing cascades: what could refer to them has been looked for


def mark_undone(made: Reorganisation, actor: Person, at: datetime) -> None:
    """Write who undid a reorganisation, and when."""
    made.undone_at, made.undone_by = at, actor
    made.save(update_fields=["undone_at", "undone_by"])


def _opened(made: Reorganisation) -> list[int]:
    """Return the ids of what the reorganisation opened: all that follow, but for one that was there before."""
    opened = made.successions.all() if made.done["opened"] else made.successions.filter(kind=SuccessionKind.TRANSFER)
    return list(opened.values_list("successor_id", flat=True).distinct())


def _refuse_later(heads: Sequence[Succession], opened: Sequence[int]) -> None:
    """Raise Conflict if the tree has gone on from here: that has to be undone first."""
    closed = [unit for head in heads for unit in (head.predecessor.parent, head.successor) if unit and unit.closed_on]
    if closed or Unit.objects.filter(pk__in=opened, closed_on__isnull=False).exists():
        raise Conflict(_("The units have been reorganised again, or closed, since: undo that first."), code="later")


def _refuse_changed(made: Reorganisation, heads: Sequence[Succession]) -> None:
    """Raise Conflict if the unit that was there before has been changed: its names cannot simply be put back."""
    if made.done["opened"]:
        return
    unit = heads[0].successor
    if {key: getattr(unit, key) for key in made.done["after"]} != made.done["after"]:
        raise Conflict(_("The names or members of %(code)s have changed since.") % {"code": unit.code}, code="in_use")


def _refuse_used(reorganisations: Sequence[Reorganisation], opened: list[int]) -> None:
    """Raise Conflict if anything but the reorganisations' own rows refers to a unit that they opened.

    The foreign keys are asked, whichever there are, so that no floor above has to be known here.
    """
    for relation in Unit._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model in (RolledUnit, Succession):
            continue
        model, column = relation.related_model, relation.field.column
        own = [entry[n] for made in reorganisations for kept, n in _MADE.get(model, ()) for entry in made.done[kept]]
        own += opened if model is Unit else []
        but = "AND id <> ALL(%(own)s)" if own else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column} FROM {model._meta.db_table} WHERE {column} = ANY(%(opened)s) {but} LIMIT 1",
                {"opened": opened, "own": own},
            )
            used: tuple[int] | None = cursor.fetchone()
        if used is not None:
            _refuse(Unit.objects.get(pk=used[0]))


def _refuse(unit: Unit) -> NoReturn:
    """Raise Conflict that names the unit at which something was entered."""
    raise Conflict(
        _("Something has been entered at %(name)s (%(code)s) since: it cannot be undone any more.")
        % {"name": unit.name_vi, "code": unit.code},
        code="in_use",
    )


def _give_back(statement: str, made: Reorganisation, kept: Sequence[Sequence[Any]]) -> None:
    """Execute a statement for the rows that the reorganisation kept note of."""
    if not kept:
        return
    columns = dict(zip(("old", "new", "until"), zip(*kept, strict=True), strict=False))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"made": made.pk} | {name: list(values) for name, values in columns.items()})
