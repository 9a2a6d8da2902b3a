"""The forms by which the level above decides: about an appeal, and at a second look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import format_count, parse_money
from sangkien.initiatives.actions import MAX_NOTE
from sangkien.initiatives.states import ReasonCode
from sangkien.web.member.fields import TextField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm

CHOOSE: dict[str, Any] = {
    "required": _("Choose a decision."),
    "invalid_choice": _("Choose a decision."),
}


def _choice(*names: str) -> forms.ChoiceField:
    """Return which button was pressed."""
    return forms.ChoiceField(choices=[(name, name) for name in names], label="", error_messages=CHOOSE)


def _text(rows: int = 4) -> forms.Textarea:
    return forms.Textarea({"class": "form-control", "rows": rows})


class AppealDecisionForm(RefusableForm):
    """Allow an appeal, with the benefit that could be verified, or dismiss it; always with an answer in writing."""

    decision = _choice("allow", "dismiss")
    note = TextField(
        label=_("Your answer to the author"),
        help_text=_("In writing, whichever way you decide: what you looked at, and why"),
        max_length=MAX_NOTE,
        error_messages=TEXT_MESSAGES | {"required": _("Answer the author in writing: say why.")},
        widget=_text(),
    )
    benefit_verified = forms.CharField(
        required=False,
        max_length=LONGEST_AMOUNT,
        label=_("Benefit that you could verify, in đồng"),
        help_text=_("Only if you allow it. Leave it empty if none could be verified"),
        error_messages=TEXT_MESSAGES,
        widget=forms.TextInput({"class": "form-control num", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, claimed: int | None = None) -> None:
        shown = "" if claimed is None else format_count(claimed, get_language() or "vi")
        super().__init__(data, initial={"benefit_verified": shown})

    @property
    def is_allowing(self) -> bool:
        """Whether the appeal is to be allowed."""
        return bool(self.cleaned_data["decision"] == "allow")

    def clean_benefit_verified(self) -> int | None:
        """Return the amount in whole đồng, None when none was typed."""
        typed: str = self.cleaned_data["benefit_verified"].strip()
        try:
            return parse_money(typed) if typed else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class SecondLookForm(RefusableForm):
    """Confirm what was found valid, or overturn it with a reason and a sentence."""

    decision = _choice("confirm", "overturn")
    reason = forms.ChoiceField(
        choices=[("", _("Reason, needed to overturn it")), *ReasonCode.choices],
        required=False,
        label=_("Reason"),
        error_messages={"invalid_choice": _("Choose a reason.")},
        widget=forms.Select({"class": "form-select"}),
    )
    note = TextField(
        required=False,
        label=_("What is to be said of it"),
        help_text=_("Needed to overturn it: the author reads it"),
        max_length=MAX_NOTE,
        error_messages=TEXT_MESSAGES,
        widget=_text(3),
    )

    @property
    def is_confirming(self) -> bool:
        """Whether it stays valid."""
        return bool(self.cleaned_data["decision"] == "confirm")

    @property
    def reason_given(self) -> ReasonCode | None:
        """The reason that was chosen, None without one."""
        return ReasonCode(self.cleaned_data["reason"]) if self.cleaned_data["reason"] else None
