"""Sending what waits: claim a message, send it, note what became of it. A crash leaves a message at most twice sent.

A message is marked before it is sent, and that mark is committed. One that is still marked long afterwards was being
sent when its sender died: it may have gone out or not, and is sent once more under the same id, and never again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from sangkien.core import clock
from sangkien.notices.composing import Letter, compose
from sangkien.notices.delivery import Outcome, Post, Result, post_office
from sangkien.notices.models import MessageState, OutgoingMessage, StoppedContact
from sangkien.people.models import Person

log = logging.getLogger("sangkien.notices")
BATCH = 100
"""How many messages go out before whoever calls has a look at something else."""
STALE = timedelta(minutes=10)
"""After this long nobody can still be sending a message: mail server and gateway have far shorter time limits."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
PATIENCE = timedelta(days=2)
"""For how long after the first try a message is tried again."""
MOST_UNSURE = 2
"""How often a message may be handed over without anybody knowing whether it was taken."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did. ``is_away``: the mail server cannot be used; ``more``: there is more to send at once."""

    tried: int
    sent: int
    is_away: bool
    more: bool


def send_due(limit: int = BATCH, *, stale: timedelta = STALE, keep_going: Callable[[], bool] = lambda: True) -> Sent:
    """Send what is due, the oldest first, at most ``limit``; stop when told to, or the mail server cannot be used.

    Must not run inside a transaction: every step is committed by itself.
    """
    recover(stale)
    tried = sent = 0
    with post_office() as post:
        while tried < limit and keep_going():
            message = claim()
            if message is None:
                return Sent(tried, sent, is_away=False, more=False)
            tried += 1
            outcome = _send(post, message)
            sent += outcome is Outcome.SENT
            if outcome is Outcome.AWAY:
                return Sent(tried, sent, is_away=True, more=False)
    return Sent(tried, sent, is_away=False, more=True)


@transaction.atomic
def recover(stale: timedelta = STALE) -> None:
    """Let what was being sent when its sender died be sent once more; give up what this has happened to twice."""
    dead = OutgoingMessage.objects.filter(state=MessageState.SENDING, claimed_at__lte=clock.now() - stale)
    dead.filter(unsure__gte=MOST_UNSURE - 1).update(
        state=MessageState.FAILED, unsure=F("unsure") + 1, reason="its sender died, and not for the first time"
    )
    dead.update(state=MessageState.WAITING, unsure=F("unsure") + 1)


@transaction.atomic
def claim() -> OutgoingMessage | None:
    """Mark the message that is due first as being sent, for nobody else to take; None when nothing is due."""
    now = clock.now()
    due = OutgoingMessage.objects.filter(state=MessageState.WAITING, next_try_at__lte=now)
    message = due.select_for_update(of=("self",)).select_related("person").order_by("next_try_at").first()
    if message is None:
        return None
    message.state = MessageState.SENDING
    message.claimed_at = now
    message.first_tried_at = message.first_tried_at or now
    message.attempts += 1
    message.save(update_fields=["state", "claimed_at", "first_tried_at", "attempts"])
    return message


def _send(post: Post, message: OutgoingMessage) -> Outcome | None:
    """Send a claimed message and note what became of it; None when there was nothing to send."""
    try:
        letter = compose(message)
        result = post.hand_over(message, letter) if letter else None
    except DatabaseError:
        raise  # it is found again as one whose sender died
    except Exception as error:  # whatever it is, the others must not wait behind it
        log.exception("message %s cannot be sent", message.pk)
        letter, result = None, Result(Outcome.REFUSED, f"it cannot be written: {error!r}")
    conclude(message, letter, result)
    return result.outcome if result else None


@transaction.atomic
def conclude(message: OutgoingMessage, letter: Letter | None, result: Result | None) -> None:
    """Note what became of a message that was claimed. Nobody is ever told by a notice that a message failed."""
    now = clock.now()
    message.address = letter.address if letter else ""
    message.reason = result.reason[:300] if result else ""
    outcome = result.outcome if result else None
    if result is None:
        message.state = MessageState.DROPPED
    elif outcome is Outcome.SENT:
        message.state, message.sent_at = MessageState.SENT, now
    elif outcome in (Outcome.REFUSED, Outcome.NO_SUCH_ADDRESS):
        message.state = MessageState.FAILED
    else:
        message.unsure += outcome is Outcome.UNSURE
        message.next_try_at = now + pause_after(message.attempts)
        message.state = MessageState.WAITING if _may_be_tried_again(message, now) else MessageState.FAILED
    message.save(update_fields=["address", "reason", "state", "sent_at", "unsure", "next_try_at"])
    if outcome is Outcome.NO_SUCH_ADDRESS:
        _stop_address(message, now)
    if message.state == MessageState.FAILED:
        log.error("message %s has failed for good: %s", message.pk, message.reason)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait before the next try: 1, 4, 16, 64 minutes, and so on up to 6 hours."""
    return min(FIRST_PAUSE * float(4 ** min(attempts - 1, 10)), LONGEST_PAUSE)


def _may_be_tried_again(message: OutgoingMessage, now: datetime) -> bool:
    """Say whether a message that did not get through is worth another try."""
    since = message.first_tried_at or now
    return message.unsure < MOST_UNSURE and message.next_try_at <= since + PATIENCE


def _stop_address(message: OutgoingMessage, now: datetime) -> None:
    """Send no more mail to an address that was refused, until its owner shows anew that it is theirs."""
    if message.person_id is not None:
        Person.objects.filter(pk=message.person_id).update(mail_bounced_at=now)
    else:
        StoppedContact.objects.get_or_create(pk=message.contact, defaults={"stopped_at": now, "bounced": True})
