"""What a form carries so that it can still be saved when the session behind it has ended: write only, one draft."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.http import HttpRequest

from sangkien.people.models import Person

SALT: Final = "sangkien.draft"
LIFE: Final = timedelta(days=7)
SHARED_COMPUTER: Final = "shared_computer"
"""Key of a session that ends with the browser and leaves nothing behind."""


def is_shared_computer(request: HttpRequest) -> bool:
    """Say whether the person has signed in at a computer that others use."""
    return bool(request.session.get(SHARED_COMPUTER))


def ticket_for(request: HttpRequest, person: Person, draft_id: UUID) -> str:
    """Return a ticket for one draft of the person's; an empty text where nothing may stay behind."""
    return "" if is_shared_computer(request) else signing.dumps([str(draft_id), person.pk], salt=SALT)


def holder_of(ticket: str, draft_id: UUID) -> Person | None:
    """Return whose ticket for this draft it is, if it is one, still good, and the account still active."""
    try:
        named, pk = signing.loads(ticket, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    if named != str(draft_id):
        return None
    person = ModelBackend().get_user(pk)
    return person if isinstance(person, Person) else None
