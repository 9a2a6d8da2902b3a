"""What officers do to sign in stands in the record: that they did, and how they change what they sign in with."""

from __future__ import annotations

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.dispatch import Signal, receiver

from sangkien.people.models import Person
from sangkien.units.actions import note_officer

_OF_ACCOUNT: dict[Signal, str] = {
    account.user_logged_in: "sign_in",
    account.password_set: "change_password",
    account.password_changed: "change_password",
    account.password_reset: "reset_password",
}
_OF_FACTOR: dict[Signal, str] = {
    mfa.authenticator_added: "second_factor_added",
    mfa.authenticator_removed: "second_factor_removed",
    mfa.authenticator_reset: "second_factor_reset",
    mfa.authentication_failed: "second_factor_failed",
}


@receiver(list(_OF_ACCOUNT), dispatch_uid="sangkien.record_of_account")
def _on_account(*, signal: Signal, user: Person, **_rest: object) -> None:
    note_officer(actor=user, what=_OF_ACCOUNT[signal])


@receiver(list(_OF_FACTOR), dispatch_uid="sangkien.record_of_factor")
def _on_factor(*, signal: Signal, user: Person, authenticator: Authenticator | None = None, **_rest: object) -> None:
    kind = {"factor": str(authenticator.type)} if authenticator is not None else {}
    note_officer(actor=user, what=_OF_FACTOR[signal], **kind)
