"""Writing notices, and the messages that carry them out of the portal: in the transaction of whoever calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sangkien.core import clock
from sangkien.notices import sms
from sangkien.notices.models import (
    Channel,
    Kind,
    MailChoice,
    Notice,
    OutgoingMessage,
    Purpose,
    StoppedContact,
)
from sangkien.notices.preferences import preferences_of, reachable
from sangkien.people.models import Person

INVITATIONS_A_DAY = 3
"""How many invitations one contact gets in 24 hours at most, whoever names it."""
DAY_BEGINS, DAY_ENDS = timedelta(hours=7), timedelta(hours=21)
"""Between these times of the Vietnamese day phones may ring."""


def write_notices(notices: Iterable[Notice]) -> int:
    """Write the notices that are new, and the messages that their people want at once; return how many were new.

    What one person is told here goes into one mail and one short message. The number of queries does not depend on the
    number of notices.
    """
    by_key = {(n.person_id, n.kind, n.source, n.number): n for n in notices}
    if not by_key:
        return 0
    people = Person.objects.filter(is_active=True, is_system=False).in_bulk({key[0] for key in by_key})
    known = set(
        Notice.objects.filter(person_id__in=people, source__in={key[2] for key in by_key}).values_list(
            "person_id", "kind", "source", "number"
        )
    )
    new = [n for key, n in by_key.items() if key not in known and n.person_id in people]
    messages = _ask_for_messages(new, list(people.values()))
    OutgoingMessage.objects.bulk_create(messages)
    Notice.objects.bulk_create(new)
    return len(new)


def _ask_for_messages(notices: Sequence[Notice], people: Sequence[Person]) -> list[OutgoingMessage]:
    """Give each notice the message that carries it, or a place in the digest; return the messages, not written yet."""
    preferences, reach = preferences_of(p.pk for p in people), reachable(people)
    now = clock.now()
    messages: dict[tuple[int, Channel], OutgoingMessage] = {}
    for notice in notices:
        person = notice.person_id
        choice = preferences.of(person, Kind(notice.kind))
        if person in reach.mail and choice.mail == MailChoice.AT_ONCE:
            notice.mail = messages.setdefault((person, Channel.MAIL), _message(Channel.MAIL, now, person_id=person))
        notice.in_digest = person in reach.mail and choice.mail == MailChoice.DIGEST
        if person in reach.phone and choice.sms and sms.is_available():
            notice.sms = messages.setdefault((person, Channel.SMS), _message(Channel.SMS, now, person_id=person))
    return list(messages.values())


def write_invitations(invitations: Iterable[tuple[str, int]]) -> int:
    """Invite contacts to initiatives, each once and few a day, none that wants no messages; return how many."""
    wanted = sorted(set(invitations))
    contacts = {contact for contact, _number in wanted}
    if not wanted:
        return 0
    now = clock.now()
    stopped = set(StoppedContact.objects.filter(contact__in=contacts).values_list("contact", flat=True))
    before = OutgoingMessage.objects.filter(purpose=Purpose.INVITATION, contact__in=contacts)
    sent = list(before.values_list("contact", "initiative", "made_at"))
    known = {(contact, number) for contact, number, _at in sent}
    lately = Counter(contact for contact, _number, at in sent if at > now - timedelta(days=1))
    new: defaultdict[str, list[OutgoingMessage]] = defaultdict(list)
    for contact, number in wanted:
        channel = Channel.MAIL if "@" in contact else Channel.SMS
        is_open = contact not in stopped and (channel == Channel.MAIL or sms.is_available())
        if is_open and (contact, number) not in known and lately[contact] + len(new[contact]) < INVITATIONS_A_DAY:
            new[contact].append(_message(channel, now, contact=contact, initiative=number, purpose=Purpose.INVITATION))
    messages = [message for some in new.values() for message in some]
    OutgoingMessage.objects.bulk_create(messages)
    return len(messages)


def _message(channel: Channel, now: datetime, **fields: object) -> OutgoingMessage:
    """Return a message that is due now, or in the morning if it would ring in the night."""
    due = now if channel == Channel.MAIL else waking_hour(now)
    return OutgoingMessage(channel=channel, made_at=now, next_try_at=due, **fields)


def waking_hour(moment: datetime) -> datetime:
    """Return the first moment from this one on at which a phone may ring, Vietnam time (UTC)."""
    day = clock.floor_day(moment)
    if moment < day + DAY_BEGINS:
        return day + DAY_BEGINS
    return moment if moment < day + DAY_ENDS else day + timedelta(days=1) + DAY_BEGINS
