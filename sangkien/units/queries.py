"""Reading the tree of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.core.questions import Question
from sangkien.core.vietnamese import normalise, search_key, tone_key
from sangkien.people.models import Person
from sangkien.units.models import (
    Cluster,
    ClusterMembership,
    FormerName,
    Membership,
    Reorganisation,
    Role,
    RoleGrant,
    Succession,
    Unit,
    UnitRequest,
)
from sangkien.units.rules import settles_over

MAX_QUERY_LENGTH = 200
MAX_RANKED = 3000
UPPER_LEVELS: Final = 3
MAX_LEVELS: Final = 8  # as many as there are ranks of kinds, each of which stands below another (checks)
"""The confederation, the unions and what stands directly below them: the index ``unit_upper_words`` holds these."""
MAX_WAITING = 100


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


def ancestors_of(units: Sequence[Unit]) -> dict[int, list[Unit]]:
    """Return the units above each of these (by id), the top first, in one query whatever their number."""
    above = Unit.objects.in_bulk({pk for unit in units for pk in unit.path[:-1]})
    return {unit.pk: [above[pk] for pk in unit.path[:-1]] for unit in units}


def children_ever(parent: Unit) -> QuerySet[Unit]:
    """Return the units directly below ``parent``, closed ones included, in Vietnamese order."""
    return Unit.objects.filter(parent=parent).order_by("sort_key", "pk")


def children_open(parent: Unit) -> QuerySet[Unit]:
    """Return the units directly below ``parent`` that are open, in Vietnamese order."""
    return children_ever(parent).filter(closed_on__isnull=True)


# --- the tree over time -------------------------------------------------------------------------------------------


def successors_of(units: Sequence[Unit]) -> dict[int, list[Succession]]:
    """Return what directly followed each of these units (by id), in Vietnamese order, in one query for all."""
    found = Succession.objects.filter(predecessor__in=[unit.pk for unit in units]).select_related("successor")
    return _grouped(units, found.order_by("successor__sort_key", "pk"), "predecessor_id")


def predecessors_of(units: Sequence[Unit]) -> dict[int, list[Succession]]:
    """Return what each of these units (by id) directly followed, in Vietnamese order, in one query for all."""
    found = Succession.objects.filter(successor__in=[unit.pk for unit in units]).select_related("predecessor")
    return _grouped(units, found.order_by("predecessor__sort_key", "pk"), "successor_id")


def _grouped(units: Sequence[Unit], found: QuerySet[Succession], key: str) -> dict[int, list[Succession]]:
    """Return successions by the unit on one side; every unit has its list."""
    groups: dict[int, list[Succession]] = {unit.pk: [] for unit in units}
    for succession in found:
        groups[getattr(succession, key)].append(succession)
    return groups


def today_of(unit: Unit) -> Unit:
    """Return what has followed the unit by now, over however many steps; itself if nothing has, or several have."""
    return unit if unit.today_path[-1] == unit.pk else Unit.objects.get(pk=unit.today_path[-1])


def former_names(unit: Unit) -> list[FormerName]:
    """Return what the unit was called before, the last first."""
    return list(FormerName.objects.filter(unit=unit).order_by("-until", "-pk"))


def reorganisations_of(units: Sequence[Unit]) -> dict[int, Reorganisation]:
    """Return the reorganisation that made each of these units (by id) follow others, the last, in one query for all."""
    found = Succession.objects.filter(successor__in=[unit.pk for unit in units], reorganisation__isnull=False)
    found = found.select_related("reorganisation__made_by").order_by("reorganisation_id")
    return {s.successor_id: s.reorganisation for s in found if s.reorganisation is not None}


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


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit that a search found, and for a closed one what directly followed it."""

    unit: Unit
    successors: list[Unit]


def search_tree(query: str, limit: int = 20, *, open: bool = True) -> list[FoundUnit]:
    """Search as ``search_units`` does: what is open today, or with ``open=False`` also what has closed.

    What follows a closed unit stands beside it, so that whoever knows the old name finds the unit of today.
    """
    today = clock.day_of(clock.now())
    units = search_units(query, limit, open_on=today if open else None)
    followed = successors_of([unit for unit in units if unit.closed_on is not None])
    return [FoundUnit(unit, [s.successor for s in followed.get(unit.pk, ())]) for unit in units]


_COLUMNS: Final = ", ".join(f"{field.column}" for field in Unit._meta.concrete_fields)

# The words stand in a subselect, where the planner cannot see that they are common: it always takes the index, whose
# rows come in the order of the table, so that LIMIT ends the reading early and the same ones are found every time.
# The lower levels are read only if the upper ones alone do not fill the answer.
_SEARCH: Final = f"""
WITH matching AS NOT MATERIALIZED (
    SELECT *, NOT %(has_marks)s OR strpos(lower(name_vi), %(typed)s) > 0 AS is_as_typed FROM {Unit._meta.db_table}
     WHERE words @@ (SELECT %(words)s::tsquery) AND code <> %(code)s AND {{asked}}
), upper AS (
    SELECT * FROM matching WHERE array_length(path, 1) <= {UPPER_LEVELS} LIMIT %(most)s
)
SELECT {_COLUMNS} FROM (
    SELECT * FROM upper
    UNION ALL
    (SELECT * FROM matching
      WHERE array_length(path, 1) > {UPPER_LEVELS} AND (SELECT count(*) FROM upper WHERE is_as_typed) < %(limit)s
      LIMIT %(most)s)
    UNION ALL
    SELECT *, TRUE FROM {Unit._meta.db_table} WHERE code = %(code)s AND {{asked}}
) AS found
ORDER BY code = %(code)s DESC, is_as_typed DESC, array_length(path, 1), strpos(search_key, %(key)s) > 0 DESC,
         sort_key, id
LIMIT %(limit)s
"""
_IS_OPEN: Final = "opened_on <= %(day)s AND (closed_on IS NULL OR closed_on > %(day)s)"


# Of a few, the index of paths says which; of many, each level is looked up among them.
_IS_WITHIN: Final = "path && %(within)s::int[]"
_IS_WITHIN_MANY: Final = (
    "(" + " OR ".join(f"path[{level}] = ANY (%(within)s::int[])" for level in range(1, MAX_LEVELS + 1)) + ")"
)
_MANY: Final = 8


def search_units(
    query: str, limit: int = 20, *, open_on: date | None = None, within: Sequence[int] | None = None
) -> list[Unit]:
    """Return the units known by a name or code with every word of ``query``, the last of which may be begun only.

    Words are compared without diacritics. The unit with exactly this code comes first, then names that have the
    diacritics as they were typed, then the highest level, then names with the words side by side. Of very many only
    ``MAX_RANKED`` of the upper levels (in practice all of them) and as many of those below are ranked, the first in
    the table, so that every answer is quick; one more word finds the rest. ``open_on``: only those open on this
    Vietnamese day. ``within``: only those at or below one of these units (ids).
    """
    typed = normalise(query[:MAX_QUERY_LENGTH])  # without what cannot be seen: the database takes no NUL in a text
    key = search_key(typed)
    if not key:
        return []
    values = {
        "words": _as_tsquery(key),
        "code": typed.upper(),
        "has_marks": not typed.isascii(),
        "typed": typed.lower(),
        "key": key,
        "day": open_on,
        "within": list(within or ()),
        "most": MAX_RANKED,
        "limit": limit,
    }
    asked = [_IS_OPEN] if open_on else []
    if within is not None:
        asked.append(_IS_WITHIN if len(within) <= _MANY else _IS_WITHIN_MANY)
    return list(Unit.objects.raw(_SEARCH.format(asked=" AND ".join(asked) or "TRUE"), values))


def _as_tsquery(key: str) -> str:
    """Return the words of a search key as a tsquery: all of them, the last one as a prefix."""
    return " & ".join(f"'{word}'" for word in key.split()) + ":*"


# --- who belongs where --------------------------------------------------------------------------------------------


UNIT_OF: Final = Question(
    Unit,
    f"""WHERE id = (SELECT unit_id FROM {Membership._meta.db_table}
                   WHERE person_id = %(person)s AND until IS NULL ORDER BY id LIMIT 1)""",
)
"""The unit that the person with the id ``person`` is a member of at present."""


def unit_of(person: Person) -> Unit | None:
    """Return the unit that the person is a member of at present, if any."""
    return UNIT_OF.ask(person=person.pk)


def last_request(person: Person) -> UnitRequest | None:
    """Return what the person last asked for when they did not find their unit, however it stands, or None."""
    asked = UnitRequest.objects.filter(person_id=person.pk).select_related("above", "unit")
    return asked.order_by("-made_at", "-pk").first()


def waiting_requests(officer: Person, at: datetime, limit: int = MAX_WAITING) -> list[UnitRequest]:
    """Return what waits for this officer at ``at``, the oldest first: what other people ask for in their subtree."""
    scope = settles_over(officer, at)
    waiting = UnitRequest.objects.filter(scope.within("above__path", "above_id"), state=UnitRequest.State.WAITING)
    waiting = waiting.exclude(person_id=officer.pk).select_related("person", "above")
    return list(waiting.order_by("made_at", "pk")[:limit]) if scope else []


def get_request(request_id: int) -> UnitRequest:
    """Return a request with who made it, where, and who settled it. Raises NotFound."""
    found = UnitRequest.objects.select_related("person", "above", "unit", "settled_by").filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("There is no such request."), code="unknown_request")
    return found


def same_unit_below(above: Unit, name: str, *, besides: Unit | None = None) -> Unit | None:
    """Return the unit directly below ``above``, other than ``besides``, that goes by this name and is open, or None.

    A name written without diacritics equals any with the same letters; otherwise they count too ("Hòa An", "Hoà Ân").
    What the name of a trade union begins with ("CĐCS", "Công đoàn cơ sở") is left aside.
    """
    bare = _bare_name(search_key(name))
    candidates = Unit.objects.filter(parent=above, closed_on__isnull=True, search_key__contains=bare).order_by("pk")
    for unit in candidates.exclude(pk=besides.pk) if besides else candidates:
        for known in (unit.name_vi, unit.short_vi, *unit.other_names):
            if _bare_name(search_key(known)) == bare and _same_marks(known, name):
                return unit
    return None


_BEGINNINGS = ("cong doan co so ", "cdcs ", "cong doan ")


def _bare_name(key: str) -> str:
    """Return a search key without what names of trade unions begin with."""
    return next((key.removeprefix(start) for start in _BEGINNINGS if key.startswith(start)), key)


def _same_marks(one: str, other: str) -> bool:
    """Say whether two names with the same letters may be one: their marks are the same, or one has none."""
    ones, others = (_bare_marks(tone_key(text)) for text in (one, other))
    return ones.isascii() or others.isascii() or ones == others


def _bare_marks(key: str) -> str:
    """Return a tone key without what names of trade unions begin with."""
    words = key.split()
    skip = len(words) - len(_bare_name(search_key(key)).split())
    return " ".join(words[skip:])


def roles_of(person: Person, at: datetime) -> frozenset[Role]:
    """Return every role that the person holds at ``at``, wherever."""
    if not person.is_authenticated or not person.is_active:
        return frozenset()
    held = RoleGrant.objects.filter(person_id=person.pk, since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))
    return frozenset(Role(role) for role in held.values_list("role", flat=True).distinct())


def heads_of(person: Person, roles: Sequence[Role], at: datetime) -> list[Unit]:
    """Return the units over which the person holds one of these roles at ``at``, the highest first.

    A unit below another of them is left out: it is in its subtree.
    """
    if not person.is_authenticated or not person.is_active:
        return []
    held = RoleGrant.objects.filter(person_id=person.pk, role__in=roles, since__lte=at)
    held = held.filter(Q(until__isnull=True) | Q(until__gt=at))
    units = sorted(Unit.objects.filter(pk__in=held.values("unit_id")), key=lambda u: (u.level, u.sort_key))
    found: list[Unit] = []
    for unit in units:
        if not any(head.pk in unit.path for head in found):
            found.append(unit)
    return found
