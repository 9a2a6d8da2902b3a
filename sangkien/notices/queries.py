"""Reading notices: only ever one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.notices.models import (
    ALL_KINDS,
    Kind,
    MailChoice,
    MessageState,
    Notice,
    NoticePreference,
    OutgoingMessage,
    StoppedContact,
)
from sangkien.notices.preferences import Choice, preferences_of, reachable
from sangkien.notices.telling import SALT, told
from sangkien.notices.texts import Told
from sangkien.people.models import Person
from sangkien.units.queries import roles_of

PAGE_SIZE = 20
Cursor = tuple[datetime, int]
FOR_OFFICERS = frozenset({Kind.UNIT_REQUESTED})


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of the list, with its words."""

    notice: Notice
    told: Told


@dataclass(frozen=True, slots=True)
class Page:
    """Some notices, newest first; ``next`` continues after the last, None at the end."""

    lines: Sequence[Line]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How somebody hears of what: by kind, and whether all mail is stopped. ``mail`` and ``phone`` may be empty."""

    choices: dict[Kind, Choice]
    is_stopped: bool
    mail: str
    phone: str
    has_bounced: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link to unsubscribe is about: the mail of one kind (None: all) to a person, or a contact's invitations."""

    person: int | None = None
    kind: Kind | None = None
    contact: str = ""
    is_stopped: bool = False


def unread_count(person: Person) -> int:
    """Return how many notices the person has not read yet: one query, from an index."""
    return Notice.objects.filter(person_id=person.pk, read_at__isnull=True).count()


def list_notices(person: Person, *, after: Cursor | None = None, limit: int = PAGE_SIZE) -> Page:
    """Return the person's notices, newest first; ``after`` continues where an earlier page ended."""
    rows = Notice.objects.filter(person_id=person.pk)
    if after is not None:
        moment, last = after
        # The first condition lets the index find the place; the second settles equal moments.
        rows = rows.filter(at__lte=moment).filter(Q(at__lt=moment) | Q(pk__lt=last))
    found = list(rows.order_by("-at", "-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    lines = [Line(notice, words) for notice, words in zip(found, told(person, found), strict=True)]
    return Page(lines, (found[-1].at, found[-1].pk) if more else None)


def get_notice(person: Person, number: int) -> Line:
    """Return one of the person's own notices. Raises NotFound."""
    found = Notice.objects.filter(person_id=person.pk, pk=number).first()
    if found is None:
        raise NotFound(_("There is no such notice."), code="unknown_notice")
    return Line(found, told(person, [found])[0])


def settings_of(person: Person) -> Settings:
    """Return how the person hears of what. Kinds for officers are left out for everybody else."""
    preferences, reach = preferences_of([person.pk]), reachable([person])
    is_officer = bool(roles_of(person, clock.now()))
    return Settings(
        choices={k: preferences.chosen_by(person.pk, k) for k in Kind if is_officer or k not in FOR_OFFICERS},
        is_stopped=person.pk in preferences.stopped,
        mail=reach.mail.get(person.pk, ""),
        phone=reach.phone.get(person.pk, ""),
        has_bounced=person.mail_bounced_at is not None,
    )


def read_token(token: str) -> Stop:
    """Return what a link to unsubscribe is about, and whether it is stopped already. Raises NotFound."""
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotFound(_("This link is not whole. Copy it from the message once more."), code="bad_token") from None
    if "c" in said:
        contact: str = said["c"]
        return Stop(contact=contact, is_stopped=StoppedContact.objects.filter(pk=contact).exists())
    kind = Kind(said["k"]) if said["k"] else None
    rows = NoticePreference.objects.filter(person_id=said["p"], kind=kind or ALL_KINDS, mail=MailChoice.NEVER)
    return Stop(person=said["p"], kind=kind, is_stopped=rows.exists())


def message_figures() -> dict[str, int]:
    """Return how many messages wait for their first or next try, and how many failed for good in the last 24 hours."""
    yesterday = clock.now() - timedelta(days=1)
    waiting = OutgoingMessage.objects.filter(state__in=(MessageState.WAITING, MessageState.SENDING))
    failed = OutgoingMessage.objects.filter(state=MessageState.FAILED, claimed_at__gt=yesterday)
    return {"waiting": waiting.count(), "failed": failed.count()}
