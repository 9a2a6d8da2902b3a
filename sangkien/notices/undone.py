"""Decisions that were undone at once: who has not heard of one yet need hear neither of it nor of its undoing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from sangkien.initiatives.models import Event
from sangkien.initiatives.states import EventKind
from sangkien.notices.models import Channel, Kind, MessageState, Notice, OutgoingMessage
from sangkien.people.models import Person

DECIDED = frozenset({Kind.RETURNED, Kind.VALIDATED, Kind.INVALIDATED})
MARGIN = timedelta(minutes=1)
"""A message written within this of an undoing may not have seen it yet."""


def left_out(message: OutgoingMessage, person: Person, notices: Sequence[Notice]) -> set[int]:
    """Return which notices of a message (by id) need not be told: decisions since undone, and their undoings.

    An undoing is told all the same to those who may have heard of the decision. Three queries at most, however
    many there are.
    """
    decided = {(n.source, n.number + 1): n for n in notices if n.kind in DECIDED}
    taken_back = {(n.source, n.number): n for n in notices if n.kind == Kind.REINSTATED}
    asked = sorted({*decided, *taken_back})
    if not asked:
        return set()
    # Undoing takes no note; whoever takes a decision back later says why, and that is told.
    undone = Event.objects.filter(pk__in=asked, kind=EventKind.REINSTATED, note="").values_list("pk", flat=True)
    silent = set(undone)
    told = _told_before(message, person, [n for key, n in taken_back.items() if key in silent])
    return {n.pk for key, n in decided.items() if key in silent} | {
        n.pk for key, n in taken_back.items() if key in silent and n.pk not in told
    }


def _told_before(message: OutgoingMessage, person: Person, undoings: Sequence[Notice]) -> set[int]:
    """Return which undoings are of a decision that the person has read, or heard of in this way or in none at all."""
    places = Q(pk__in=[])
    for one in undoings:
        places |= Q(source=one.source, number=one.number - 1)
    rows = Notice.objects.filter(places, person=person, kind__in=DECIDED)
    before = {(n.source, n.number): n for n in rows.select_related("mail", "sms")}
    told = set()
    for one in undoings:
        decision = before.get((one.source, one.number - 1))
        if decision is None or decision.read_at is not None or _is_heard(decision, message, one.at):
            told.add(one.pk)
    return told


def _is_heard(decision: Notice, message: OutgoingMessage, undone_at: datetime) -> bool:
    """Say whether a decision went out, or may have gone out, before it was undone."""
    carrier = decision.mail if message.channel == Channel.MAIL else decision.sms
    if carrier is None:  # it still waits for the digest, or was never wanted this way: then this is all they hear
        return not (message.channel == Channel.MAIL and decision.in_digest)
    if carrier.pk == message.pk:
        return False
    is_out = carrier.state in (MessageState.SENDING, MessageState.SENT)
    was_early = carrier.claimed_at is None or carrier.claimed_at < undone_at + MARGIN
    return bool(carrier.unsure) or (is_out and was_early)
