"""Forms that take a sentence: why somebody withdraws an initiative, and the like."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise_lines
from sangkien.initiatives.actions import MAX_NOTE


class NoteForm(forms.Form):
    """One note that must be there; what it is called is said by the kinds of it."""

    label: str | Promise = ""
    help_text: str | Promise = ""
    missing: str | Promise = _("Say in a sentence why.")
    rows = 3

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["note"] = forms.CharField(
            max_length=MAX_NOTE,
            label=str(self.label),
            help_text=str(self.help_text),
            widget=forms.Textarea({"class": "form-control", "rows": self.rows}),
            error_messages={
                "required": str(self.missing),
                "max_length": _("This is too long: at most %(limit_value)d characters."),
            },
        )

    def clean_note(self) -> str:
        """Return the note in NFC, without stray blanks."""
        note = normalise_lines(self.cleaned_data["note"])
        if not note:
            raise forms.ValidationError(self.fields["note"].error_messages["required"], code="required")
        return note

    def refuse(self, error: InvalidInput) -> None:
        """Put what the action refused at the note."""
        self.add_error("note", forms.ValidationError(str(error), error.code))


class WithdrawalForm(NoteForm):
    """Why somebody withdraws an initiative: a sentence that its officers read."""

    label = _("Why do you withdraw it?")
    help_text = _("A sentence is enough. The officers who would have verified it read it.")
