"""From a message whose turn has come to what is sent: text, address and headers, in the language of its person."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from sangkien.notices import texts
from sangkien.notices.models import Channel, Kind, MailChoice, Notice, OutgoingMessage, StoppedContact
from sangkien.notices.preferences import Preferences, preferences_of, reachable
from sangkien.notices.telling import contact_token, person_token, portal_address, told
from sangkien.notices.undone import left_out
from sangkien.people.models import Person


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: ``subject`` and ``unsubscribe`` are empty in a short message."""

    address: str
    text: str
    subject: str = ""
    unsubscribe: str = ""


def compose(message: OutgoingMessage) -> Letter | None:
    """Return what a message says now, or None when there is nothing left to say or nobody to say it to.

    Preferences and addresses may have changed since it was made: what counts is how they are now.
    """
    if message.person is None:
        return _invitation(message)
    with translation.override(message.person.language):
        return _notices(message, message.person)


def as_mail(message: OutgoingMessage, letter: Letter) -> EmailMessage:
    """Return the mail. Its ``Message-ID`` is the message's own, so that a second copy can be told from the first."""
    return EmailMessage(
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        to=[letter.address],
        headers={
            "Message-ID": f"<{message.pk}@{settings.MAIL_DOMAIN}>",
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "List-Unsubscribe": f"<{letter.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _notices(message: OutgoingMessage, person: Person) -> Letter | None:
    """Return what tells a person of their notices."""
    is_mail = message.channel == Channel.MAIL
    reach = reachable([person])
    address = (reach.mail if is_mail else reach.phone).get(person.pk)
    if not address:
        return None
    rows = message.mailed if is_mail else message.texted
    preferences = preferences_of([person.pk])
    carried = list(rows.order_by("at", "pk"))
    idle = left_out(message, person, carried)
    wanted = [n for n in carried if n.pk not in idle and _is_wanted(n, preferences, is_mail=is_mail)]
    if not wanted:
        return None
    said = told(person, wanted)
    if not is_mail:
        path = said[0].path if len(said) == 1 else ""
        link = settings.PORTAL_URL + path if path else portal_address("notices")
        return Letter(address, texts.short_text(said, link))
    kinds = {Kind(n.kind) for n in wanted}
    only = kinds.pop() if len(kinds) == 1 else None
    unsubscribe = portal_address("unsubscribe", person_token(person, only))
    body = texts.mail_body(
        person.full_name,
        said,
        portal=settings.PORTAL_URL,
        preferences=portal_address("notice-preferences"),
        unsubscribe=unsubscribe,
        stops=texts.stops_kind(only),
    )
    return Letter(address, body, texts.subject_of(said), unsubscribe)


def _is_wanted(notice: Notice, preferences: Preferences, *, is_mail: bool) -> bool:
    """Say whether the person still wants to hear of it this way."""
    choice = preferences.of(notice.person_id, Kind(notice.kind))
    return choice.mail != MailChoice.NEVER if is_mail else choice.sms


def _invitation(message: OutgoingMessage) -> Letter | None:
    """Return the invitation of somebody without an account, unless they want none any more."""
    contact = message.contact
    if StoppedContact.objects.filter(pk=contact).exists():
        return None
    sign_up, unsubscribe = portal_address("account_signup"), portal_address("unsubscribe", contact_token(contact))
    with translation.override(settings.LANGUAGE_CODE):
        if message.channel == Channel.SMS:
            return Letter(contact, texts.invitation_text(sign_up, unsubscribe))
        return Letter(contact, texts.invitation_body(sign_up, unsubscribe), texts.invitation_subject(), unsubscribe)
