"""The form for withdrawing an initiative."""

from __future__ import annotations

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise_lines
from sangkien.initiatives.actions import MAX_NOTE


class WithdrawalForm(forms.Form):
    """Why somebody withdraws an initiative: a sentence that its officers read."""

    default_renderer = DjangoTemplates

    note = forms.CharField(
        max_length=MAX_NOTE,
        label=_("Why do you withdraw it?"),
        help_text=_("A sentence is enough. The officers who would have verified it read it."),
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
        error_messages={
            "required": _("Say in a sentence why."),
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
