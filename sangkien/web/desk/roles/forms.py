"""The forms by which a role is given and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.people.contacts import MAX_CONTACT
from sangkien.units.actions import MAX_NAME, MAX_REASON
from sangkien.units.models import Role
from sangkien.web.desk.roles.words import ROLE_SAYS
from sangkien.web.member.fields import DATE_NOTATIONS, NOT_A_DAY, NOT_CHOSEN, LineField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm


def _line(**attributes: object) -> forms.TextInput:
    """Return a text input in our look."""
    return forms.TextInput({"class": "form-control", "autocomplete": "off"} | attributes)


class GrantForm(RefusableForm):
    """Who is to hold which role over which unit, until when and why. ``unit`` is a code or a name."""

    person = LineField(
        label=_("Who"),
        help_text=_("Their e-mail address, mobile number or user name, exactly as they signed up with it"),
        max_length=MAX_CONTACT,
        error_messages=TEXT_MESSAGES,
        widget=_line(spellcheck="false", autocapitalize="none"),
    )
    role = forms.ChoiceField(label=_("Role"), error_messages={"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN})
    unit = LineField(
        label=_("Over which unit"),
        help_text=_("It reaches everything below this unit too. Type a word of its name, or its code"),
        max_length=MAX_NAME,
        error_messages=TEXT_MESSAGES,
        widget=_line(**{"data-unit-combobox": True}),
    )
    until = forms.DateField(
        label=_("Until the end of"),
        help_text=_("For example: 31/12/2026. Left empty: as long as your own right to give it lasts"),
        required=False,
        input_formats=DATE_NOTATIONS,
        error_messages={"invalid": NOT_A_DAY},
        widget=forms.DateInput(
            {"class": "form-control num w-date", "inputmode": "numeric", "autocomplete": "off", "maxlength": 10}
        ),
    )
    reason = LineField(
        label=_("Why"),
        help_text=_("For example the decision by which they took over the work. It stands in the record"),
        required=False,
        max_length=MAX_REASON,
        error_messages=TEXT_MESSAGES,
        widget=_line(),
    )

    def __init__(self, roles: Sequence[Role], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.roles = roles
        choices = self.fields["role"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(role.value, role.label) for role in roles]

    def clean_until(self) -> datetime | None:
        """Return the moment at which the day ends (UTC), None for no end."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if not clock.EARLIEST_YEAR <= day.year <= clock.LATEST_YEAR:
            raise forms.ValidationError(NOT_A_DAY, code="invalid")
        return clock.end_of_day(day)

    @property
    def picks(self) -> list[tuple[str, Role, bool]]:
        """The roles that may be given: (what each lets one do, the role, whether it is chosen)."""
        chosen = self["role"].value()
        return [(str(ROLE_SAYS[role]), role, role.value == chosen) for role in self.roles]


class EndForm(RefusableForm):
    """Why a role is taken away."""

    reason = LineField(
        label=_("Why"),
        help_text=_("The person reads it, and it stands in the record"),
        required=False,
        max_length=MAX_REASON,
        error_messages=TEXT_MESSAGES,
        widget=_line(),
    )
