"""What an officer entered for members who could not, who has confirmed it, who objects."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.initiatives.assisted import Entered, entered_for_others
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Author, Initiative, Response
from sangkien.initiatives.states import State
from sangkien.units.queries import roles_of
from sangkien.web.initiatives.cursors import read_cursor, write_cursor
from sangkien.web.initiatives.pages import LOOKS
from sangkien.web.initiatives.requests import signed_in

PAGE_SIZE = 30
ANSWERS: dict[Response | None, tuple[str | Promise, str, str]] = {
    Response.CONFIRMED: (_("has confirmed"), "tag-ok", "check"),
    Response.DECLINED: (_("objects"), "tag-no", "x"),
    None: (_("has not answered yet"), "tag-wait", "clock"),
}
NOT_ASKED: tuple[str | Promise, str, str] = (_("could not be told: no e-mail, no phone"), "tag-fix", "warn")


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """One initiative that was entered for another: how it stands, and what its principal author said."""

    initiative: Initiative
    author: Author
    code: str
    look: str
    icon: str
    answer: str | Promise
    answer_look: str
    answer_icon: str


@login_required
@never_cache
@require_safe
def assisted(request: HttpRequest) -> HttpResponse:
    """What the officer entered for others, the newest first; ``?sau=`` continues.

    Raises NotAllowed for somebody who holds no role, and InvalidInput for a place that there is not.
    """
    person = signed_in(request)
    if not roles_of(person, clock.now()):
        raise NotAllowed
    after = request.GET.get("sau", "")
    found = entered_for_others(person, read_cursor(after) if after else None, PAGE_SIZE)
    context = {
        "rows": [_line(one) for one in found.rows],
        "next": write_cursor(found.next) if found.next else "",
        "is_continued": bool(after),
    }
    return render(request, "desk/queue/assisted.html", context)


def _line(one: Entered) -> EnteredLine:
    look, icon = LOOKS[State(one.initiative.state)]
    says = ANSWERS[one.response] if one.is_asked or one.response else NOT_ASKED
    return EnteredLine(one.initiative, one.author, code_of(one.initiative.pk), look, icon, *says)
