"""What people were refused for lack of right: on record, because it may have been an attempt.

An action that is refused leaves nothing behind, its entries neither. What it was aimed at is therefore written after
its transaction has been rolled back, in one of its own. Whoever calls an action inside a transaction of theirs, and
rolls that back too, takes the entry back with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from django.db import transaction

from sangkien.audit.actions import record
from sangkien.audit.models import AuditEntry
from sangkien.core.errors import NotAllowed, SangKienError
from sangkien.core.moments import event_moment
from sangkien.people.models import Person

REFUSED: Final = "refused"
"""The action of such an entry; its details say in ``what`` which one was refused."""
MOST: Final = 20
MOST_IN_ALL: Final = 100
WITHIN: Final = timedelta(hours=1)
"""So many of one person are kept within so long, of each action and in all: nobody fills the record by knocking at
doors, and nobody hides what they try behind what is harmless."""

P = ParamSpec("P")
R = TypeVar("R")


class Aim(NamedTuple):
    """What somebody meant to do something to, as ``record`` takes it."""

    subject_kind: str
    subject: str
    unit_path: Sequence[int] = ()
    details: Mapping[str, Any] = {}


Find = Callable[[Mapping[str, Any]], Aim | None]
"""Says by what an action was given what it was aimed at; None when it was aimed at nothing that there is."""


def recorded(
    what: str, find: Find, refusal: type[SangKienError] = NotAllowed
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have an action write into the record that it was refused for lack of right, and refuse all the same.

    It stands outside ``transaction.atomic``. ``refusal`` is what the action raises for lack of right: NotFound, where
    it does not tell that there is such a thing.
    """

    def around(action: Callable[P, R]) -> Callable[P, R]:
        @wraps(action)
        def acting(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return action(*args, **kwargs)
            except refusal:
                given: Mapping[str, Any] = kwargs
                aim = find(given)
                if aim is not None:
                    record_refusal(actor=given["actor"], what=what, aim=aim)
                raise

        return acting

    return around


def of_unit(name: str) -> Find:
    """Return what finds the aim of an action whose argument ``name`` is the unit that it is about."""
    return lambda given: Aim("unit", given[name].code, given[name].path)


def record_refusal(*, actor: Person, what: str, aim: Aim) -> AuditEntry | None:
    """Append that somebody was refused ``what`` (the code of an action) for lack of right.

    None, and nothing, for a part of the system, which attempts nothing, and for whoever has ``MOST`` of this action, or
    ``MOST_IN_ALL``, within the last hour. For faces that ask a rule before they call an action, too.
    """
    if actor.pk is None or actor.is_system:
        return None
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=actor.pk)  # one after the other, so that they are counted
        at = event_moment()
        recent = AuditEntry.objects.filter(actor=actor, action=REFUSED, at__gt=at - WITHIN)
        if recent[:MOST_IN_ALL].count() >= MOST_IN_ALL or recent.filter(details__what=what)[:MOST].count() >= MOST:
            return None
        return record(
            actor=actor,
            at=at,
            action=REFUSED,
            subject_kind=aim.subject_kind,
            subject=aim.subject,
            unit_path=aim.unit_path,
            details={"what": what, **aim.details},
        )
