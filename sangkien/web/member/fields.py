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
from sangkien.web.member.typed import KEPT_TIMES

Value = TypeVar("Value")

DATE_NOTATIONS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"]
REQUIRED = _("Fill in this field.")
NOT_CHOSEN = _("Choose one of these.")
NOT_A_SHARE = _("A share is a whole number from 1 to 100.")
NOT_A_DAY = _("This is not a day. Write it like 14/2/2022.")


class Shared(dict[str, forms.Field]):
    """Fields that the forms of a class share: copying some forty of them is what takes longest in making a form.

    Whoever wants another one in a form puts it there in its place and changes none.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        """Return them for one form, as it asks for them."""
        return dict(self)


class RoomyField(forms.CharField):
    """A text that may be typed longer than it may be in the end: its widget says how much is kept."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return no limit of the browser's, which would cut a pasted text without a word."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class LineField(RoomyField):
    """One line of text, in NFC and without stray blanks before its length is measured."""

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        return normalise(super().to_python(value) or "")


class TextField(RoomyField):
    """Several lines of text, cleaned like ``LineField``."""

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        return normalise_lines(super().to_python(value) or "")


def line(name: str, limit: int, **options: Any) -> LineField:
    """Return the field ``name`` for one line of at most ``limit`` characters."""
    widget = forms.TextInput(_attributes(name, limit, "form-control", options))
    return LineField(max_length=limit, widget=widget, **_told(options))


def text(name: str, limit: int, rows: int, **options: Any) -> TextField:
    """Return the field ``name`` for several lines of at most ``limit`` characters."""
    widget = forms.Textarea(_attributes(name, limit, "form-control", options) | {"rows": rows})
    return TextField(max_length=limit, widget=widget, **_told(options))


def day(name: str, **options: Any) -> forms.DateField:
    """Return the field ``name`` for a day as Vietnamese write it."""
    attributes = _attributes(name, 10, "form-control num w-date", options) | {"inputmode": "numeric"}
    return forms.DateField(
        input_formats=DATE_NOTATIONS,
        widget=forms.DateInput(attributes | {"autocomplete": "off"}),
        error_messages={"required": REQUIRED, "invalid": NOT_A_DAY},
        **options,
    )


def choice(choices: Any, **options: Any) -> forms.ChoiceField:
    """Return a field for one of several codes; templates draw it."""
    messages = {"required": NOT_CHOSEN, "invalid_choice": NOT_CHOSEN}
    return forms.ChoiceField(choices=choices, error_messages=messages, **options)


def share(**options: Any) -> forms.IntegerField:
    """Return a field for an author's share in whole percent; templates draw it."""
    messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), NOT_A_SHARE)
    return forms.IntegerField(min_value=1, max_value=100, error_messages=messages, **options)


def _attributes(name: str, limit: int, classes: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return what an input says of itself. More than its limit may be typed, to be shortened afterwards.

    It is always described by the place for its errors, which the page fills while people type.
    """
    described = f"id_{name}_error" + (f" id_{name}_helptext" if options.get("help_text") else "")
    return {
        "class": classes,
        "maxlength": limit * KEPT_TIMES,
        "data-limit": limit,
        "aria-describedby": described,
        **options.pop("attrs", {}),
    }


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
