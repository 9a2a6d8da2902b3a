"""What would happen if many were decided at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.initiatives.bulk.judging import COLUMNS, KINDS, Judge
from sangkien.initiatives.models import BulkItem, Flag, Initiative
from sangkien.initiatives.queue import Filter, Tab
from sangkien.initiatives.queue.pages import matching
from sangkien.initiatives.states import EventKind
from sangkien.people.models import Person

MOST = 5_000
"""How many can be decided at once."""


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What would happen now, for an officer to confirm.

    ``total`` is how many were chosen; of these ``decidable`` would be decided, ``own``, ``not_allowed`` (in nobody's
    hands but others'), ``changed`` (waiting no longer) and ``objected`` (their principal author declines) would not.
    What follows is said of the decidable: how many carry each flag, the sum of the claimed benefits (đồng), how many
    claim none, and the oldest submission. ``numbers`` are the decidable in order, ``is_cut`` says that the filter
    matches more. ``seen_at`` goes with the confirmation: what happens after it is not decided unseen.
    """

    kind: EventKind
    total: int
    decidable: int
    own: int
    not_allowed: int
    changed: int
    objected: int
    flagged: Mapping[Flag, int]
    benefit: int
    without_benefit: int
    oldest: datetime | None
    numbers: Sequence[int]
    is_cut: bool
    seen_at: datetime


def preview_bulk(
    person: Person,
    *,
    kind: EventKind,
    numbers: Sequence[int] | None = None,
    wanted: Filter | None = None,
    limit: int = MOST,
) -> BulkPreview:
    """Return what would happen if ``person`` decided these, or the first ``limit`` of a filter.

    Raises NotAllowed for somebody who is no verifier, and InvalidInput. The number of queries is always the same.
    """
    now = clock.now()
    chosen, is_cut = chosen_numbers(person, kind, numbers, wanted, limit)
    by_number = {one.pk: one for one in Initiative.objects.filter(pk__in=chosen).only(*COLUMNS)}
    found = [by_number[number] for number in chosen if number in by_number]
    judge = Judge(person, kind, found, now)
    if not judge.verifies_anything():
        raise NotAllowed
    outcomes = {one.pk: judge.outcome(one) for one in found}
    decidable = [one for one in found if outcomes[one.pk] == BulkItem.Outcome.DONE]
    own = sum(judge.is_own(one) for one in found)
    counted = list(outcomes.values())
    return BulkPreview(
        kind=kind,
        total=len(found),
        decidable=len(decidable),
        own=own,
        not_allowed=counted.count(BulkItem.Outcome.NOT_ALLOWED) - own,
        changed=counted.count(BulkItem.Outcome.CHANGED),
        objected=counted.count(BulkItem.Outcome.OBJECTED),
        flagged={flag: sum(bool(one.flags & flag) for one in decidable) for flag in Flag},
        benefit=sum(one.benefit_claimed or 0 for one in decidable),
        without_benefit=sum(one.benefit_claimed is None for one in decidable),
        oldest=min((one.submitted_at for one in decidable if one.submitted_at), default=None),
        numbers=[one.pk for one in decidable],
        is_cut=is_cut,
        seen_at=now,
    )


def chosen_numbers(
    person: Person, kind: EventKind, numbers: Sequence[int] | None, wanted: Filter | None, limit: int
) -> tuple[list[int], bool]:
    """Return the numbers that were chosen, each once, and whether the filter matches more. Raises InvalidInput."""
    if kind not in KINDS:
        raise InvalidInput(_("This cannot be done with many at once."), code="unknown_decision", field="decision")
    limit = max(1, min(limit, MOST))
    if wanted is not None:
        if wanted.tab not in (Tab.WAITING, Tab.OVERDUE):
            raise InvalidInput(_("Only what waits can be decided on."), code="not_waiting")
        found = matching(person, wanted, limit + 1)
        chosen, is_cut = found[:limit], len(found) > limit
    else:
        chosen, is_cut = list(dict.fromkeys(numbers or ())), False
        if len(chosen) > limit:
            message = _("These are too many at once: at most %(limit)s.") % {"limit": limit}
            raise InvalidInput(message, code="too_many", field="numbers")
    if not chosen:
        raise InvalidInput(_("Choose at least one initiative."), code="nothing_chosen", field="numbers")
    return chosen, is_cut
