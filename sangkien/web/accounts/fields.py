"""Fields for how somebody can be reached, cleaned by the people floor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.people.contacts import MAX_CONTACT, clean_contact, clean_phone
from sangkien.web.member.fields import REQUIRED, accepted


class PhoneField(forms.CharField):
    """A Vietnamese mobile number; cleaned it is in E.164, an empty text if none was typed."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Mobile number"))
        options.setdefault("error_messages", {"required": REQUIRED})
        options["widget"] = forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "type": "tel"})
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the number. Raises ValidationError."""
        typed: str = super().clean(value)
        return accepted(clean_phone, typed) if typed else ""


class ContactField(forms.CharField):
    """An e-mail address or a Vietnamese mobile number, whichever somebody has."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("E-mail or mobile number"))
        options.setdefault("error_messages", {"required": REQUIRED})
        widget = forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        super().__init__(max_length=MAX_CONTACT, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """Return the contact as it is stored. Raises ValidationError."""
        return accepted(clean_contact, super().clean(value))


def as_credential(typed: str) -> str:
    """Return what was typed to sign in with, as a contact if it is one, else as it stands: a user name."""
    try:
        return clean_contact(typed)
    except InvalidInput:
        return typed.strip()
