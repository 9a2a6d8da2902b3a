"""The forms of targets: why, by which document, and a unit's own target."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.programmes.actions import MAX_DOCUMENT, MAX_REASON
from sangkien.web.desk.targets.table import NOT_A_TARGET, read_number
from sangkien.web.member.fields import REQUIRED, LineField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm


def _line(limit: int, label: Any, hint: Any) -> LineField:
    """Return a field for one line that may be left empty."""
    return LineField(
        label=label,
        help_text=hint,
        required=False,
        max_length=limit,
        error_messages=TEXT_MESSAGES,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )


class WordsForm(RefusableForm):
    """Why targets change, and by which document."""

    reason = _line(MAX_REASON, _("Why"), _("Needed when a target is raised or lowered; shown in the history"))
    document = _line(MAX_DOCUMENT, _("Document"), _("For example: 12/KH-LĐLĐ, 15/3/2022"))


class OwnTargetForm(WordsForm):
    """A unit's own target, with why and the document."""

    value = forms.CharField(
        label=_("Target"),
        help_text=_("A number of initiatives, for example: 1.200"),
        max_length=20,
        error_messages={"required": REQUIRED, "max_length": NOT_A_TARGET},
        widget=forms.TextInput({"class": "form-control num w-date", "inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("value", "reason", "document")

    def clean_value(self) -> int:
        """Return the number that was typed."""
        number = read_number(self.cleaned_data["value"])
        if number is None:
            raise forms.ValidationError(NOT_A_TARGET, code="target_out_of_range")
        return number
