"""Reading the tree of units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.core.vietnamese import normalise, search_key
from sangkien.units.models import Cluster, ClusterMembership, Unit

MAX_QUERY_LENGTH = 200


def get_unit(code: str) -> Unit:
    """Return the unit with this code. Raises NotFound."""
    found = Unit.objects.select_related("parent").filter(code=code).first() if code.isprintable() else None
    if found is None:
        raise NotFound(_("There is no unit with this code."), code="unknown_unit", field="unit")
    return found


def root() -> Unit | None:
    """Return the unit at the top of the tree, or None while there is none."""
    return Unit.objects.filter(parent__isnull=True).order_by("pk").first()


def ancestors(unit: Unit) -> list[Unit]:
    """Return the units above this one, the top first, without itself."""
    above = Unit.objects.in_bulk(unit.path[:-1])
    return [above[pk] for pk in unit.path[:-1]]


def children_ever(parent: Unit) -> QuerySet[Unit]:
    """Return the units directly below ``parent``, closed ones included, in Vietnamese order."""
    return Unit.objects.filter(parent=parent).order_by("sort_key", "pk")


def is_open_on(unit: Unit, day: date) -> bool:
    """Say whether the unit was open on this Vietnamese day."""
    return unit.opened_on <= day and (unit.closed_on is None or day < unit.closed_on)


def clusters_of(units: Sequence[Unit], day: date) -> dict[int, Cluster]:
    """Return the cluster in which each unit (by id) competed on this Vietnamese day.

    A unit that had closed keeps the one in which it last competed, so that its figures stay with their group.
    """
    closed = {u.pk for u in units if not is_open_on(u, day)}
    memberships = (
        ClusterMembership.objects.filter(unit_id__in=[u.pk for u in units], since__lte=day)
        .order_by("since")
        .values_list("unit_id", "cluster_id", "until")
    )
    last = {unit: cluster for unit, cluster, until in memberships if unit in closed or until is None or until > day}
    clusters = Cluster.objects.in_bulk(set(last.values()))
    return {unit: clusters[cluster] for unit, cluster in last.items()}


def search_units(query: str, limit: int = 20) -> list[Unit]:
    """Return the units known by a name or code like ``query``, with or without diacritics, the highest level first."""
    key = search_key(query[:MAX_QUERY_LENGTH])
    if not key:
        return []
    code = normalise(query[:MAX_QUERY_LENGTH])  # without what cannot be seen: the database takes no NUL in a text
    found = Unit.objects.filter(Q(search_key__contains=key) | Q(code__iexact=code))
    return list(found.order_by("path__len", StrIndex("search_key", Value(key)), "sort_key")[:limit])
