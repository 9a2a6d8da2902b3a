"""Writing down that many are to be decided, and stopping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import Aim, recorded
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound
from sangkien.initiatives.actions.writing import clean_note, required_note
from sangkien.initiatives.bulk.previewing import MOST, chosen_numbers
from sangkien.initiatives.models import BulkDecision, BulkItem, Initiative
from sangkien.initiatives.queue import Filter
from sangkien.initiatives.queue.pages import last_events
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.scopes import scope_of

_FOUND_VALID = EventKind.VALIDATED


def _aim(given: Mapping[str, Any]) -> Aim | None:
    """Return what was to be decided: initiatives, at the lowest unit with all of them; None if none was named."""
    numbers = list(given.get("numbers") or ())[:MOST]
    paths = list(Initiative.objects.filter(pk__in=numbers).order_by().values_list("unit_path", flat=True).distinct())
    details = {"decision": str(given["kind"]), "total": len(numbers)}
    return Aim("bulk", str(given.get("bulk_id") or ""), _common(paths), details) if paths else None


@recorded("bulk_decision", _aim)
@transaction.atomic
def prepare_bulk(
    *,
    actor: Person,
    kind: EventKind,
    reason: ReasonCode | None = None,
    note: str = "",
    with_benefit: bool = False,
    numbers: Sequence[int] | None = None,
    wanted: Filter | None = None,
    limit: int = MOST,
    seen_at: datetime | None = None,
    bulk_id: UUID | None = None,
) -> BulkDecision:
    """Have the worker decide these initiatives, or the first ``limit`` of a filter; what cannot be decided is skipped.

    One reason and one sentence for all; returning and finding invalid want both. ``with_benefit``: what is found valid
    is verified with the benefit that its author claims. ``seen_at`` is the preview's: what has happened after it is
    skipped. ``bulk_id`` makes a second sending harmless. Raises NotAllowed for somebody who is no verifier, and
    InvalidInput, among others for a ``seen_at`` that is still to come: nobody has seen that yet.
    """
    if bulk_id is not None and (made := BulkDecision.objects.filter(pk=bulk_id).first()):
        if made.actor_id != actor.pk:
            raise NotAllowed
        return made
    at = clock.now()
    heads = scope_of(actor, at, (Role.VERIFIER,)).heads
    if not heads:
        raise NotAllowed
    if seen_at is not None and seen_at > at:
        message = _("Look at the preview again before you decide.")
        raise InvalidInput(message, code="not_seen_yet", field="numbers")
    chosen, _is_cut = chosen_numbers(actor, kind, numbers, wanted, limit)
    if kind == _FOUND_VALID:
        reason, note = None, clean_note(note)
    else:
        note = required_note(note)
        if reason is None:
            raise InvalidInput(_("Choose a reason."), code="reason_required", field="reason")
    seen = last_events(chosen, before=seen_at)
    items = [(number, seen[number]) for number in chosen if number in seen]
    if not items:
        raise InvalidInput(_("Choose at least one initiative."), code="nothing_chosen", field="numbers")
    bulk, is_new = BulkDecision.objects.get_or_create(
        id=bulk_id or uuid4(),
        actor=actor,
        defaults={
            "kind": kind,
            "reason": reason or "",
            "note": note,
            "with_benefit": with_benefit and kind == _FOUND_VALID,
            "made_at": at,
            "total": len(items),
        },
    )
    if not is_new:  # a second sending came between
        return bulk
    BulkItem.objects.bulk_create(
        BulkItem(bulk=bulk, position=position, initiative_id=number, seen=last)
        for position, (number, last) in enumerate(items, start=1)
    )
    _record(bulk, actor, at, "bulk_decision", heads)
    return bulk


@transaction.atomic
def stop_bulk(*, actor: Person, bulk_id: UUID) -> BulkDecision:
    """Stop one's own: what has been decided stays, the rest is left alone. Does nothing to one that has ended.

    Waits for the part that is under way, about a second at most. Raises NotFound for one that is another's.
    """
    bulk = BulkDecision.objects.select_for_update().filter(pk=bulk_id, actor_id=actor.pk).first()
    if bulk is None:
        raise NotFound(code="unknown_bulk")
    if bulk.finished_at is None:
        at = clock.now()
        bulk.stopped, bulk.finished_at = True, at
        bulk.save(update_fields=["stopped", "finished_at"])
        _record(bulk, actor, at, "stop_bulk", scope_of(actor, at, (Role.VERIFIER,)).heads)
    return bulk


def _record(bulk: BulkDecision, actor: Person, at: datetime, action: str, heads: Sequence[int]) -> None:
    """Write into the record that many are decided: at the lowest unit with everything that the officer verifies."""
    details = {"decision": str(bulk.kind), "reason": str(bulk.reason), "note": bulk.note, "total": bulk.total}
    if bulk.finished_at is not None:
        details |= {"done": bulk.done, "skipped": bulk.skipped}
    paths = list(Unit.objects.filter(pk__in=heads).values_list("path", flat=True))
    record(
        actor=actor,
        at=at,
        action=action,
        subject_kind="bulk",
        subject=str(bulk.pk),
        unit_path=_common(paths),
        details=details,
    )


def _common(paths: Sequence[Sequence[int]]) -> list[int]:
    """Return what all of these paths begin with."""
    common = []
    for ids in zip(*paths, strict=False):
        if len(set(ids)) > 1:
            break
        common.append(ids[0])
    return common
