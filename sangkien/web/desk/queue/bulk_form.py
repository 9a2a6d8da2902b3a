"""The form of one decision about many."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise_lines
from sangkien.initiatives.actions import MAX_NOTE
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.web.desk.forms import DECISIONS, TOO_LONG, WITH_REASON


class BulkForm(forms.Form):
    """What is decided about all of them: the decision, one reason and one sentence for every author."""

    decision = forms.ChoiceField(
        choices=[("valid", _("Valid")), ("return", _("Return")), ("invalid", _("Invalid"))],
        label=_("Your decision about all of them"),
        error_messages={"required": _("Choose a decision.")},
    )
    with_benefit = forms.BooleanField(
        required=False, label=_("I could verify the benefits that the authors state (only for “valid”)")
    )
    reason = forms.ChoiceField(
        choices=[("", _("Reason, needed to return it or to find it invalid")), *ReasonCode.choices],
        required=False,
        label=_("Reason"),
        widget=forms.Select({"class": "form-select"}),
    )
    note = forms.CharField(
        required=False,
        max_length=MAX_NOTE,
        label=_("What every author is told"),
        help_text=_("Needed to return them and to find them invalid"),
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )

    def clean_note(self) -> str:
        """Return the note in NFC, without stray blanks."""
        return normalise_lines(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        """Ask for a reason and a sentence where the decision needs them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if DECISIONS.get(cleaned.get("decision", "")) in WITH_REASON:
            if not cleaned.get("reason"):
                self.add_error("reason", _("Choose a reason."))
            if not cleaned.get("note") and "note" not in self.errors:
                self.add_error("note", _("Say in a sentence why: the author will read it."))
        return cleaned

    def refuse(self, error: InvalidInput) -> None:
        """Put what the action refused at the input that it names, or on top."""
        self.add_error(error.field if error.field in self.fields else None, forms.ValidationError(str(error)))

    def decision_kind(self) -> EventKind:
        """Return what is to happen to each of them."""
        return DECISIONS[self.cleaned_data["decision"]]

    def decision_of(self) -> dict[str, Any]:
        """Return what the action takes."""
        kind = self.decision_kind()
        reason = self.cleaned_data["reason"] if kind in WITH_REASON else ""
        return {
            "kind": kind,
            "reason": ReasonCode(reason) if reason else None,
            "note": self.cleaned_data["note"],
            "with_benefit": kind == EventKind.VALIDATED and self.cleaned_data["with_benefit"],
        }
