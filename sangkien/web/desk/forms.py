"""The form of an officer's decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import format_count, parse_money
from sangkien.core.vietnamese import normalise, normalise_lines
from sangkien.initiatives.actions import MAX_NOTE
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import EventKind, ReasonCode, State, is_open_to_officers
from sangkien.web.initiatives.labels import FIELD_LABELS
from sangkien.web.profile.forms import RefusableForm

DECISIONS = {
    "valid": EventKind.VALIDATED,
    "return": EventKind.RETURNED,
    "invalid": EventKind.INVALIDATED,
    "reinstate": EventKind.REINSTATED,
}
"""The buttons, and what each makes happen."""
WITH_REASON = frozenset({EventKind.RETURNED, EventKind.INVALIDATED})
WITH_NOTE = WITH_REASON | {EventKind.REINSTATED}
MAX_WANTED = 500  # characters that say what is wanted of one part
TOO_LONG = _("This is too long: at most %(limit_value)d characters.")


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A part of the initiative that can be asked about when returning it: a tick, and what is wanted."""

    tick: forms.BoundField
    wanted: forms.BoundField


class ReasonedForm(RefusableForm):
    """A decision (a code of ``DECISIONS``) with its reason and, in the ``note`` of the form, its sentence."""

    reason = forms.ChoiceField(
        choices=[("", _("Reason, needed to return it or to find it invalid")), *ReasonCode.choices],
        required=False,
        label=_("Reason"),
        error_messages={"invalid_choice": _("Choose a reason.")},
        widget=forms.Select({"class": "form-select"}),
    )

    def clean_note(self) -> str:
        """Return the note in NFC, without stray blanks."""
        return normalise_lines(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        """Ask for a reason and a sentence where the decision needs them; of what was typed but is wrong, only why."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = DECISIONS.get(cleaned.get("decision", ""))
        if kind in WITH_REASON and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Choose a reason."))
        if kind in WITH_NOTE and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", _("Say in a sentence why: the author will read it."))
        return cleaned


class DecisionForm(ReasonedForm):
    """What an officer decides about one initiative: the button, a reason, a sentence, the benefit that was verified.

    When it is returned, also which parts the author has to look at (``asked_<part>``), each with a short note of what
    is wanted (``asked_<part>_note``).
    """

    decision = forms.ChoiceField(
        choices=[(name, name) for name in DECISIONS], error_messages={"required": _("Choose a decision.")}
    )
    note = forms.CharField(
        required=False,
        max_length=MAX_NOTE,
        label=_("What the author is told"),
        help_text=_("Needed to return it, to find it invalid and to reinstate it"),
        widget=forms.Textarea({"class": "form-control", "rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )
    benefit_verified = forms.CharField(
        required=False,
        max_length=LONGEST_AMOUNT,
        label=_("Benefit that you could verify, in đồng"),
        help_text=_("Leave it empty if none could be verified"),
        widget=forms.TextInput({"class": "form-control num", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        claimed = initiative.benefit_claimed
        shown = "" if claimed is None else format_count(claimed, get_language() or "vi")
        kwargs["initial"] = {"benefit_verified": shown} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.possible = {name: is_open_to_officers(State(initiative.state), kind) for name, kind in DECISIONS.items()}
        if self.possible["return"]:
            self._offer_parts()

    @property
    def is_possible(self) -> bool:
        """Whether anything can be decided as the initiative stands."""
        return any(self.possible.values())

    @property
    def asked_rows(self) -> list[AskedRow]:
        """Return what can be asked about, part by part."""
        return [AskedRow(self[f"asked_{part}"], self[f"asked_{part}_note"]) for part in self._parts()]

    @property
    def is_asking(self) -> bool:
        """Whether a part was ticked or noted in what was sent: the list is then shown open."""
        return any(row.tick.value() or row.wanted.value() for row in self.asked_rows)

    def asked(self) -> dict[str, str]:
        """Return the parts that the officer asks about, each with what is wanted. A note alone is a tick as well."""
        wanted = {part: normalise(self.cleaned_data[f"asked_{part}_note"]) for part in self._parts()}
        return {part: note for part, note in wanted.items() if note or self.cleaned_data[f"asked_{part}"]}

    def _parts(self) -> list[str]:
        """Return the parts that this form offers to ask about."""
        return [part for part in FIELD_LABELS if f"asked_{part}" in self.fields]

    def _offer_parts(self) -> None:
        """Add a tick and a note for each part of an initiative."""
        for part, label in FIELD_LABELS.items():
            self.fields[f"asked_{part}"] = forms.BooleanField(
                required=False, label=str(label), widget=forms.CheckboxInput({"class": "form-check-input"})
            )
            self.fields[f"asked_{part}_note"] = forms.CharField(
                required=False,
                max_length=MAX_WANTED,
                label=_("What is wanted"),
                widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
                error_messages={"max_length": TOO_LONG},
            )

    def clean_benefit_verified(self) -> int | None:
        """Return the amount in whole đồng, None when none was typed."""
        typed: str = self.cleaned_data["benefit_verified"].strip()
        try:
            return parse_money(typed) if typed else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error), code=error.code) from None

    def kind(self) -> EventKind:
        """Return what the officer wants to happen."""
        return DECISIONS[self.cleaned_data["decision"]]
