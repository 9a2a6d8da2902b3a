"""allauth's forms of passkeys, where what the browser answers may be anything: it is refused, never our error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)

Value = TypeVar("Value")
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What the reader of credentials raises for what is none."""


def _readable(read: Callable[[], Value]) -> Value:
    """Return what ``read`` gives; what cannot be read is refused as a wrong code is."""
    try:
        return read()
    except UNREADABLE:
        raise get_adapter().validation_error("incorrect_code") from None


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # untyped
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Check what the browser made."""
        return _readable(super().clean)


class SecondFactorPasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # untyped
    """A passkey as second factor."""

    def clean_credential(self) -> Authenticator:
        """Check what the browser answered."""
        return _readable(super().clean_credential)


class SignInPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # untyped
    """A passkey that signs in by itself."""

    def clean_credential(self) -> Authenticator:
        """Check what the browser answered."""
        return _readable(super().clean_credential)


class ProofPasskeyForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]  # untyped
    """A passkey shown once more before a delicate change."""

    def clean_credential(self) -> Authenticator:
        """Check what the browser answered."""
        return _readable(super().clean_credential)
