"""The form of one decision about many."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.actions import MAX_NOTE
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.web.desk.forms import DECISIONS, TOO_LONG, WITH_REASON, ReasonedForm


class BulkForm(ReasonedForm):
    """What is decided about all of them: the decision, one reason and one sentence for every author."""

    decision = forms.ChoiceField(
        choices=[("valid", _("Valid")), ("return", _("Return")), ("invalid", _("Invalid"))],
        label=_("Your decision about all of them"),
        error_messages={"required": _("Choose a decision.")},
    )
    with_benefit = forms.BooleanField(
        required=False, label=_("I could verify the benefits that the authors state (only for “valid”)")
    )
    note = forms.CharField(
        required=False,
        max_length=MAX_NOTE,
        label=_("What every author is told"),
        help_text=_("Needed to return them and to find them invalid"),
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )

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
