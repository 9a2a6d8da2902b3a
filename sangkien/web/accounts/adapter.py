"""How allauth's flows meet this portal: people, phones, mail, SMS, and what follows when a contact is proven."""

from __future__ import annotations

import logging
import time
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context as current
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sangkien.core.vietnamese import normalise
from sangkien.initiatives.actions import link_authorships
from sangkien.notices.sms import SmsFailed, send_sms
from sangkien.people.accounts import give_phone, new_username, person_by_address, person_by_proven_phone
from sangkien.people.models import Person
from sangkien.web.accounts import letters
from sangkien.web.accounts.fields import PhoneField

logger = logging.getLogger(__name__)
RECENTLY = 5 * 60  # seconds after signing in during which nothing is asked for again
SHARED = "shared_computer"
"""Session key: True when the person said that others use this computer."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    """Accounts of this portal, as allauth sees them."""

    # --- accounts ---------------------------------------------------------------------------------------------

    def populate_username(self, request: HttpRequest, user: Person) -> None:
        """Give a new account a user name that says nothing; it is shown nowhere, one signs in by contact."""
        user.username = user.username or new_username()

    def save_user(self, request: HttpRequest, user: Person, form: Form, commit: bool = True) -> Person:
        """Save a new account with its name, in the language of the page."""
        user.full_name = form.cleaned_data.get("full_name") or user.full_name
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        super().save_user(request, user, form, commit)
        return user

    def get_login_stages(self) -> list[str]:
        """Return the steps of signing in, ours in the place of allauth's."""
        ours = {"allauth.account.stages.EmailVerificationStage": "sangkien.web.accounts.stages.AddressProofStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Begin the session; on a shared computer it ends with the browser."""
        super().login(request, user)
        if request.session.get(SHARED):
            request.session.set_expiry(0)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again who somebody is before a delicate change, unless they have only just signed in."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < RECENTLY:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark an address as proven; initiatives that name it as an author's find their author."""
        is_confirmed = bool(super().confirm_email(request, email_address))
        if is_confirmed:
            link_authorships(person=email_address.user)
        return is_confirmed

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Keep the address that is the last way into an account."""
        person: Person = email_address.user
        has_another_way = person.has_usable_password() or (person.phone and person.phone_verified)
        is_last = not EmailAddress.objects.filter(user=person, verified=True).exclude(pk=email_address.pk).exists()
        return not (is_last and not has_another_way) and bool(super().can_delete_email(email_address))

    # --- phones -----------------------------------------------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Return the field for a Vietnamese mobile number."""
        return PhoneField(**kwargs)

    def set_phone(self, user: Person, phone: str, verified: bool) -> None:
        """Give the account a number (E.164)."""
        give_phone(user, phone, verified=verified)

    def get_phone(self, user: Person) -> tuple[str, bool] | None:
        """Return (number, whether it is proven) or None."""
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: Person, phone: str) -> None:
        """Mark a number as proven; initiatives that name it as an author's find their author."""
        give_phone(user, phone, verified=True)
        link_authorships(person=user)

    def get_user_by_phone(self, phone: str) -> Person | None:
        """Return whoever has proven this number. One that was only typed belongs to nobody."""
        return person_by_proven_phone(phone)

    # --- what is sent -----------------------------------------------------------------------------------------

    def send_verification_code_sms(self, user: Person, phone: str, code: str, **kwargs: Any) -> None:
        """Send a one-time code to a phone."""
        self._send_sms(phone, "code", user.language, {"code": code})

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Tell whoever asks to sign in with an unknown number how to sign up: the page must not tell them apart."""
        self._send_sms(phone, "unknown_account", None, {"url": self._address_of("account_signup")})

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell whoever signs up a second time how to sign in."""
        self._send_sms(phone, "account_already_exists", None, {"url": self._address_of("account_request_login_code")})

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Write a letter in the language that is active; the texts stand in ``letters``."""
        subject, body = letters.written(template_prefix.rpartition("/")[2], self._facts(context))
        to = [email] if isinstance(email, str) else email
        return EmailMessage(self.format_email_subject(subject), body, self.get_from_email(), to, headers=headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter in its reader's language. That it cannot be sent is said on the page, whoever it was for."""
        reader = context.get("user") or person_by_address(email)
        with translation.override(reader.language if reader else translation.get_language()):
            letter = self.render_mail(template_prefix, email, context)
        try:
            letter.send()
        except (OSError, SMTPException):
            logger.exception("mail of accounts (%s) could not be sent", template_prefix)
            self._say_not_sent()

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say what was done in our words; what the next page shows anyway is not said twice."""
        if message_template:
            name = message_template.rpartition("/")[2].removesuffix(".txt")
            message = letters.said(name, message_context or {})
        if message:
            messages.add_message(request, level, message, extra_tags=extra_tags)

    def _send_sms(self, phone: str, name: str, language: str | None, facts: dict[str, str]) -> None:
        with translation.override(language or translation.get_language()):
            text = letters.SHORT_MESSAGES[name] % facts
        try:
            send_sms(phone, text)
        except SmsFailed:
            logger.exception("short message of accounts (%s) could not be sent", name)
            self._say_not_sent()

    def _say_not_sent(self) -> None:
        text = _("The message could not be sent just now. Ask for a new code in a minute.")
        messages.error(current.request, text)

    def _facts(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the letters may name, whatever allauth gives."""
        addresses = ("account_signup", "account_request_login_code", "account_reset_password", "usersessions_list")
        return {
            "host": current.request.get_host(),
            **{name: self._address_of(name) for name in addresses},
            **{key: value for key, value in given.items() if isinstance(value, str)},
        }

    def _address_of(self, name: str) -> str:
        return str(current.request.build_absolute_uri(reverse(name)))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped
    """Accounts of other providers: taken from the settings only, and named in one field."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        """Fill in the name that the provider gives."""
        person: Person = super().populate_user(request, sociallogin, data | {"username": ""})
        parts = (data.get("last_name"), data.get("first_name"))  # Vietnamese order: the family name first
        person.full_name = normalise(data.get("name") or " ".join(part for part in parts if part))[:200]
        return person

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        """Return what the sign-up form begins with."""
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        return initial | {"full_name": sociallogin.user.full_name}

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the applications of the settings. Without any, the database is not asked either."""
        if not any(of.get("APPS") for of in settings.SOCIALACCOUNT_PROVIDERS.values()):
            return []
        found: list[SocialApp] = super().list_apps(request, provider, client_id)
        return found
