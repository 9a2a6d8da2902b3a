"""Reading accounts and profiles."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from sangkien.core.errors import InvalidInput
from sangkien.people.contacts import clean_contact
from sangkien.people.models import Consent, Person

__all__ = ["clean_contact", "consents_of", "person_by_contact"]


def person_by_contact(contact: str) -> Person | None:
    """Return whoever has shown that this e-mail address or mobile number is theirs, or None.

    An address that nobody has confirmed belongs to nobody, a closed account is nobody's, and so is what is no contact.
    For the floors and jobs only: no page may answer with it, or it would tell who has an account.
    """
    try:
        cleaned = clean_contact(contact)
    except InvalidInput:
        return None
    if "@" in cleaned:
        found = EmailAddress.objects.filter(email=cleaned, verified=True, user__is_active=True).select_related("user")
        address = found.first()
        return address.user if address else None
    return Person.objects.filter(phone=cleaned, phone_verified=True, is_active=True).first() if cleaned else None


def consents_of(person: Person) -> list[Consent]:
    """Return what the person has agreed to, the newest first, what was taken back included."""
    return list(Consent.objects.filter(person=person).order_by("-given_at", "-pk"))
