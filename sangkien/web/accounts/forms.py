"""Forms of signing up and in: one field for whatever contact somebody has, and no password unless they want one."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, RequestLoginCodeForm, SignupForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context as current
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.people.accounts import free_address
from sangkien.people.actions import give_consent
from sangkien.people.models import Person
from sangkien.web.accounts import consent
from sangkien.web.accounts.adapter import RECENTLY, SHARED
from sangkien.web.accounts.fields import ContactField, as_credential
from sangkien.web.member.fields import REQUIRED, LineField

NAME_LENGTH = 200  # characters, as people.Person holds them


def _shared() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("This is a shared computer"),
        help_text=_("You are signed out when the browser is closed, and nothing stays on this computer."),
        required=False,
    )


def _remember(request: HttpRequest, is_shared: bool) -> None:
    """Note whether others use this computer: the session then ends with the browser."""
    request.session[SHARED] = is_shared
    if is_shared:
        request.session.set_expiry(0)


class ConsentingForm(forms.Form):
    """The part of every sign-up that makes a person of an account: the name, and the consent with its text."""

    full_name = LineField(
        label=_("Full name"),
        max_length=NAME_LENGTH,
        error_messages={
            "required": REQUIRED,
            "max_length": _("This is too long: at most %(limit_value)d characters."),
        },
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    consent = forms.BooleanField(
        label=consent.SENTENCE, error_messages={"required": _("Without your consent we may not open an account.")}
    )

    def signup(self, request: HttpRequest, user: Person) -> None:
        """Keep the consent, once the account is there."""
        give_consent(
            actor=user,
            purpose=consent.PURPOSE,
            version=consent.VERSION,
            language=get_language() or "vi",
            text=consent.whole_text(),
        )


class SignUpForm(ConsentingForm, SignupForm):  # type: ignore[misc]  # untyped
    """One short page: name, e-mail or mobile number, consent. The code that is sent then proves the contact."""

    contact = ContactField()
    shared = _shared()
    field_order = ["full_name", "contact", "consent", "shared"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("email", "phone", "password1"):  # `contact` stands for the first two, nobody is asked the third
            del self.fields[name]

    def clean_contact(self) -> str:
        """Hand the contact on to allauth under its own name. Whether somebody has it already, no answer tells."""
        contact: str = self.cleaned_data["contact"]
        if "@" in contact:
            free_address(contact)
            self.cleaned_data["email"] = self.validate_unique_email(contact)
        else:
            self.cleaned_data["phone"] = contact
        return contact

    @transaction.atomic
    def save(self, request: HttpRequest) -> AbstractBaseUser:
        """Make the account with its consent, or neither."""
        made: AbstractBaseUser = super().save(request)
        return made

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        """Make the account, or write to whoever has it already."""
        _remember(request, self.cleaned_data["shared"])
        made: tuple[AbstractBaseUser | None, HttpResponse | None] = super().try_save(request)
        return made


class ProviderSignUpForm(ConsentingForm, SocialSignupForm):  # type: ignore[misc]  # untyped
    """What another provider leaves open: the name as it should stand, an address if it gave none, the consent."""

    field_order = ["full_name", "email", "consent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["phone"]
        self._has_phone_field = False
        self.fields["email"].required = False

    @transaction.atomic
    def save(self, request: HttpRequest) -> AbstractBaseUser:
        """Make the account with its consent, or neither."""
        made: AbstractBaseUser = super().save(request)
        return made


class SignInForm(LoginForm):  # type: ignore[misc]  # untyped
    """User name, e-mail or mobile number, with a password."""

    shared = _shared()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("E-mail, mobile number or user name")
        login.widget.attrs.update({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        self.fields["password"].help_text = ""  # the page has its own way on for who has forgotten it
        for name in ("login", "password"):
            self.fields[name].error_messages["required"] = REQUIRED

    def clean_login(self) -> str:
        """Return what was typed; a contact as it is stored, however it was written."""
        return as_credential(self.cleaned_data["login"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Sign in, or go on to the second factor."""
        answer: HttpResponse = super().login(request, redirect_url=redirect_url)
        _remember(request, self.cleaned_data["shared"])
        return answer


class RequestCodeForm(RequestLoginCodeForm):  # type: ignore[misc]  # untyped
    """E-mail or mobile number, to which a code is sent."""

    contact = ContactField()
    shared = _shared()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        sent: QueryDict = kwargs.get("data") or QueryDict()
        if "contact" not in sent and "login" in sent:  # from the page for signing in it comes under another name
            kwargs["data"] = {**sent.dict(), "contact": sent["login"]}
        super().__init__(*args, **kwargs)
        del self.fields["email"], self.fields["phone"]

    def clean_contact(self) -> str:
        """Hand the contact on to allauth under its own name, and look for its account as allauth does."""
        contact: str = self.cleaned_data["contact"]
        if "@" in contact:
            self.cleaned_data["email"] = contact
            self.clean_email()
        else:
            self.cleaned_data["phone"] = contact
            self.clean_phone()
        return contact

    def clean(self) -> dict[str, Any]:
        """Note whether others use this computer, once a code is sent."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            _remember(current.request, bool(cleaned.get("shared")))
        return cleaned


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]  # untyped
    """A new password. Whoever has just signed in by a code may have forgotten the old one, and is not asked for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""
        records = get_authentication_records(current.request, self.user)
        if any(record["method"] == "code" and time.time() - record["at"] < RECENTLY for record in records):
            del self.fields["oldpassword"]
