"""The queue: what waits for an officer, and one initiative of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.core.errors import NotAllowed, NotFound
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.queries import get_by_code, get_by_number
from sangkien.units.models import Role
from sangkien.web.desk.queue.asking import read_asked
from sangkien.web.desk.queue.items import item_context
from sangkien.web.desk.queue.pages import item_page, list_context
from sangkien.web.initiatives.requests import roles_here, signed_in
from sangkien.web.initiatives.rights import rights_of

PART = "phan"
"""Which part of a page the script asks for: "bai" the initiative, "hang" the list."""


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The queue, with its first initiative open. ``?sau=`` continues the list, ``?phan=hang`` is the list alone.

    The filter stands in the address (``asking``). An officer who verifies nothing is led to how their unit is doing.
    Raises NotAllowed for somebody who holds no role anywhere.
    """
    person = signed_in(request)
    held = roles_here(request)
    if not held:
        raise NotAllowed
    if Role.VERIFIER not in held:
        return redirect("unit-overview")
    context = list_context(request, person, read_asked(request.GET))
    if request.GET.get(PART) == "hang":
        return render(request, "desk/queue/list.html", context)
    first = context["first"]
    if first is not None:
        context |= item_context(get_by_number(first, person), person)
    return render(request, "desk/queue/page.html", context)


@login_required
@never_cache
@require_safe
def desk_item(request: HttpRequest, code: str) -> HttpResponse:
    """The queue with this initiative open; ``?phan=bai`` is the initiative alone.

    Raises NotFound, and NotAllowed for whoever holds no role over its unit.
    """
    person = signed_in(request)
    initiative = get_by_code(code, person)
    if not rights_of(person, initiative).is_officer:
        raise NotAllowed
    if initiative.submitted_at is None:
        raise NotFound
    if code != code_of(initiative.pk):
        query = request.GET.urlencode()
        return redirect(reverse("desk-item", args=[code_of(initiative.pk)]) + (f"?{query}" if query else ""))
    asked = read_asked(request.GET)
    if request.GET.get(PART) == "bai":
        context = item_context(initiative, person) | {"query": asked.address_query()}
        return render(request, "desk/queue/item.html", context)
    return item_page(request, initiative, person, asked=asked)
