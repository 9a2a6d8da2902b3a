"""The form of an initiative: what is asked, and what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import Conflict, InvalidInput
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import format_money, parse_money
from sangkien.initiatives.inputs import (
    DROPPED_OF_SECRET,
    MAX_DOCUMENT,
    MAX_TEXT,
    REQUIRED_OF_SECRET,
    REQUIRED_TEXTS,
    TEXT_LIMITS,
    AuthorInput,
    InitiativeContent,
    check_benefit,
    clean_authors,
)
from sangkien.initiatives.models import Kind
from sangkien.initiatives.queries import get_field, list_fields
from sangkien.people.categories import Category
from sangkien.programmes.models import Field
from sangkien.units.models import Unit
from sangkien.web.member.authors import AuthorRow, author_fields, read_authors, rows_of
from sangkien.web.member.fields import NOT_CHOSEN, Shared, accepted, choice, day, line, text
from sangkien.web.member.typed import AUTHOR_PARTS, KEPT_TIMES, LONGEST_UNIT, author_rows, was_cut
from sangkien.web.member.workplaces import units_by_text, units_like

KIND_HINTS = {
    Kind.TECHNICAL_SOLUTION: _("A product, a tool, a device, a process"),
    Kind.MANAGEMENT_SOLUTION: _("Organising and directing work"),
    Kind.OPERATIONAL_SOLUTION: _("A way of doing a professional task"),
    Kind.TECHNOLOGY_APPLICATION: _("Bringing a known technique to your unit"),
    Kind.RESEARCH_PROJECT: "",
}
STEPS: tuple[tuple[str, ...], ...] = (
    ("author1_name", "author1_title", "not_author", "author1_category", "unit", "authors"),
    (
        "title", "kind", "field", "is_secret", "award", "problem", "solution", "novelty", "conditions",
        "applied_scope", "applicable_scope", "confidential_parts", "applied_on", "is_ip_protected",
    ),
    (
        "benefit", "no_benefit_reason", "social_benefit", "recognised_by", "recognition_document", "recognised_on",
        "attachments",
    ),
)  # fmt: skip
"""The inputs in the order in which they are asked, by step."""


class SubmissionForm(forms.Form):
    """One initiative. ``typed`` is what stands in the inputs; unless ``checks``, it is only shown.

    ``own_unit`` is where the person belongs: an initiative counts for it unless another is named. ``accounts`` are
    the people (id) who may be among the authors, by ``search_key`` of the name; ``field_of_work`` spares reading the
    one that was chosen.

    What the form finds valid it gives as ``content()``, ``author_inputs()`` and ``chosen_unit()``; what only the
    action can tell comes back through ``refuse()``.
    """

    # An input of the form that stands for the input that an action names.
    STANDS_FOR: ClassVar[dict[str, str]] = {"benefit_claimed": "benefit", "category": "author1_category"}

    title = text("title", TEXT_LIMITS["title"], 2, label=_("Name of the initiative"), help_text=_("Say what and where"))
    kind = choice(Kind.choices, label=_("Kind of solution"))
    field = forms.CharField(label=_("Field of work"), error_messages={"required": NOT_CHOSEN})
    is_secret = forms.BooleanField(required=False, label=_("It is a secret technology"))
    award = line(
        "award",
        TEXT_LIMITS["award"],
        label=_("Award that it has received"),
        help_text=_("For example: First prize of the technical contest of the province, 2022"),
        required=False,
    )
    problem = text("problem", MAX_TEXT, 3, label=_("What got in the way before?"), required=False)
    solution = text(
        "solution",
        MAX_TEXT,
        6,
        label=_("What did you do?"),
        help_text=_("The main steps, the materials, who can do it"),
        required=False,
    )
    novelty = text(
        "novelty",
        MAX_TEXT,
        3,
        label=_("What is new about it?"),
        help_text=_("What nobody at your workplace did like this before"),
        required=False,
    )
    conditions = text(
        "conditions",
        MAX_TEXT,
        2,
        label=_("What is needed to apply it?"),
        help_text=_("Machines, materials, training"),
        required=False,
    )
    applied_scope = text("applied_scope", MAX_TEXT, 2, label=_("Where is it applied?"), required=False)
    applicable_scope = text("applicable_scope", MAX_TEXT, 2, label=_("Where else could it be applied?"), required=False)
    confidential_parts = text(
        "confidential_parts",
        MAX_TEXT,
        2,
        label=_("What has to be kept confidential?"),
        help_text=_("Only you and the officers who verify it can read this"),
        required=False,
    )
    applied_on = day("applied_on", label=_("Day of first use"), help_text=_("For example: 14/2/2022"))
    is_ip_protected = forms.BooleanField(required=False, label=_("It is protected by a patent or a utility solution"))
    benefit = line(
        "benefit",
        LONGEST_AMOUNT,
        label=_("Benefit in the first year, in đồng"),
        help_text=_("As you would write it: 12,5 triệu or 12.500.000. Write 0 if the gain is not in money."),
        attrs={"autocomplete": "off", "autocapitalize": "none"},
        required=False,
    )
    no_benefit_reason = line(
        "no_benefit_reason",
        TEXT_LIMITS["no_benefit_reason"],
        label=_("Or: why it cannot be computed in money"),
        help_text=_("For example: the machine has run for less than a month"),
        required=False,
    )
    social_benefit = text(
        "social_benefit",
        MAX_TEXT,
        3,
        label=_("What else has become better?"),
        help_text=_("Safety, health, time, the environment, service to people"),
        required=False,
    )
    recognised_by = line(
        "recognised_by",
        TEXT_LIMITS["recognised_by"],
        label=_("Recognised by"),
        help_text=_("The initiative council or the head of the unit that has recognised it"),
    )
    recognition_document = line(
        "recognition_document",
        MAX_DOCUMENT,
        label=_("Number of the decision"),
        help_text=_("For example: 214/QĐ-TBK"),
        attrs={"autocomplete": "off", "autocapitalize": "characters"},
        required=False,
    )
    recognised_on = day(
        "recognised_on", label=_("Day of the decision"), help_text=_("For example: 18/4/2022"), required=False
    )
    unit = line(
        "unit",
        LONGEST_UNIT,
        label=_("Trade union of the principal author"),
        help_text=_("Type its name or its code; it may be without diacritics"),
        attrs={"autocomplete": "off", "data-unit-combobox": True},
        required=False,
    )
    not_author = forms.BooleanField(required=False, label=_("I send it for others, I am not an author"))
    remember = forms.BooleanField(required=False)
    authors = forms.CharField(required=False, label=_("Authors and their shares"))

    def __init__(
        self,
        typed: Mapping[str, str],
        *,
        own_unit: Unit | None,
        accounts: Mapping[str, int],
        field_of_work: Field | None = None,
        checks: bool = False,
    ) -> None:
        self.typed = dict(typed)
        super().__init__(self.typed if checks else None, initial=self.typed)
        self.own_unit = own_unit
        self.accounts = accounts
        self.field_of_work = field_of_work
        self.unit_matches: list[Unit] = []
        self.unit_names: dict[str, str] = {}
        self.fields.update(author_fields(self.typed))
        self.is_secretive = bool(self.typed.get("is_secret"))
        self.fields.update(_required(REQUIRED_OF_SECRET if self.is_secretive else REQUIRED_TEXTS))

    # --- what templates draw ---------------------------------------------------------------------------------

    def show_units(self, names: Mapping[str, str]) -> None:
        """Let the inputs of units show names for codes."""
        self.unit_names = dict(names)
        if known := names.get(self.typed.get("unit", "")):
            self.fields["unit"] = deepcopy(self.fields["unit"])
            self.fields["unit"].widget.attrs["data-unit-name"] = known

    @cached_property
    def author_rows(self) -> list[AuthorRow]:
        """The rows of the authors, the principal author first."""
        return rows_of(self, self.typed)

    @property
    def model_row(self) -> AuthorRow:
        """The row that a script copies."""
        return AuthorRow(0, dict.fromkeys(AUTHOR_PARTS, ""))

    @property
    def has_details(self) -> bool:
        """Whether anything stands in the inputs that are asked last."""
        details = ("conditions", "applied_scope", "applicable_scope", "confidential_parts")
        return any(self.typed.get(name) or (self.is_bound and name in self.errors) for name in details)

    @property
    def kinds(self) -> list[tuple[str, Any, Any, bool]]:
        """The kinds of solution as (value, name, hint, chosen)."""
        chosen = self.typed.get("kind")
        return [(kind.value, kind.label, KIND_HINTS[kind], kind.value == chosen) for kind in Kind]

    @property
    def categories(self) -> list[tuple[str, Any]]:
        """The categories of people as (value, name)."""
        return list(Category.choices)

    @property
    def category_picks(self) -> list[tuple[str, Any, str, bool]]:
        """The categories for the principal author as (value, name, no hint, chosen)."""
        chosen = self.typed.get("author1_category")
        return [(value, name, "", value == chosen) for value, name in Category.choices]

    @property
    def fields_of_work(self) -> list[Field]:
        """The fields of work to choose from."""
        return list_fields()

    @property
    def faults(self) -> list[tuple[str, Any, str]]:
        """Everything that is wrong, as (id of the input or "", its label, what to do), in the order of the page."""
        found: list[tuple[str, Any, str]] = [("", "", str(error)) for error in self.non_field_errors()]
        asked = [name for step in STEPS for name in step if name in self.errors]
        of_authors = [name for name in self.errors if name.startswith("author") and name not in asked]
        if of_authors or "authors" in asked:
            after = sum(1 for name in asked if name in STEPS[0] and name != "authors")
            asked[after:after] = of_authors
        for name in asked:
            label = self.fields[name].label
            if name in of_authors:
                number = name.removeprefix("author").split("_")[0]
                label = f"{_('Author')} {number}, {label}"
            found += [(f"id_{name}", label, str(error)) for error in self.errors[name]]
        return found

    # --- checking --------------------------------------------------------------------------------------------

    def clean_field(self) -> Any:
        """Return the field of work itself."""
        code = self.cleaned_data["field"]
        if self.field_of_work and self.field_of_work.code == code:
            return self.field_of_work
        try:
            return get_field(code)
        except InvalidInput as error:
            raise forms.ValidationError(str(error), code=error.code) from None

    def clean_benefit(self) -> int | None:
        """Return the amount in whole đồng, None when none was typed."""
        typed: str = self.cleaned_data["benefit"]
        return accepted(_read_benefit, typed) if typed else None

    def clean_unit(self) -> Unit:
        """Return the unit that was named, or the person's own; several that are like it are offered."""
        typed: str = self.cleaned_data["unit"]
        if not typed:
            if self.own_unit is None:
                raise forms.ValidationError(_("Name the trade union of the principal author."), code="required")
            return self.own_unit
        if self.own_unit is not None and typed == self.own_unit.code:
            self.unit_names[typed] = self.own_unit.name
            return self.own_unit
        likely = units_like(typed)
        if len(likely) == 1:
            self.unit_names[likely[0].code] = likely[0].name
            return likely[0]
        self.unit_matches = likely
        if likely:
            raise forms.ValidationError(_("Several units are like this one. Choose yours."), code="several_units")
        raise forms.ValidationError(_("No unit is known by this name or code."), code="unknown_unit")

    def clean(self) -> dict[str, Any]:
        """Check what spans several inputs: benefit or reason, and the authors."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        has_none = "benefit" in cleaned and cleaned["benefit"] is None and not cleaned.get("no_benefit_reason")
        if has_none and not self.is_secretive:
            message = _("Give the benefit of the first year, or say why it cannot be computed.")
            self.add_error("benefit", forms.ValidationError(message, code="benefit_or_reason"))
        for name in DROPPED_OF_SECRET if self.is_secretive else ():
            self.errors.pop(name, None)
            cleaned[name] = ""
        for name in [name for name in self.errors if was_cut(self.typed, name)]:
            kept = {"kept": KEPT_TIMES * (getattr(self.fields[name], "max_length", None) or 0)}
            self.add_error(name, _("Only the first %(kept)d characters have been kept here.") % kept)
        if "author1_category" in cleaned and not any(name.startswith("author") for name in self.errors):
            self._clean_authors(cleaned)
        return cleaned

    def refuse(self, refused: InvalidInput | Conflict) -> None:
        """Put what an action refused at the inputs that it names, or on top."""
        for error in refused.errors if isinstance(refused, InvalidInput) else [refused]:
            name = (error.field or "").replace("_workplace", "_unit")
            name = self.STANDS_FOR.get(name, name)
            self.add_error(name if name in self.fields else None, forms.ValidationError(str(error), code=error.code))

    def readings(self) -> dict[str, str]:
        """Return how amounts and units were read, by input, in the reader's words: "= 12.500.000 đồng"."""
        found = {}
        benefit, unit = self.cleaned_data.get("benefit"), self.cleaned_data.get("unit")
        if benefit is not None:
            found["benefit"] = "= " + format_money(benefit, get_language() or "vi")
        if unit is not None and self.typed.get("unit"):
            found["unit"] = f"{unit.name} ({unit.code})"
        return found

    # --- what is submitted -----------------------------------------------------------------------------------

    def content(self) -> InitiativeContent:
        """Return what the initiative says."""
        names = (*TEXT_LIMITS, "field", "applied_on", "recognised_on", "is_secret", "is_ip_protected")
        values = {name: self.cleaned_data[name] for name in names}
        return InitiativeContent(
            kind=Kind(self.cleaned_data["kind"]), benefit_claimed=self.cleaned_data["benefit"], **values
        )

    def author_inputs(self) -> list[AuthorInput]:
        """Return the authors, the principal author first."""
        authors: list[AuthorInput] = self.cleaned_data["authors"]
        return authors

    def chosen_unit(self) -> Unit:
        """Return the unit that the initiative counts for."""
        unit: Unit = self.cleaned_data["unit"]
        return unit

    def day_of(self, name: str) -> date | None:
        """Return the day that was typed into an input, None as long as it is none."""
        found: date | None = self.cleaned_data.get(name)
        return found

    def _clean_authors(self, cleaned: dict[str, Any]) -> None:
        rows = author_rows(self.typed)
        texts = {cleaned[f"author{n}_unit"] for n in range(2, rows + 1)} - {""}
        unit = cleaned.get("unit") or self.own_unit
        accounts = {} if cleaned["not_author"] else self.accounts
        workplaces = units_by_text(texts)
        self.unit_names |= {typed: found.name for typed, found in workplaces.items()}
        try:
            authors = read_authors(cleaned, rows, unit, workplaces, accounts)
            cleaned["authors"] = clean_authors(authors)
        except InvalidInput as error:
            self.refuse(error)


SubmissionForm.base_fields = Shared(SubmissionForm.base_fields)


@cache
def _required(names: tuple[str, ...]) -> dict[str, forms.Field]:
    """Return these inputs of the form as required ones."""
    fields = {name: deepcopy(SubmissionForm.base_fields[name]) for name in names}
    for field in fields.values():
        field.required = True
    return fields


def _read_benefit(typed: str) -> int:
    """Return an amount that can be counted. Raises InvalidInput."""
    amount = parse_money(typed)
    check_benefit(amount, "benefit")
    return amount
