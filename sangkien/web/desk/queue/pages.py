"""The page of the queue: the list on the left, one initiative on the right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from sangkien.core import clock
from sangkien.core.errors import SangKienError
from sangkien.initiatives import rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import get_by_code
from sangkien.initiatives.queue import Tab, queue_page, tab_counts, verified_by
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.desk.queue.asking import FLAGS, HEADINGS, TAB_LABELS, TABS, Asked, asked_in
from sangkien.web.desk.queue.following import JUST_DONE, read_just_done
from sangkien.web.desk.queue.items import item_context
from sangkien.web.desk.queue.lines import line_of

PAGE_SIZE = 20


def item_page(
    request: HttpRequest,
    initiative: Initiative,
    person: Person,
    *,
    asked: Asked | None = None,
    decision: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the desk with this initiative open; ``decision`` is what an officer sent and what is wrong with it.

    ``asked`` is what the list shows; without it, what the form that was sent says (``hang-doi``).
    """
    asked = asked or asked_in(request.POST)
    context = list_context(request, person, asked) | item_context(initiative, person, decision)
    return render(request, "desk/queue/page.html", context, status=status)


def list_context(request: HttpRequest, person: Person, asked: Asked) -> dict[str, Any]:
    """Return what the left side of the desk shows, and what was decided just before; ``?sau=`` continues the list.

    Raises InvalidInput for a place that no page has given.
    """
    heads = verified_by(person, clock.now(), asked.wanted.unit)
    after = request.GET.get("sau") or None
    found = queue_page(person, asked.wanted, after, PAGE_SIZE, heads)
    counts = tab_counts(person, asked.wanted, heads)
    return {
        "asked": asked,
        "filter": asked.form,
        "query": asked.address_query(),
        "lines": [line_of(row, found.now) for row in found.rows],
        "first": found.rows[0].initiative.pk if found.rows else None,
        "next": found.next or "",
        "is_continued": bool(request.GET.get("sau")),
        "tabs": [
            (tab, TAB_LABELS[tab], counts[tab], asked.address_query(muc=name, chon=None), tab == asked.wanted.tab)
            for name, tab in TABS.items()
        ],
        "total": counts[asked.wanted.tab],
        "heading": HEADINGS[asked.wanted.tab],
        "is_waiting_tab": asked.wanted.tab in (Tab.WAITING, Tab.OVERDUE),
        "chips": chips_of(asked),
        "flag_names": FLAGS,
        "just_done": just_done(request, person),
        "person": person,
    }


def chips_of(asked: Asked) -> list[tuple[str | Promise, str]]:
    """Return what narrows the queue, each with the query that takes it away."""
    chips: list[tuple[str | Promise, str]] = []
    wanted = asked.wanted
    named: dict[str, str | Promise | None] = {
        "tim": f"“{wanted.text}”" if wanted.text else None,
        "don-vi": wanted.unit.short_name if wanted.unit else None,
        "linh-vuc": wanted.field.name if wanted.field else None,
        "loai": wanted.kind.label if wanted.kind else None,
        "nhom": wanted.category.label if wanted.category else None,
    }
    for name in ("tuoi", "loi-tu", "loi-den"):
        typed = asked.query.get(name, "")
        named[name] = f"{asked.form[name].label}: {typed}" if typed and not asked.form[name].errors else None
    chips += [(text, asked.address_query(**{name.replace("-", "_"): None})) for name, text in named.items() if text]
    flags = [flag.label for flag in FLAGS.values() if wanted.flags & flag]
    return [*chips, *([(", ".join(map(str, flags)), asked.address_query(co=None))] if flags else [])]


def just_done(request: HttpRequest, person: Person) -> dict[str, Any] | None:
    """Return what the officer decided last (``?vua=``), if it can still be undone."""
    told = read_just_done(request.GET.get(JUST_DONE, ""))
    if told is None:
        return None
    code, event = told
    try:
        done = get_by_code(code, person)
    except SangKienError:
        return None
    if not rules.may_undo(person, done, clock.now()) or max(e.number for e in done.events.all()) != event:
        return None
    return {
        "code": code_of(done.pk),
        "title": done.title,
        "state": State(done.state).label,
        "event": event,
        "address": reverse("undo", args=[code_of(done.pk)]),
    }
