"""What somebody has been told, how they want to be told, and the way out of our mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.notices import actions, queries, sms
from sangkien.notices.models import MailChoice
from sangkien.notices.queries import Cursor
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.notices import forms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,16})\.([0-9]{1,18})")
_NUMBER = re.compile(r"[0-9]{1,18}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The notices, newest first: ``?sau=`` continues a list. POST marks those read that had been seen (``newest``)."""
    person = signed_in(request)
    if request.method == "POST":
        newest = request.POST.get("newest", "")
        if _NUMBER.fullmatch(newest):
            actions.mark_all_read(actor=person, newest=int(newest))
        return SeeOther(reverse("notices"))
    after = request.GET.get("sau", "")
    page = queries.list_notices(person, after=read_cursor(after) if after else None)
    context = {
        "lines": page.lines,
        "next": write_cursor(page.next) if page.next else "",
        "is_continued": bool(after),
        "unread": queries.unread_count(person),
        "newest": max((line.notice.pk for line in page.lines), default=0),
    }
    return render(request, "notices/list.html", context)


@login_required
@never_cache
@require_safe
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """Note that a notice has been read and lead to what it is about. Raises NotFound for another's."""
    person = signed_in(request)
    line = queries.get_notice(person, number)
    if request.method == "GET":
        actions.mark_read(actor=person, notice_id=number)
    return SeeOther(line.told.path or reverse("notices"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """How the person wants to hear of each kind; POST keeps it."""
    person = signed_in(request)
    now = queries.settings_of(person)
    if request.method == "POST":
        choices, no_mail = forms.read(request.POST, now)
        actions.choose(actor=person, choices=choices, no_mail=no_mail)
        messages.success(request, str(_("Kept. It holds for everything from now on.")))
        return SeeOther(reverse("notice-preferences"))
    context = {
        "rows": forms.rows_of(now.choices),
        "mail_choices": MailChoice.choices,
        "now": now,
        "has_sms": sms.is_available(),
        "digest_time": digest_time(),
    }
    return render(request, "notices/preferences.html", context)


@csrf_exempt  # the mail program that does this for its owner has no cookie of ours: who has the link may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop what the link is about, by POST only: programs open links by themselves. Raises NotFound.

    RFC 8058: a mail program posts ``List-Unsubscribe=One-Click``. ``action=undo`` takes it back.
    """
    what = queries.read_token(token)
    if request.method == "POST":
        act = actions.resume if request.POST.get("action") == "undo" else actions.stop
        act(what)
        what = queries.read_token(token)
    context = {"what": what, "token": token, "is_done": request.method == "POST"}
    response = render(request, "notices/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address itself is the right
    return response


def digest_time() -> str:
    """Return the time of day at which digests are made, in the language of the page: 7h30, 07:30."""
    hour, minute = settings.DIGEST_TIME
    moment = clock.floor_day(clock.now()) + timedelta(hours=hour, minutes=minute)
    return clock.format_time(moment, get_language() or settings.LANGUAGE_CODE)


def write_cursor(cursor: Cursor) -> str:
    """Write a place in the list for an address: the moment in microseconds, then the id of the notice."""
    moment, number = cursor
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}.{number}"


def read_cursor(text: str) -> Cursor:
    """Read what ``write_cursor`` wrote. Raises InvalidInput."""
    if found := _CURSOR.fullmatch(text):
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    raise InvalidInput(_("This address leads nowhere in the list. Begin at its top."), code="bad_cursor", field="sau")
