"""Fields that clean what people type before they measure it, and say in our words what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import format_date
from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise, normalise_lines

Value = TypeVar("Value")

DATE_NOTATIONS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"]
REQUIRED = _("Fill in this field.")
NOT_A_DAY = _("This is not a day. Write it like 14/2/2022.")


class LineField(forms.CharField):
    """One line of text, in NFC and without stray blanks before its length is measured."""

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        return normalise(super().to_python(value) or "")


class TextField(forms.CharField):
    """Several lines of text, cleaned like ``LineField``."""

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        return normalise_lines(super().to_python(value) or "")


def line(limit: int, **options: Any) -> LineField:
    """Return a field for one line of at most ``limit`` characters."""
    return LineField(max_length=limit, widget=forms.TextInput({"class": "form-control"}), **_told(options))


def text(limit: int, rows: int, **options: Any) -> TextField:
    """Return a field for several lines of at most ``limit`` characters."""
    return TextField(max_length=limit, widget=forms.Textarea({"class": "form-control", "rows": rows}), **_told(options))


def day(**options: Any) -> forms.DateField:
    """Return a field for a day as Vietnamese write it."""
    widget = forms.DateInput({"class": "form-control num w-date", "inputmode": "numeric", "maxlength": 12})
    return forms.DateField(
        input_formats=DATE_NOTATIONS,
        widget=widget,
        error_messages={"required": REQUIRED, "invalid": NOT_A_DAY},
        **options,
    )


def _told(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with our words for what goes wrong."""
    messages = {
        "required": REQUIRED,
        "max_length": _("This is too long: at most %(limit_value)d characters."),
    }
    return {"error_messages": messages, **options}


def written(one: date) -> str:
    """Return a day as the reader writes it."""
    return format_date(one, get_language() or "vi")


def accepted(read: Callable[[str], Value], typed: str) -> Value:
    """Return what ``read`` makes of a text; its refusal becomes the form's."""
    try:
        return read(typed)
    except InvalidInput as error:
        raise forms.ValidationError(str(error), code=error.code) from None
