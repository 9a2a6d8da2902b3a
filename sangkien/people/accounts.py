"""What signing up and in asks of accounts: made, found by a proven number, freed from contacts that nobody proved."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.crypto import get_random_string

from sangkien.people.models import Person

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another


def new_username() -> str:
    """Return a user name that says nothing about its owner: ``m`` and eleven characters (55 bits)."""
    return "m" + get_random_string(11, _LETTERS)


def person_by_proven_phone(phone: str) -> Person | None:
    """Return whoever has shown that this number (E.164) is theirs; closed accounts and parts of the system: None."""
    return Person.objects.filter(phone=phone, phone_verified=True, is_active=True, is_system=False).first()


def person_by_address(email: str) -> Person | None:
    """Return the account that mail to this address is about, confirmed or not; the confirmed one first."""
    addresses = EmailAddress.objects.filter(email=email.lower()).select_related("user").order_by("-verified", "pk")
    address = addresses.first()
    return address.user if address else None


@transaction.atomic
def give_phone(person: Person, phone: str, *, verified: bool) -> None:
    """Give ``person`` this number (E.164). Somebody who never showed that it is theirs loses it."""
    Person.objects.filter(phone=phone, phone_verified=False).exclude(pk=person.pk).update(phone=None)
    person.phone, person.phone_verified = phone, verified
    person.save(update_fields=["phone", "phone_verified"])


@transaction.atomic
def free_address(email: str) -> None:
    """Take an address from accounts that were begun with it and never entered, so that it can be begun with again.

    A worker whose code came too late starts anew; nobody can keep an address from its owner by signing up with it.
    """
    begun = EmailAddress.objects.filter(email=email.lower(), verified=False, user__last_login=None)
    people = list(begun.values_list("user_id", flat=True))
    begun.delete()
    Person.objects.filter(pk__in=people, email=email.lower()).update(email="")
