"""Everything that accounts say outside their pages: letters, short messages, and what the next page says was done.

allauth names them by its templates; they are texts here, so that the translation catalogues hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_CODE: Final = _(
    "Your code is %(code)s\n\nType it on the page that asks for it, within 15 minutes. Give it to nobody: no officer "
    "and nobody from the programme will ever ask you for it.\n\nIf you did not ask for it, leave this letter "
    "unanswered: without the code nothing happens."
)
_NOT_YOU: Final = _(
    "If this was not you, set a new password at %(account_reset_password)s and end the other sessions at "
    "%(usersessions_list)s"
)

LETTERS: Final[Mapping[str, tuple[Text, Text]]] = {
    # codes
    "email_confirmation_signup": (_("%(code)s is your code for signing up"), _CODE),
    "email_confirmation": (_("%(code)s is your code for this address"), _CODE),
    "login_code": (_("%(code)s is your code for signing in"), _CODE),
    "password_reset_code": (_("%(code)s is your code for a new password"), _CODE),
    # what a page must not tell
    "account_already_exists": (
        _("You already have an account"),
        _(
            "Somebody, probably you, wanted to sign up with this address, and there is an account with it already.\n\n"
            "Sign in with a code that we send you: %(account_request_login_code)s\n\n"
            "If it was not you, nothing has happened."
        ),
    ),
    "unknown_account": (
        _("There is no account with this address"),
        _(
            "Somebody, probably you, wanted to sign in with this address, but there is no account with it. You may "
            "have signed up with another address or a phone number.\n\nTo sign up: %(account_signup)s\n\n"
            "If it was not you, nothing has happened."
        ),
    ),
    # what was changed
    "email_changed": (_("Your e-mail address was changed"), _("The address of your account is now %(to_email)s.")),
    "email_deleted": (
        _("An e-mail address was removed"),
        _("The address %(deleted_email)s no longer belongs to your account."),
    ),
    "password_changed": (_("Your password was changed"), _("The password of your account was changed.")),
    "password_set": (_("A password was set"), _("Your account now has a password.")),
    "password_reset": (_("Your password was set anew"), _("The password of your account was set anew by a code.")),
    "totp_activated": (
        _("Authenticator app added"),
        _("Signing in to your account now also asks for a code of your authenticator app."),
    ),
    "totp_deactivated": (
        _("Authenticator app removed"),
        _("Signing in to your account no longer asks for a code of an authenticator app."),
    ),
    "recovery_codes_generated": (
        _("New recovery codes"),
        _("Your account has new recovery codes. The ones before are no longer valid."),
    ),
    "webauthn_added": (_("Passkey added"), _("A passkey was added to your account.")),
    "webauthn_removed": (_("Passkey removed"), _("A passkey was removed from your account.")),
    "account_connected": (
        _("Account of another provider connected"),
        _("An account of another provider can now be used to sign in to your account."),
    ),
    "account_disconnected": (
        _("Account of another provider removed"),
        _("An account of another provider can no longer be used to sign in to your account."),
    ),
}
"""Name of allauth's template → (subject, body)."""

_ARE_ANSWERS: Final = frozenset(list(LETTERS)[:6])  # codes, and what was asked for: nobody need be warned

SHORT_MESSAGES: Final[Mapping[str, Text]] = {
    # Short enough for one message with Vietnamese letters: 70 characters.
    "code": _("Sáng Kiến: your code is %(code)s. Give it to nobody."),
    "unknown_account": _("Sáng Kiến: no account has this number. Sign up: %(url)s"),
    "account_already_exists": _("Sáng Kiến: you have an account already. Sign in: %(url)s"),
}

SAID: Final[Mapping[str, Text]] = {
    "cannot_delete_primary_email": _(
        "This address cannot be removed: make another one the main address first, or add another way to sign in."
    ),
    "email_confirmation_failed": _("This address belongs to another account."),
    "email_confirmed": _("Your address %(email)s is confirmed."),
    "email_deleted": _("The address %(email)s was removed."),
    "password_changed": _("Your password was changed."),
    "password_set": _("Your password is set."),
    "phone_verified": _("Your number %(phone)s is confirmed."),
    "primary_email_set": _("This is now your main address."),
    "unverified_primary_email": _("Confirm this address before you make it the main one."),
    "totp_activated": _("Your authenticator app is set up."),
    "totp_deactivated": _("The authenticator app was removed."),
    "recovery_codes_generated": _("Here are your new recovery codes. Keep them where only you can find them."),
    "webauthn_added": _("The passkey was added."),
    "webauthn_removed": _("The passkey was removed."),
    "account_connected": _("The account was connected."),
    "account_connected_updated": _("The account was connected."),
    "account_connected_other": _("That account is connected to another account of this portal."),
    "account_disconnected": _("The account was removed."),
    "sessions_logged_out": _("All other sessions have ended."),
    "logged_out": _("You are signed out."),
}
"""Name of allauth's template → what the next page says."""

SAYS_NOTHING: Final = frozenset({"logged_in", "login_code_sent", "email_confirmation_sent", "phone_verification_sent"})
"""What the page that follows shows anyway."""


def written(name: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Return (subject, body) of a letter in the language that is active. Raises KeyError for one that is not ours."""
    subject, body = LETTERS[name]
    parts = [gettext("Hello,"), str(body) % facts]
    if name not in _ARE_ANSWERS:
        parts.append(str(_NOT_YOU) % facts)
    parts.append(gettext("Sáng Kiến, %(host)s") % facts)
    return str(subject) % facts, "\n\n".join(parts) + "\n"


def said(name: str, facts: Mapping[str, Any]) -> str:
    """Return what the next page says, empty for nothing. Raises KeyError for what is not ours."""
    return "" if name in SAYS_NOTHING else str(SAID[name]) % facts
