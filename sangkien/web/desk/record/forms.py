"""What of the record is looked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.audit.labels import ACTIONS
from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.initiatives.codes import number_of
from sangkien.people.contacts import MAX_CONTACT
from sangkien.units.record import subjects_called
from sangkien.web.member.fields import DATE_NOTATIONS, NOT_A_DAY, NOT_CHOSEN, LineField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm


def _line() -> forms.TextInput:
    return forms.TextInput({"class": "form-control", "autocomplete": "off"})


def _day() -> forms.DateInput:
    return forms.DateInput({"class": "form-control num", "inputmode": "numeric", "autocomplete": "off"})


def _known_day(day: date | None) -> date | None:
    """Return the day. Raises ValidationError for one of a year that the clock does not know."""
    if day is not None and not clock.EARLIEST_YEAR <= day.year <= clock.LATEST_YEAR:
        raise forms.ValidationError(NOT_A_DAY, code="invalid")
    return day


class SearchForm(RefusableForm):
    """By whom, what, to what, and between which days. Its fields are parameters of the address."""

    ai = LineField(
        label=_("By whom"),
        help_text=_("A name, or exactly an e-mail address, number or user name"),
        required=False,
        max_length=MAX_CONTACT,
        error_messages=TEXT_MESSAGES,
        widget=_line(),
    )
    viec = forms.ChoiceField(label=_("What"), required=False, error_messages={"invalid_choice": NOT_CHOSEN})
    cho = LineField(
        label=_("To what or whom"),
        help_text=_("The code of an initiative or a unit, or somebody as above"),
        required=False,
        max_length=MAX_CONTACT,
        error_messages=TEXT_MESSAGES,
        widget=_line(),
    )
    tu = forms.DateField(
        label=_("From"),
        required=False,
        input_formats=DATE_NOTATIONS,
        error_messages={"invalid": NOT_A_DAY},
        widget=_day(),
    )
    den = forms.DateField(
        label=_("To the end of"),
        required=False,
        input_formats=DATE_NOTATIONS,
        error_messages={"invalid": NOT_A_DAY},
        widget=_day(),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        actions = sorted(((code, str(label)) for code, label in ACTIONS.items()), key=lambda one: one[1])
        field = self.fields["viec"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everything")), *actions]
        field.widget.attrs["class"] = "form-select"

    def clean_cho(self) -> list[tuple[str, str]]:
        """Return what may be meant, as pairs of kind and code; none when nothing was typed."""
        typed: str = self.cleaned_data["cho"]
        if not typed:
            return []
        try:
            return [("initiative", str(number_of(typed)))]
        except InvalidInput:
            found = subjects_called(typed)
        if not found:
            raise forms.ValidationError(
                _("No initiative, unit or person is known by exactly this."), code="unknown_subject"
            )
        return found

    def clean_tu(self) -> datetime | None:
        """Return the moment at which the first day begins."""
        day = _known_day(self.cleaned_data["tu"])
        return clock.start_of_day(day) if day else None

    def clean_den(self) -> datetime | None:
        """Return the moment at which the last day ends."""
        day = _known_day(self.cleaned_data["den"])
        return clock.end_of_day(day) if day else None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is looked for in particular."""
        return any(self.data.get(name) for name in self.fields)
