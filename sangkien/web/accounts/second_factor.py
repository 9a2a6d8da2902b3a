"""Second factors: how their secrets are kept, and whether a session has passed one."""

from __future__ import annotations

import base64
import hashlib
import time

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.units.queries import roles_of

CHECKED_AT = "second_factor_at"
"""Session key: when (seconds since 1970) it was last seen that this session may go on."""
CHECKED_FOR = 60  # seconds; a role given or taken away is noticed within them
POSSESSIONS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped
    """Keeps secrets encrypted with a key made of SECRET_KEY, so that a copy of the database alone opens no account."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret; one that no key of ours opens becomes a fresh one, which no code matches."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return str(generate_totp_secret())

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, object]:
        """Return how a passkey names its owner."""
        entity: dict[str, object] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.full_name or user.username}


def _cipher() -> MultiFernet:
    """The keys, the newest first: SECRET_KEY, then the ones that it replaced."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = (hashlib.sha256(f"sangkien.second_factor:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def is_officer(person: Person) -> bool:
    """Say whether ``person`` holds any role at present. One query."""
    return bool(roles_of(person, clock.now()))


def factors_of(person: Person) -> set[str]:
    """Return the kinds of second factor that ``person`` has set up, recovery codes not counted. One query."""
    return set(Authenticator.objects.filter(user_id=person.pk, type__in=POSSESSIONS).values_list("type", flat=True))


def has_passed(request: HttpRequest, person: Person) -> bool:
    """Say whether a second factor was shown in this session."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, person))


def note_new_factor(request: HttpRequest, person: Person, kind: str) -> None:
    """Setting up a factor shows it too: the session counts as passed from then on."""
    if kind in POSSESSIONS:
        record_authentication(request, person, "mfa", type=str(kind), reauthenticated=True)
        request.session[CHECKED_AT] = int(time.time())
