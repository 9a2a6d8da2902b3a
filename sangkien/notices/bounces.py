"""An address that refused our mail is written to again once its owner has confirmed an address anew."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed

from sangkien.people.models import Person


def listen() -> None:
    """Hear of every address that is confirmed, from now on."""
    email_confirmed.connect(mail_may_come_again, dispatch_uid="sangkien.notices")


def mail_may_come_again(email_address: EmailAddress, **_others: Any) -> None:
    """Send mail again to whoever has just confirmed an address."""
    Person.objects.filter(pk=email_address.user_id, mail_bounced_at__isnull=False).update(mail_bounced_at=None)
