"""The form of the profile, and that of a unit which is not listed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.people.actions import LANGUAGES
from sangkien.people.actions import MAX_NAME as LONGEST_LINE
from sangkien.people.categories import Category
from sangkien.units.actions import MAX_NAME, MAX_NOTE
from sangkien.web.member.fields import DATE_NOTATIONS, NOT_A_DAY, NOT_CHOSEN, REQUIRED, LineField, TextField

TOO_LONG = _("This is too long: at most %(limit_value)d characters.")
TEXT_MESSAGES = {"required": REQUIRED, "max_length": TOO_LONG}
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}


class RefusableForm(forms.Form):
    """A form that shows what an action refuses beside the field that it names, and says where all faults are."""

    def refuse(self, error: InvalidInput) -> None:
        """Put what an action refused at the input that it names, or on top."""
        name = error.field if error.field in self.fields else None
        self.add_error(name, forms.ValidationError(str(error), code=error.code))

    @property
    def faults(self) -> list[tuple[str, Any, str]]:
        """Everything that is wrong, as (id of the input or "", its label, what to do), in the order of the page."""
        found: list[tuple[str, Any, str]] = [("", "", str(error)) for error in self.non_field_errors()]
        for name in self.fields:
            field = self[name]
            found += [(field.id_for_label or field.auto_id, field.label, str(error)) for error in field.errors]
        return found


def _input(**attributes: object) -> forms.TextInput:
    """Return a text input in our look."""
    return forms.TextInput({"class": "form-control"} | attributes)


class ProfileForm(RefusableForm):
    """Who somebody is, as the application for recognition asks for it."""

    full_name = LineField(
        label=_("Full name"),
        max_length=LONGEST_LINE,
        error_messages=TEXT_MESSAGES,
        widget=_input(autocomplete="name", autocapitalize="words"),
    )
    date_of_birth = forms.DateField(
        label=_("Date of birth"),
        help_text=_("For example: 14/2/1985"),
        required=False,
        input_formats=DATE_NOTATIONS,
        error_messages={"invalid": NOT_A_DAY},
        widget=forms.DateInput(
            {"class": "form-control num w-date", "inputmode": "numeric", "autocomplete": "bday", "maxlength": 10}
        ),
    )
    job_title = LineField(
        label=_("Position, work"),
        help_text=_("For example: electrician, head of shift"),
        required=False,
        max_length=LONGEST_LINE,
        error_messages=TEXT_MESSAGES,
        widget=_input(autocomplete="organization-title"),
    )
    qualification = LineField(
        label=_("Level of training"),
        help_text=_("For example: worker of grade 5/7, engineer, master of pedagogy"),
        required=False,
        max_length=LONGEST_LINE,
        error_messages=TEXT_MESSAGES,
        widget=_input(autocomplete="off"),
    )
    category = forms.ChoiceField(
        label=_("You are one of the"),
        choices=Category.choices,
        error_messages={"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN},
    )
    language = forms.ChoiceField(
        label=_("Language of messages to you"),
        choices=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        error_messages={"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN},
    )


class RequestForm(RefusableForm):
    """A unit that is not listed: the nearest one above it, and what it is called. ``above`` is a code or a name."""

    above = forms.CharField(
        label=_("The nearest union above it that is listed"),
        help_text=_("For example the federation of labour of your district, ward or zone, or of your trade"),
        max_length=MAX_NAME,
        error_messages=TEXT_MESSAGES,
        widget=_input(autocomplete="off", **{"data-unit-combobox": True}),
    )
    name = LineField(
        label=_("Name of your unit"),
        help_text=_("For example: CĐCS Công ty May Thăng Long"),
        max_length=MAX_NAME,
        error_messages=TEXT_MESSAGES,
        widget=_input(autocomplete="organization"),
    )
    note = TextField(
        label=_("What helps the officer to find it"),
        help_text=_("Its address, the name it had before"),
        required=False,
        max_length=MAX_NOTE,
        error_messages=TEXT_MESSAGES,
        widget=forms.Textarea({"class": "form-control", "rows": 2}),
    )
