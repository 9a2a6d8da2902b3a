"""Carrying out what was decided about many: part by part, each part in one transaction.

What becomes of an item is written with its event, so a worker that is killed leaves nothing done twice and nothing
left out: the part that was under way never happened, and the next worker takes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Value

from sangkien.core import clock, outbox
from sangkien.core.moments import event_moment
from sangkien.initiatives.actions.writing import decision_event
from sangkien.initiatives.bulk.judging import COLUMNS, Judge
from sangkien.initiatives.bulk.looks import pick_second_looks
from sangkien.initiatives.models import BulkDecision, BulkItem, Event, Initiative
from sangkien.initiatives.queue.pages import last_events
from sangkien.initiatives.states import EventKind

PART = 500
"""How many are decided in one transaction."""

_WRITE_OUTCOMES = """
UPDATE initiatives_bulk_item SET outcome = became.outcome
  FROM unnest(%(positions)s::int[], %(outcomes)s::text[]) AS became(position, outcome)
 WHERE bulk_id = %(bulk)s AND initiatives_bulk_item.position = became.position
"""


def unfinished() -> list[UUID]:
    """Return the ids of what is still to be carried out, the oldest first."""
    return list(
        BulkDecision.objects.filter(finished_at__isnull=True).order_by("made_at", "pk").values_list("pk", flat=True)
    )


@transaction.atomic
def carry_out(bulk_id: UUID, at_most: int = PART) -> bool:
    """Carry out the next part of a decision about many; say whether more of it is left.

    Every initiative is asked anew: whether its officer may still decide on it, whether it still waits, and whether
    anything has happened to it since they looked. What cannot be decided is skipped, with the reason. The number of
    queries does not depend on how many they are.
    """
    bulk = BulkDecision.objects.select_for_update(of=("self",)).select_related("actor").filter(pk=bulk_id).first()
    if bulk is None or bulk.finished_at is not None:
        return False
    items = list(bulk.items.filter(outcome=BulkItem.Outcome.WAITING).order_by("position")[: at_most + 1])
    is_last, items = len(items) <= at_most, items[:at_most]
    initiatives, at = _locked([item.initiative_id for item in items])
    outcomes = _outcomes(bulk, items, initiatives, at)
    decided = [(initiatives[n], item.seen + 1) for n, item in _by_number(items) if outcomes[n] == BulkItem.Outcome.DONE]
    _decide(bulk, decided, at)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_OUTCOMES,
            {
                "bulk": bulk.pk,
                "positions": [item.position for item in items],
                "outcomes": [str(outcomes[item.initiative_id]) for item in items],
            },
        )
    bulk.done += len(decided)
    bulk.skipped += len(items) - len(decided)
    bulk.finished_at = clock.now() if is_last else None
    bulk.save(update_fields=["done", "skipped", "finished_at"])
    return not is_last


def _by_number(items: Sequence[BulkItem]) -> list[tuple[int, BulkItem]]:
    return [(item.initiative_id, item) for item in items]


def _locked(numbers: Sequence[int]) -> tuple[dict[int, Initiative], datetime]:
    """Lock initiatives in the order of their numbers, then take the moment, so that events are in their order."""
    rows = Initiative.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk").only(*COLUMNS)
    return {one.pk: one for one in rows}, event_moment()


def _outcomes(
    bulk: BulkDecision, items: Sequence[BulkItem], initiatives: dict[int, Initiative], at: datetime
) -> dict[int, BulkItem.Outcome]:
    """Return what becomes of each initiative (by number)."""
    judge = Judge(bulk.actor, EventKind(bulk.kind), list(initiatives.values()), at)
    last = last_events(list(initiatives))
    return {
        number: BulkItem.Outcome.CHANGED
        if judge.outcome(initiatives[number]) == BulkItem.Outcome.DONE and last.get(number) != item.seen
        else judge.outcome(initiatives[number])
        for number, item in _by_number(items)
    }


def _decide(bulk: BulkDecision, decided: Sequence[tuple[Initiative, int]], at: datetime) -> None:
    """Write the new state, the event and the outbox rows of each; ``decided`` has the number of the event to come."""
    if not decided:
        return
    kind = EventKind(bulk.kind)
    events = []
    for initiative, number in decided:
        verified = initiative.benefit_claimed if bulk.with_benefit else None
        initiative.benefit_verified = verified
        events.append(
            decision_event(
                initiative,
                number,
                kind,
                actor=bulk.actor,
                at=at,
                verified=verified,
                reason=bulk.reason,
                note=bulk.note,
            )
        )
    first = decided[0][0]
    Initiative.objects.filter(pk__in=[one.pk for one, _number in decided]).update(
        state=first.state,
        decided_at=at,
        due_at=None,
        benefit_verified=F("benefit_claimed") if bulk.with_benefit else Value(None),
    )
    Event.objects.bulk_create(events)
    if kind == EventKind.VALIDATED:
        pick_second_looks(decided, bulk.actor, at)
    outbox.publish(at, [(event.initiative_id, event.number) for event in events])
