"""What an address asks of the queue: the filter as people read and type it, and as the floor takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, NotFound
from sangkien.core.numbers import LONGEST_TEXT as LONGEST_AMOUNT
from sangkien.core.numbers import parse_money
from sangkien.initiatives.models import Flag, Kind
from sangkien.initiatives.queries import list_fields
from sangkien.initiatives.queue import Filter, Order, Tab
from sangkien.people.categories import Category
from sangkien.programmes.models import Field
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit
from sangkien.web.profile.choosing import Choice, read_choice

TABS: dict[str, Tab] = {"cho": Tab.WAITING, "qua-han": Tab.OVERDUE, "bo-sung": Tab.RETURNED, "xong": Tab.DONE}
"""How an address (``?muc=``) names the parts of the queue."""
TAB_LABELS: dict[Tab, str | Promise] = {
    Tab.WAITING: _("Waiting"),
    Tab.OVERDUE: _("Overdue"),
    Tab.RETURNED: _("With the authors"),
    Tab.DONE: _("Done by me"),
}
HEADINGS: dict[Tab, str | Promise] = {
    Tab.WAITING: _("Awaiting verification"),
    Tab.OVERDUE: _("Overdue"),
    Tab.RETURNED: _("Returned for completion"),
    Tab.DONE: _("Decided by me"),
}
ORDERS: dict[str, Order] = {"han": Order.DUE, "cu": Order.OLDEST, "loi": Order.BENEFIT}
ORDER_LABELS: dict[str, str | Promise] = {
    "han": _("Due first"),
    "cu": _("Oldest first"),
    "loi": _("Largest benefit first"),
}
FLAGS: dict[str, Flag] = {
    "dieu-kien": Flag.ELIGIBILITY,
    "van-ban": Flag.NO_DOCUMENT,
    "loi-lon": Flag.LARGE_BENEFIT,
    "phan-doi": Flag.OBJECTED,
}
FILTERS = ("don-vi", "linh-vuc", "loai", "nhom", "tuoi", "loi-tu", "loi-den", "co", "tim")
"""Inputs that narrow the queue, by their names in the address."""
KEPT = ("muc", "xep", "chon", *FILTERS)
"""What the address keeps from one initiative to the next."""
MAX_WORDS = 200
MOST_NAMED = 5
MOST_DAYS = 36_500


class AskingForm(forms.Form):
    """The filter of the queue. What cannot be read is said at its field and left out of the filter."""

    def __init__(self, query: QueryDict, *, fields: list[Field]) -> None:
        super().__init__(query, auto_id="loc-%s")
        anything = ("", _("All"))
        text = {"class": "form-control", "autocomplete": "off"}
        self.fields |= {
            "tim": _line(_("Code or words of the title"), MAX_WORDS, text | {"data-find": True}, forms.TextInput),
            "don-vi": _line(_("Unit"), MAX_WORDS, text | {"data-unit-combobox": True}, forms.TextInput),
            "linh-vuc": _choice(_("Field of work"), [anything, *((f.code, f.name) for f in fields)]),
            "loai": _choice(_("Kind of solution"), [anything, *Kind.choices]),
            "nhom": _choice(_("Category of the principal author"), [anything, *Category.choices]),
            "tuoi": forms.IntegerField(
                label=_("Waiting for at least, days"),
                required=False,
                min_value=0,
                max_value=MOST_DAYS,
                widget=forms.TextInput(text | {"inputmode": "numeric"}),
            ),
            "loi-tu": _line(_("Benefit from, đồng"), LONGEST_AMOUNT, text, forms.TextInput),
            "loi-den": _line(_("Benefit up to, đồng"), LONGEST_AMOUNT, text, forms.TextInput),
            "co": forms.MultipleChoiceField(
                label=_("Flags"),
                required=False,
                choices=[(name, flag.label) for name, flag in FLAGS.items()],
            ),
            "xep": _choice(_("Order"), list(ORDER_LABELS.items())),
        }
        self.known = {field.code: field for field in fields}
        self.unit: Unit | None = None

    def clean(self) -> dict[str, Any]:
        """Look up the unit and read the amounts."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if typed := cleaned.get("don-vi", "").strip():
            try:
                self.unit = get_unit(typed)
            except NotFound:
                choice = read_choice(typed)
                self.unit = choice.unit  # its code, in whatever letters
                if choice.unit is None:
                    self.add_error("don-vi", _which_unit(choice))
            if self.unit is not None:
                self.fields["don-vi"].widget.attrs["data-unit-name"] = self.unit.name
        for name in ("loi-tu", "loi-den"):
            if typed := cleaned.get(name, "").strip():
                try:
                    cleaned[name] = parse_money(typed)
                except InvalidInput as error:
                    self.add_error(name, str(error))
        return cleaned

    def as_filter(self, tab: Tab) -> Filter:
        """Return what is asked for, without what could not be read."""
        self.is_valid()
        read = self.cleaned_data
        return Filter(
            tab=tab,
            unit=self.unit,
            field=self.known.get(read.get("linh-vuc", "")),
            kind=Kind(read["loai"]) if read.get("loai") else None,
            category=Category(read["nhom"]) if read.get("nhom") else None,
            age_days=read.get("tuoi"),
            benefit_from=_amount(read.get("loi-tu")),
            benefit_to=_amount(read.get("loi-den")),
            flags=sum(FLAGS[name] for name in read.get("co", [])),
            order=ORDERS.get(read.get("xep", ""), Order.DUE),
            text=read.get("tim", ""),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the filter, its form, and the query that says the same again."""

    wanted: Filter
    form: AskingForm
    query: QueryDict
    is_marking: bool

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.query.get(name) for name in FILTERS)

    @property
    def tab_name(self) -> str:
        """The tab as the address names it."""
        return next(name for name, tab in TABS.items() if tab == self.wanted.tab)

    @property
    def order_label(self) -> str | Promise:
        """In which order the queue is shown."""
        if self.wanted.tab is Tab.DONE:
            return _("Last decided first")
        if self.wanted.tab is Tab.RETURNED and self.wanted.order is not Order.BENEFIT:
            return _("Longest with the authors first")
        return next(ORDER_LABELS[name] for name, order in ORDERS.items() if order == self.wanted.order)

    def address_query(self, **changes: str | None) -> str:
        """Return the query with changes, "?…" or empty; ``_`` stands for a hyphen, None leaves out."""
        query = self.query.copy()
        for key, value in changes.items():
            name = key.replace("_", "-")
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"?{query.urlencode()}" if query else ""


def read_asked(query: QueryDict) -> Asked:
    """Return what a query asks for; what it does not know is left out."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if values := [value for value in query.getlist(name) if value]:
            kept.setlist(name, values)
    form = AskingForm(kept, fields=list_fields())
    wanted = form.as_filter(TABS.get(kept.get("muc", ""), Tab.WAITING))
    return Asked(wanted, form, kept, kept.get("chon") == "1")


def asked_in(sent: Mapping[str, Any]) -> Asked:
    """Return what a form of the queue sends along in ``hang-doi``: the query of the queue that it was shown beside."""
    text = str(sent.get("hang-doi", ""))[:2_000].lstrip("?")
    return read_asked(QueryDict(text))


def _line(label: Any, most: int, attrs: dict[str, Any], widget: type[forms.TextInput]) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=most, widget=widget(attrs))


def _which_unit(choice: Choice) -> str:
    """Return what to say to a name where a code is needed: by which codes units of this name are known."""
    offered = [f"{one.unit.name} ({one.unit.code})" for one in choice.offered[:MOST_NAMED]]
    if not offered:
        return str(_("No unit is known by this name. Try one word of it."))
    return str(_("Choose a unit, or type its code: %(units)s.")) % {"units": "; ".join(offered)}


def _choice(label: Any, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices)


def _amount(read: object) -> int | None:
    return read if isinstance(read, int) else None
