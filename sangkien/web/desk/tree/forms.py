"""The forms that change the tree: names, days, reasons, and which units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sangkien.units.checks import kinds_below
from sangkien.units.inputs import MAX_CODE, MAX_DOCUMENT, MAX_NAME, MAX_NOTE, MAX_SHORT_NAME
from sangkien.units.models import Unit
from sangkien.web.member.fields import DATE_NOTATIONS, NOT_A_DAY, NOT_CHOSEN, REQUIRED, LineField, TextField
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm

Words = Any
"""A text, or one that waits for its language: the stubs of Django have a name of their own for that."""
NOT_A_NUMBER = _("Write how many members the unit has.")


def _line(label: Words, limit: int, hint: Words = "", *, required: bool = False, **attributes: object) -> LineField:
    """Return a field for one line."""
    widget = forms.TextInput({"class": "form-control", "autocomplete": "off"} | attributes)
    return LineField(
        label=label,
        help_text=hint,
        required=required,
        max_length=limit,
        error_messages=TEXT_MESSAGES,
        widget=widget,
    )


def _day(label: Words, hint: Words, *, required: bool = True) -> forms.DateField:
    """Return a field for a day as Vietnamese write it."""
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        input_formats=DATE_NOTATIONS,
        error_messages={"required": REQUIRED, "invalid": NOT_A_DAY},
        widget=forms.DateInput(
            {"class": "form-control num w-date", "inputmode": "numeric", "maxlength": 10, "autocomplete": "off"}
        ),
    )


def _reason(hint: Words) -> TextField:
    """Return a field for why something is done."""
    return TextField(
        label=_("Why"),
        help_text=hint,
        max_length=MAX_NOTE,
        error_messages=TEXT_MESSAGES,
        widget=forms.Textarea({"class": "form-control", "rows": 2}),
    )


IN_THE_RECORD = _("A sentence; it stands in the record")
DAY_OF_CHANGE = _("The first day on which it is so: today or earlier, for example 1/7/2025")


def _document() -> LineField:
    return _line(_("Document"), MAX_DOCUMENT, _("For example: 1671/NQ-UBTVQH15, 16/6/2025"))


class NamesForm(RefusableForm):
    """What a unit is called."""

    name_vi = _line(_("Name"), MAX_NAME, _("In full, for example: Liên đoàn Lao động quận Ba Đình"), required=True)
    short_vi = _line(_("Short name"), MAX_SHORT_NAME, _("For tables; the full name if left out"))
    name_en = _line(_("Name in English"), MAX_NAME, _("The Vietnamese one if left out"))
    short_en = _line(_("Short name in English"), MAX_SHORT_NAME)


class OpenForm(NamesForm):
    """A new unit below another."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        error_messages={"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN},
        widget=forms.Select({"class": "form-select"}),
    )
    members = _line(_("Members"), 12, _("How many, if it is known"), inputmode="numeric")
    opened_on = _day(_("Open since"), _("Today if left out; never a day to come"), required=False)
    field_order = ("kind", "name_vi", "short_vi", "name_en", "short_en", "members", "opened_on")

    def __init__(self, parent: Unit, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        choices = [(kind.value, kind.label) for kind in kinds_below(parent)]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = choices if len(choices) == 1 else [("", _("Choose")), *choices]

    def clean_members(self) -> int | None:
        """Return how many members it has, or None."""
        typed = self.cleaned_data["members"].replace(".", "").replace(" ", "")
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit()):
            raise forms.ValidationError(NOT_A_NUMBER, code="bad_members")
        return int(typed)


class RenameForm(NamesForm):
    """Another name for a unit."""

    since = _day(_("Since"), _("Today if left out; never a day to come"), required=False)
    reason = _reason(IN_THE_RECORD)


class CloseForm(RefusableForm):
    """A unit that closes with nothing to follow it."""

    on = _day(_("Closed from"), _("The first day on which it is closed: today or earlier, for example 1/7/2025"))
    reason = _reason(IN_THE_RECORD)
    document = _document()


class MoveForm(RefusableForm):
    """A unit that goes below another."""

    to = _line(
        _("Below which unit"),
        MAX_NAME,
        _("Type its name or its code, with or without diacritics"),
        required=True,
        **{"data-unit-combobox": True},
    )
    on = _day(_("From which day"), DAY_OF_CHANGE)
    reason = _reason(IN_THE_RECORD)
    document = _document()


class MergeForm(RefusableForm):
    """Units that merge, into one that exists or a new one."""

    units = TextField(
        label=_("Units that merge and close"),
        help_text=_("Their codes, one on each line; what follows a code on its line is for you"),
        max_length=60_000,
        error_messages=TEXT_MESSAGES,
        widget=forms.Textarea({"class": "form-control num", "rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    way = forms.ChoiceField(
        label=_("Into"),
        choices=[("existing", _("A unit that exists")), ("new", _("A new unit"))],
        error_messages={"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN},
    )
    into = _line(
        _("Which unit follows them"),
        MAX_NAME,
        _("Type its name or its code, with or without diacritics"),
        **{"data-unit-combobox": True},
    )
    name_vi = _line(_("Name"), MAX_NAME, _("In full, for example: Liên đoàn Lao động quận Ba Đình"))
    short_vi = _line(_("Short name"), MAX_SHORT_NAME)
    name_en = _line(_("Name in English"), MAX_NAME, _("The Vietnamese one if left out"))
    short_en = _line(_("Short name in English"), MAX_SHORT_NAME)
    code = _line(_("Code"), MAX_CODE, _("The next free one if left out"))
    on = _day(_("From which day"), DAY_OF_CHANGE)
    reason = _reason(IN_THE_RECORD)
    document = _document()
    carry_roles = forms.BooleanField(label=_("Their officers become officers of the unit that follows"), required=False)
    carry_targets = forms.BooleanField(
        label=_("Their targets are added to those of the unit that follows, from now on; it can then not be undone"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the successor by the way that was chosen."""
        cleaned = super().clean() or self.cleaned_data
        wanted = {"existing": "into", "new": "name_vi"}.get(cleaned.get("way", ""))
        if wanted and not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, forms.ValidationError(REQUIRED, code="required"))
        return cleaned
