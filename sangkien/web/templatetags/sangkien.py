"""What templates write figures and moments with, and the frame around every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock, numbers
from sangkien.notices.queries import unread_count
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.programmes.queries import the_programme
from sangkien.units.models import Role
from sangkien.web import charts
from sangkien.web.initiatives.requests import roles_here

register = template.Library()
_PARTS = re.compile(r"(?: [-–] |: )")

# --- figures and moments ------------------------------------------------------------------------------------


def language() -> str:
    """Return the language of the page: "vi" or "en"."""
    return get_language() or "vi"


@register.filter
def count(value: int | str | None) -> str:
    """Write a whole number with its thousands grouped: 696.948; a dash for None or a missing attribute."""
    return "–" if value is None or isinstance(value, str) else numbers.format_count(value, language())


@register.filter
def absolute(value: int) -> int:
    """Return a number without its sign."""
    return abs(value)


@register.filter
def percent(value: Decimal | int | str | None) -> str:
    """Write a percentage with the decimals that it has: 232,3%; a dash for None or a missing attribute."""
    if value is None or isinstance(value, str):
        return "–"
    return numbers.format_percent(value, language())


@register.filter
def money(vnd: int | None) -> str:
    """Write an amount to the đồng; a dash for None."""
    return "–" if vnd is None else numbers.format_money(vnd, language())


@register.filter
def money_short(vnd: int | None) -> str:
    """Write an amount in billions or millions, cut to one decimal; a dash for None."""
    return "–" if vnd is None else numbers.format_money_short(vnd, language())


@register.filter
def money_marked(vnd: int | None) -> SafeString:
    """Write an amount like ``money_short``, what is not the number itself in small type."""
    words = money_short(vnd).split(" ")
    number = next((place for place, word in enumerate(words) if word[:1].isdigit() or word.startswith("-")), 0)
    before, after = " ".join(words[:number]), " ".join(words[number + 1 :])
    small = [format_html("<small>{}</small>", part) if part else "" for part in (before, after)]
    return format_html("{}{}{}{}{}", small[0], " " if before else "", words[number], " " if after else "", small[1])


@register.filter
def first_part(name: str) -> str:
    """Return what a long name begins with: "1 triệu sáng kiến" of "1 triệu sáng kiến - nỗ lực …"."""
    return _PARTS.split(name, maxsplit=1)[0]


@register.filter
def second_part(name: str) -> str:
    """Return what follows ``first_part`` in a long name; empty if nothing does."""
    return "".join(_PARTS.split(name, maxsplit=1)[1:])


@register.filter
def billions(vnd: int | None) -> str:
    """Write an amount as a number of billions (tỷ), cut to one decimal, without its unit: 1.545,6."""
    if vnd is None:
        return "–"
    tenths = abs(vnd) * 10 // numbers.BILLION
    return numbers.format_percent(Decimal(tenths if vnd >= 0 else -tenths).scaleb(-1), language()).removesuffix("%")


@register.filter
def cutoff(moment: datetime | None) -> str:
    """Write a moment in running text, Vietnam time: 24h00 ngày 31/5/2022; a dash for None."""
    return "–" if moment is None else clock.format_cutoff_long(moment, language())


@register.filter
def cutoff_short(moment: datetime | None) -> str:
    """Write a moment in the notation that the fields of forms take: 24h00 31/5/2022; a dash for None."""
    return "–" if moment is None else clock.format_cutoff(moment)


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day, for a moment the Vietnamese day in which it lies: 31/5/2022; a dash for None."""
    if value is None:
        return "–"
    return clock.format_date(clock.day_of(value) if isinstance(value, datetime) else value, language())


@register.filter
def iso(moment: datetime) -> str:
    """Write a moment for the ``datetime`` attribute, Vietnam time: 2022-06-01T00:00:00+07:00."""
    return moment.astimezone(clock.VIETNAM).isoformat(timespec="seconds")


@register.filter
def clock_time(moment: datetime | None) -> str:
    """Write the time of day of a moment, Vietnam time: 14h32; nothing for None or a missing attribute."""
    return clock.format_time(moment, language()) if isinstance(moment, datetime) else ""


@register.filter
def of(things: Mapping[str, Any] | None, key: str) -> Any:
    """Return what stands under a key that only the template knows; None if nothing does."""
    return things.get(key) if isinstance(things, Mapping) else None


# --- small parts --------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, classes: str = "", label: str | Promise = "") -> SafeString:
    """Draw an icon of the sprite in ``parts/icons.html``; with a ``label`` it is an image, without one decoration."""
    classes = f"ico {classes}".strip()
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="#i-{}"/></svg>', classes, label, name)
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)


@register.simple_tag
def progress_bar(value: Decimal | None, scale: charts.Scale | None = None) -> SafeString:
    """Draw progress in percent towards a target as a bar on the ``scale`` of its table; nothing without a target."""
    if value in (None, ""):  # what a template makes of a missing attribute
        return charts.progress_bar(None, "")
    label = _("%(percent)s of the target") % {"percent": percent(value)}
    return charts.progress_bar(value, label, scale or charts.Scale())


@register.simple_tag
def share_bar(value: int, largest: int, label: str | Promise = "") -> SafeString:
    """Draw a number as a bar; the ``largest`` of its table has the full length."""
    return charts.share_bar(value, largest, str(label))


@register.inclusion_tag("parts/asof.html")
def asof(moments: Any) -> dict[str, Any]:
    """Say as of when the figures are; ``moments`` is a ``tally.figures.Moments``."""
    return {"moments": moments}


@register.inclusion_tag("parts/move.html")
def places_gained(change: int | None) -> dict[str, Any]:
    """Say how many places a unit has gained (above zero) or lost; None: it was not on the board then."""
    return {"change": change, "down": -change if change else 0}


# --- the frame ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame; ``current`` when the page belongs to it."""

    address: str
    text: str | Promise
    current: bool = False


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language that the page can be read in, and the address that switches to it."""

    code: str
    name: str
    address: str
    current: bool


NAVIGATION: tuple[tuple[str, str | Promise, frozenset[str]], ...] = (
    ("front", _("Overview"), frozenset({"front", "method"})),
    ("board", _("Board"), frozenset({"board", "unit-board", "unit"})),
    ("initiatives", _("Initiatives"), frozenset({"initiatives", "initiative"})),
    ("report-front", _("Report"), frozenset({"report", "report-front"})),
)
_TREE_PAGES = frozenset(
    {"unit-tree", "unit-edit", "reorganisation-undo"}
    | {f"unit-{what}" for what in ("open", "rename", "move", "close", "merge")}
)
DESK: tuple[tuple[str, str | Promise, frozenset[str], frozenset[Role]], ...] = (
    (
        "desk",
        _("Verification"),
        frozenset({"desk", "desk-item", "bulk", "bulk-progress", "assisted"}),
        frozenset({Role.VERIFIER}),
    ),
    (
        "second-looks",
        _("Appeals and second looks"),
        frozenset({"second-looks", "appeal-decide", "second-look-decide"}),
        frozenset({Role.VERIFIER}),
    ),
    ("unit-overview", _("My unit"), frozenset({"unit-overview", "unusual"}), frozenset(Role)),
    ("targets", _("Targets"), frozenset({"targets", "target-history", "target-register"}), frozenset(Role)),
    ("unit-tree", _("Units"), _TREE_PAGES, frozenset(Role)),
    ("roles", _("Rights"), frozenset({"roles", "role-grant", "role-end"}), frozenset(Role)),
    (
        "unit-requests",
        _("Units not found"),
        frozenset({"unit-requests"}),
        frozenset({Role.VERIFIER, Role.UNIT_ADMINISTRATOR}),
    ),
    (
        "record",
        _("Record"),
        frozenset({"record"}),
        frozenset({Role.UNIT_ADMINISTRATOR, Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR}),
    ),
    (
        "programme-settings",
        _("Settings"),
        frozenset({"programme-settings"}),
        frozenset({Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR}),
    ),
)
"""The pages of the desk: their names, which pages belong to each, and which roles have business there."""


MEMBER_PAGES: tuple[tuple[str, str | Promise, frozenset[str]], ...] = (
    ("mine", _("My initiatives"), frozenset({"mine", "receipt", "withdraw"})),
    ("notices", _("Notices"), frozenset({"notices", "notice", "notice-preferences"})),
    ("profile", _("My profile"), frozenset({"profile", "workplace"})),
    ("account", _("Account and security"), frozenset({"account"})),
)
"""Where somebody who has signed in finds what is their own."""


@register.inclusion_tag("parts/masthead.html", takes_context=True)
def masthead(context: RequestContext) -> dict[str, Any]:
    """Draw the head of the page: the mark, where one can go, the language, the account.

    One query more for somebody who has signed in: how many notices are unread.
    """
    request = _request(context)
    user = getattr(request, "user", None)
    person = user if isinstance(user, Person) else None
    return {
        "programme": _programme(context),
        "links": [*_links(NAVIGATION, request), *_desk_door(request)],
        "own_links": _links(MEMBER_PAGES, request) if person else [],
        "notices": address_of("notices"),
        "unread": unread_count(person) if person else 0,
        "conditions": address_of("conditions"),
        "languages": _languages(request),
        "person": person,
        "csrf_token": context.get("csrf_token"),
        "front": address_of("front") or "/",
        "submit": address_of("submit"),
        "sign_in": address_of("account_login"),
        "sign_up": address_of("account_signup"),
        "sign_out": address_of("account_logout"),
    }


def _desk_door(request: HttpRequest | None) -> list[Link]:
    """Return the link to the desk for somebody who has business there: to the first of its pages that they may use."""
    roles = _roles(request)
    pages = frozenset[str]().union(*(belonging for _name, _text, belonging, _roles in DESK))
    first = next((name for name, _text, _belonging, allowed in DESK if roles & allowed), None)
    return _links(((first, _("Desk"), pages),), request) if first else []


def _roles(request: HttpRequest | None) -> frozenset[Role]:
    return roles_here(request) if request is not None and hasattr(request, "user") else frozenset()


@register.inclusion_tag("desk/nav.html", takes_context=True)
def desk_nav(context: RequestContext) -> dict[str, Any]:
    """Draw the way between the pages of the desk that this officer may use."""
    request = _request(context)
    roles = _roles(request)
    return {"links": _links([(n, t, pages) for n, t, pages, allowed in DESK if roles & allowed], request)}


@register.inclusion_tag("parts/footer.html", takes_context=True)
def footer(context: RequestContext) -> dict[str, Any]:
    """Draw the foot of the page: whose programme it is, what its data are, where else to look."""
    names = ("front", "board", "initiatives", "submit", "method", "conditions")
    return {
        "programme": _programme(context),
        "report": report_front(),
        **{name: address_of(name) for name in names},
    }


def address_of(name: str, **arguments: object) -> str:
    """Return the address of a page by the name of its URL, or an empty text if this portal has no such page."""
    try:
        return reverse(name, kwargs=arguments or None)
    except NoReverseMatch:
        return ""


def report_front() -> str:
    """Return the address of the cut-off report that is shown first, or an empty text."""
    return address_of("report-front") or address_of("report")


def _request(context: RequestContext) -> HttpRequest | None:
    return context.get("request")


def _programme(context: RequestContext) -> Programme | None:
    """The programme of the page, or the one that the portal shows; asked for once a request."""
    given = context.get("programme")
    if isinstance(given, Programme):
        return given
    request = _request(context)
    kept: dict[str, Programme | None] = request.__dict__.setdefault("_frame", {}) if request is not None else {}
    if "programme" not in kept:
        kept["programme"] = the_programme()
    return kept["programme"]


def _links(pages: Iterable[tuple[str, str | Promise, frozenset[str]]], request: HttpRequest | None) -> list[Link]:
    """Return the links to those of the pages that this portal has; the one to which the page belongs is marked."""
    match = request.resolver_match if request is not None else None
    here = match.url_name if match else None
    links = []
    for name, text, members in pages:
        address = report_front() if name == "report-front" else address_of(name)
        if address:
            links.append(Link(address, text, here in members))
    return links


def _languages(request: HttpRequest | None) -> list[LanguageChoice]:
    here = request.get_full_path() if request is not None and request.method in ("GET", "HEAD") else "/"
    current = language()
    return [
        LanguageChoice(code, name, f"{address_of('language', code=code)}?{urlencode({'ve': here})}", code == current)
        for code, name in settings.LANGUAGES
    ]


@register.simple_tag(takes_context=True)
def with_query(context: RequestContext, **changes: object) -> str:
    """Return the query of this page with some parameters changed (``_`` stands for a hyphen; None: left out)."""
    request = _request(context)
    query = request.GET.copy() if request is not None else None
    return changed_query(query.dict() if query is not None else {}, changes)


def changed_query(query: Mapping[str, object], changes: Mapping[str, object]) -> str:
    """Return ``query`` with ``changes`` applied, as "?a=b&c=d", or "?" if nothing is left."""
    merged = {key: str(value) for key, value in query.items() if value not in (None, "")}
    for key, value in changes.items():
        name = key.replace("_", "-")
        if value in (None, ""):
            merged.pop(name, None)
        else:
            merged[name] = str(value)
    return "?" + urlencode(merged)
