"""The form by which a programme's terms of verification are changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import format_count, parse_money
from sangkien.programmes.actions import MAX_REASON
from sangkien.programmes.models import VerificationTerms
from sangkien.web.member.fields import LineField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm

DAYS = _("A number of days from 1 to 365.")
SHARE = _("A share in percent, from 0 to 100.")


def _number(label: Any, help_text: Any, smallest: int, largest: int, wrong: Any) -> forms.IntegerField:
    """Return an input for a whole number within bounds."""
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=smallest,
        max_value=largest,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
        widget=forms.TextInput({"class": "form-control num", "inputmode": "numeric", "autocomplete": "off"}),
    )


class TermsForm(RefusableForm):
    """The days for deciding and for appeals, what gets a second look, and why they change."""

    due_days = _number(
        _("Days for a decision"), _("An initiative is overdue after the end of the last of them"), 1, 365, DAYS
    )
    appeal_days = _number(_("Days for an appeal"), _("After it was found invalid"), 1, 365, DAYS)
    second_share = _number(
        _("Second look: share drawn by lot, in percent"),
        _("Of what is found valid; 0 for none. Nobody knows beforehand which"),
        0,
        100,
        SHARE,
    )
    second_benefit = forms.CharField(
        required=False,
        max_length=LONGEST_AMOUNT,
        label=_("Second look: from which benefit on, in đồng"),
        help_text=_("Everything with a verified benefit of at least this much. Leave it empty for none"),
        error_messages=TEXT_MESSAGES,
        widget=forms.TextInput({"class": "form-control num", "autocomplete": "off"}),
    )
    reason = LineField(
        label=_("Why they change"),
        help_text=_("In one sentence: it stands in the history below"),
        max_length=MAX_REASON,
        error_messages=TEXT_MESSAGES | {"required": _("Say in one sentence why they change.")},
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, terms: VerificationTerms, data: Any = None) -> None:
        benefit = terms.second_benefit
        initial = {
            "due_days": terms.due_days,
            "appeal_days": terms.appeal_days,
            "second_share": terms.second_share,
            "second_benefit": "" if benefit is None else format_count(benefit, get_language() or "vi"),
        }
        super().__init__(data, initial=initial)

    def clean_second_benefit(self) -> int | None:
        """Return the amount in whole đồng, None when none was typed."""
        typed: str = self.cleaned_data["second_benefit"].strip()
        try:
            return parse_money(typed) if typed else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error), code=error.code) from None
