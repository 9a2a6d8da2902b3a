"""The form of submitting an initiative."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, NotFound
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import parse_money
from sangkien.core.vietnamese import normalise
from sangkien.initiatives.inputs import (
    MAX_DOCUMENT,
    MAX_TEXT,
    TEXT_LIMITS,
    AuthorInput,
    InitiativeContent,
    clean_authors,
)
from sangkien.initiatives.models import Kind
from sangkien.initiatives.queries import get_field, list_fields
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Phase
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit, search_units
from sangkien.web.member.fields import REQUIRED, accepted, day, line, text, written

AUTHOR_ROWS = 4
LONGEST_UNIT = 200  # characters of a unit's code or name as people type it

KIND_HINTS = {
    Kind.TECHNICAL_SOLUTION: _("A product, a tool, a device, a process"),
    Kind.MANAGEMENT_SOLUTION: _("Organising and directing work"),
    Kind.OPERATIONAL_SOLUTION: _("A way of doing a professional task"),
    Kind.TECHNOLOGY_APPLICATION: _("Bringing a known technique to your unit"),
    Kind.RESEARCH_PROJECT: "",
}


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """The fields of one author on the form; number 1 is the principal author."""

    number: int
    name: BoundField
    title: BoundField
    share: BoundField

    @property
    def parts(self) -> tuple[BoundField, BoundField, BoundField]:
        """Its fields."""
        return self.name, self.title, self.share

    @property
    def errors(self) -> list[str]:
        """What is wrong with this author, if anything."""
        return [str(error) for field in self.parts for error in field.errors]


class SubmissionForm(forms.Form):
    """One initiative on one page. ``own_unit`` is where the person belongs; without it the unit is asked for.
    ``phase`` is the one that is open.

    What the form finds valid it gives as ``content()``, ``authors()`` and ``chosen_unit()``; what only the action can
    tell (the period that counts, a closed unit) comes back through ``refuse()``.
    """

    default_renderer = DjangoTemplates
    # A field of the form that stands for the input that an action names.
    STANDS_FOR: ClassVar[dict[str, str]] = {"benefit_claimed": "benefit", "authors": "author1_share"}

    token = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)
    title = text(TEXT_LIMITS["title"], 2, label=_("Name of the initiative"), help_text=_("Say what was done and where"))
    kind = forms.ChoiceField(
        choices=Kind.choices,
        widget=forms.RadioSelect,
        label=_("Kind of solution"),
        error_messages={"required": REQUIRED},
    )
    field = forms.ChoiceField(
        label=_("Field of work"),
        widget=forms.Select({"class": "form-select"}),
        error_messages={"required": REQUIRED},
    )
    problem = text(
        MAX_TEXT,
        3,
        label=_("What got in the way before?"),
        help_text=_("Write as if you were telling somebody of your trade. No official wording is needed."),
    )
    solution = text(
        MAX_TEXT, 6, label=_("What did you do?"), help_text=_("The main steps, the materials, who can do it")
    )
    novelty = text(
        MAX_TEXT,
        3,
        label=_("What is new about it?"),
        help_text=_("What nobody at your workplace did like this before"),
        required=False,
    )
    applied_on = day(label=_("Day of first use"), help_text=_("For example: 14/2/2022"))
    recognised_by = line(
        TEXT_LIMITS["recognised_by"],
        label=_("Recognised by"),
        help_text=_("The initiative council or the head of the unit that has recognised it"),
    )
    recognition_document = line(
        MAX_DOCUMENT,
        label=_("Number of the decision"),
        help_text=_("For example: 214/QĐ-TBK"),
        required=False,
    )
    recognised_on = day(label=_("Day of the decision"), help_text=_("For example: 18/4/2022"), required=False)
    benefit = line(
        LONGEST_AMOUNT,
        label=_("Benefit in the first year, in đồng"),
        help_text=_("As you would write it: 12,5 triệu or 12.500.000. Write 0 if the gain is not in money."),
        required=False,
    )
    no_benefit_reason = line(
        TEXT_LIMITS["no_benefit_reason"],
        label=_("Or: why it cannot be computed in money"),
        help_text=_("For example: the machine has run for less than a month"),
        required=False,
    )
    social_benefit = text(
        MAX_TEXT,
        3,
        label=_("What else has become better?"),
        help_text=_("Safety, health, time, the environment, service to people"),
        required=False,
    )
    unit = line(LONGEST_UNIT, label=_("Your trade union"), help_text=_("Its code, or its name as it is known"))
    category = forms.ChoiceField(
        choices=Category.choices,
        widget=forms.RadioSelect,
        label=_("The principal author is one of the"),
        error_messages={"required": REQUIRED},
    )

    def __init__(self, *args: Any, person: Person, own_unit: Unit | None, phase: Phase | None, **kwargs: Any) -> None:
        initial = {"author1_name": person.full_name, "author1_share": 100, "category": person.category}
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.person = person
        self.own_unit = own_unit
        self.phase = phase
        self.unit_matches: list[Unit] = []
        self._fields_by_code = {found.code: found for found in list_fields()}
        choices = [(code, found.name) for code, found in self._fields_by_code.items()]
        self._choice("field").choices = [("", _("Choose a field")), *choices]
        self.fields["unit"].widget.attrs["list"] = "units"
        self.fields["benefit"].widget.attrs["autocomplete"] = "off"
        if own_unit is not None:
            del self.fields["unit"]
        for number in range(1, AUTHOR_ROWS + 1):
            self._add_author(number)

    # --- what templates draw ---------------------------------------------------------------------------------

    @property
    def author_rows(self) -> list[AuthorRow]:
        """The rows of the authors, the principal author first."""
        return [
            AuthorRow(n, self[f"author{n}_name"], self[f"author{n}_title"], self[f"author{n}_share"])
            for n in range(1, AUTHOR_ROWS + 1)
        ]

    @property
    def co_author_rows(self) -> list[AuthorRow]:
        """The rows of the other authors."""
        return self.author_rows[1:]

    @property
    def has_co_authors(self) -> bool:
        """Whether anything stands, or is wrong, in the rows of the other authors."""
        return any(row.errors or any(part.value() for part in row.parts) for row in self.co_author_rows)

    @property
    def kinds(self) -> list[tuple[str, Any, Any, bool]]:
        """The kinds of solution as (value, name, hint, chosen)."""
        chosen = self["kind"].value()
        return [(kind.value, kind.label, KIND_HINTS[kind], kind.value == chosen) for kind in Kind]

    @property
    def categories(self) -> list[tuple[str, Any, bool]]:
        """The categories as (value, name, chosen)."""
        chosen = self["category"].value()
        return [(category.value, category.label, category.value == chosen) for category in Category]

    @property
    def faults(self) -> list[tuple[str, Any, str]]:
        """Everything that is wrong, as (id of the input or "", its label, what to do), in the order of the page."""
        found: list[tuple[str, Any, str]] = [("", "", str(error)) for error in self.non_field_errors()]
        for name in self.fields:
            field = self[name]
            anchor = field.id_for_label or field.auto_id  # of a group of choices: the group
            found += [(anchor, field.label, str(error)) for error in field.errors]
        return found

    # --- checking --------------------------------------------------------------------------------------------

    def clean_field(self) -> Any:
        """Return the field of work itself."""
        return self._fields_by_code.get(self.cleaned_data["field"]) or get_field(self.cleaned_data["field"])

    def clean_applied_on(self) -> date:
        """Return the day. That it lies outside the period that counts is said here already, beside all the rest."""
        applied_on: date = self.cleaned_data["applied_on"]
        if self.phase and not self.phase.applied_from <= applied_on <= self.phase.applied_until:
            raise forms.ValidationError(
                _(
                    "Only what was first used between %(first)s and %(last)s counts. "
                    "If this was a trial, give the day of regular use."
                ),
                code="outside_window",
                params={"first": written(self.phase.applied_from), "last": written(self.phase.applied_until)},
            )
        return applied_on

    def clean_benefit(self) -> int | None:
        """Return the amount in whole đồng, None when none was typed."""
        typed: str = self.cleaned_data["benefit"]
        return accepted(parse_money, typed) if typed else None

    def clean_unit(self) -> Unit:
        """Return the unit whose code or whole name was typed; several that are like it are offered."""
        typed: str = self.cleaned_data["unit"]
        try:
            return get_unit(typed)
        except NotFound as error:
            self.unit_matches = search_units(typed)
            if not self.unit_matches:
                raise forms.ValidationError(str(error), code=error.code) from None
        same_code = [unit for unit in self.unit_matches if unit.code.casefold() == typed.casefold()]
        likely = same_code or self.unit_matches
        if len(likely) == 1:
            return likely[0]
        raise forms.ValidationError(_("Several units are like this one. Type the code of yours."), code="several_units")

    def clean(self) -> dict[str, Any]:
        """Check what spans several fields: benefit or reason, and the shares of the authors."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "benefit" in cleaned and cleaned["benefit"] is None and not cleaned.get("no_benefit_reason"):
            self.add_error("benefit", _("Give the benefit of the first year, or say why it cannot be computed."))
        rows_are_sound = not any(row.errors for row in self.author_rows)
        if rows_are_sound and "category" in cleaned:
            try:
                cleaned["authors"] = clean_authors(self._typed_authors(cleaned))
            except InvalidInput as error:
                self.refuse(error)
        return cleaned

    def refuse(self, error: InvalidInput) -> None:
        """Put what an action refused at the input that it names, or on top."""
        name = self.STANDS_FOR.get(error.field or "", error.field)
        self.add_error(name if name in self.fields else None, forms.ValidationError(str(error), code=error.code))

    # --- what is submitted -----------------------------------------------------------------------------------

    def content(self) -> InitiativeContent:
        """Return what the initiative says."""
        names = (
            "field", "title", "problem", "solution", "applied_on", "novelty", "recognised_by", "recognition_document",
            "recognised_on", "no_benefit_reason", "social_benefit",
        )  # fmt: skip
        values = {name: self.cleaned_data[name] for name in names}
        return InitiativeContent(
            kind=Kind(self.cleaned_data["kind"]), benefit_claimed=self.cleaned_data["benefit"], **values
        )

    def authors(self) -> list[AuthorInput]:
        """Return the authors, the principal author first."""
        authors: list[AuthorInput] = self.cleaned_data["authors"]
        return authors

    def chosen_unit(self) -> Unit:
        """Return the unit that the initiative counts for."""
        unit: Unit = self.own_unit or self.cleaned_data["unit"]
        return unit

    def _typed_authors(self, cleaned: dict[str, Any]) -> list[AuthorInput]:
        """Return the rows that somebody has filled in, as authors."""
        authors = []
        for n in range(1, AUTHOR_ROWS + 1):
            name, title, share = (cleaned[f"author{n}_{part}"] for part in ("name", "title", "share"))
            if n > 1 and not (name or title or share):
                continue
            is_person = n == 1 and name == normalise(self.person.full_name)
            authors.append(
                AuthorInput(
                    name=name,
                    category=Category(cleaned["category"]),
                    share=share or 0,
                    title=title,
                    person_id=self.person.pk if is_person else None,
                )
            )
        return authors

    def _add_author(self, number: int) -> None:
        """Add the fields of one author; only the principal author must be there."""
        self.fields[f"author{number}_name"] = line(200, label=_("Full name"), required=number == 1)
        self.fields[f"author{number}_title"] = line(200, label=_("Position, work"), required=False)
        self.fields[f"author{number}_share"] = forms.IntegerField(
            label=_("Share in percent"),
            required=number == 1,
            min_value=1,
            max_value=100,
            widget=forms.TextInput({"class": "form-control num", "inputmode": "numeric", "maxlength": 3}),
            error_messages={
                "required": REQUIRED,
                "invalid": _("A share is a whole number from 1 to 100."),
                "min_value": _("A share is a whole number from 1 to 100."),
                "max_value": _("A share is a whole number from 1 to 100."),
            },
        )

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field
