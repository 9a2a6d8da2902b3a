"""Texts of allauth that people meet on our pages: labels of its fields, what it refuses and why.

allauth carries no Vietnamese. Our catalogues hold what our sources say, so they are said here once more, for the tool
that collects messages; a test compares them with allauth's own sources. Its templates are not used.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

ALLAUTH: Final[tuple[str, ...]] = (
    # account: refusals
    _("This account is currently inactive."),
    _("You cannot remove your primary email address."),
    _("This email address is already associated with this account."),
    _("The email address and/or password you specified are not correct."),
    _("The phone number and/or password you specified are not correct."),
    _("The username and/or password you specified are not correct."),
    _("A user is already registered with this email address."),
    _("A user is already registered with this phone number."),
    _("Please type your current password."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid or expired key."),
    _("Invalid login."),
    _("The password reset token was invalid."),
    _("You cannot add more than %d email addresses."),
    _("Too many failed login attempts. Try again later."),
    _("The email address is not assigned to any user account."),
    _("The phone number is not assigned to any user account."),
    _("Your primary email address must be verified."),
    _("Username can not be used. Please use other username."),
    _("Please select only one."),
    _("The new value must be different from the current one."),
    _("Be patient, you are sending too many requests."),
    _("You must type the same password each time."),
    # account: ways to show who one is
    _("Use your password"),
    _("Use authenticator app or code"),
    _("Use a security key"),
    # account: fields
    _("Email"),
    _("Password"),
    _("Password (again)"),
    _("Current Password"),
    _("New Password"),
    _("New Password (again)"),
    _("Code"),
    # second factors
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("Master key"),
    _("Backup key"),
    _("Key nr. {number}"),
    _("Authenticator code"),
    _("Passwordless"),
    _(
        "Enabling passwordless operation allows you to sign in using just this key, but imposes additional "
        "requirements such as biometrics or PIN protection."
    ),
    # other providers
    _(
        "An account already exists with this email address. Please sign in to that account first, then connect your %s "
        "account."
    ),
    _("Invalid token."),
    _("Your account has no password set up."),
    _("Your account has no verified email address."),
    _("You cannot disconnect your last remaining third-party account."),
    _("The third-party account is already connected to a different account."),
)

NEVER_SHOWN: Final[frozenset[str]] = frozenset(
    {
        # of fields that our forms do not have, or that they call by our own words
        "Remember Me", "Username", "Login", "Username, email or phone", "Username or email", "Username or phone",
        "Email or phone", "Email (again)", "Email (optional)", "Username (optional)", "Phone",
        "Email address confirmation", "You must type the same email each time.", "Forgot your password?",
        "Enter a phone number including country code (e.g. +1 for the US).",
        # placeholders: our pages have none
        "Email address",
    }
)  # fmt: skip
"""What no page of ours shows, and why."""
