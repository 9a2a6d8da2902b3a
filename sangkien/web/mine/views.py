"""What a member sees and does after sending: list, receipt, withdrawing, correcting, answering as a co-author."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.initiatives import actions, queries, rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.states import State
from sangkien.tally import queries as tally
from sangkien.web.initiatives.authors import author_lines, own_author
from sangkien.web.initiatives.cursors import read_cursor, write_cursor
from sangkien.web.initiatives.pages import changed_page, head_of, is_as_seen
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.initiatives.rights import rights_of
from sangkien.web.initiatives.standing import standing
from sangkien.web.mine.correcting import begin_correction
from sangkien.web.mine.forms import WithdrawalForm
from sangkien.web.mine.qr import qr_code
from sangkien.web.mine.rows import drafts_of, rows_of, tasks_of

PAGE_SIZE = 20
ANSWERED: dict[Response, str | Promise] = {
    Response.CONFIRMED: _("Thank you: you stand as one of the authors."),
    Response.DECLINED: _("You have declined. Your name is no longer shown to others."),
}


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the person has to do, their drafts, and what they sent or are an author of; ``?sau=`` continues the list."""
    person = signed_in(request)
    after = request.GET.get("sau", "")
    page = queries.mine(person, after=read_cursor(after) if after else None, limit=PAGE_SIZE)
    context = {
        "tasks": [] if after else tasks_of(person),
        "drafts": [] if after else drafts_of(person),
        "rows": rows_of(person, page.initiatives),
        "next": write_cursor(page.next) if page.next else "",
        "is_continued": bool(after),
    }
    return render(request, "mine/mine.html", context)


@login_required
@never_cache
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The receipt of an initiative, for its people; it prints on a sheet of paper. Raises NotFound and NotAllowed."""
    person = signed_in(request)
    initiative = queries.get_by_code(code, person)
    if code != code_of(initiative.pk):
        return redirect("receipt", code=code_of(initiative.pk))
    rights = rights_of(person, initiative)
    if not rights.is_own or initiative.submitted_at is None:
        raise NotAllowed
    address = request.build_absolute_uri(reverse("initiative", args=[code]))
    context = {
        **head_of(initiative),
        "rights": rights,
        "programme": initiative.programme,
        "authors": author_lines(initiative, is_insider=True),
        "ordinal": tally.ordinal_of(initiative.pk),
        "summary": tally.summary(initiative.programme, tally.moments(initiative.programme)),
        "standing": standing(initiative, queries.whereabouts(initiative), is_own=True),
        "address": address,
        "qr": qr_code(address),
    }
    return render(request, "mine/receipt.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_initiative(request: HttpRequest, code: str) -> HttpResponse:
    """Ask why, and withdraw an initiative that has not been decided, if it still stands as the person saw it."""
    person = signed_in(request)
    initiative = queries.get_by_code(code, person)
    if not rules.may_withdraw(person, initiative):
        raise NotAllowed
    if initiative.state == State.WITHDRAWN:  # a second sending, or a link that was kept
        messages.info(request, _("It had been withdrawn before."))
        return _to_page(initiative)
    is_sent = request.method == "POST"
    if is_sent and not is_as_seen(request.POST, initiative):
        return changed_page(request, initiative, person)
    form = WithdrawalForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            actions.withdraw(actor=person, initiative_id=initiative.pk, note=form.cleaned_data["note"])
        except Conflict:
            return changed_page(request, queries.get_by_number(initiative.pk, person), person)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("It has been withdrawn and is no longer shown to others."))
            return _to_page(initiative)
    context = {**head_of(initiative), "form": form, "may_withdraw": rights_of(person, initiative).may_withdraw}
    return render(request, "mine/withdraw.html", context, status=422 if is_sent else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """Begin to correct a returned initiative, or go on with it: lead to the form. A GET leads to the initiative."""
    person = signed_in(request)
    initiative = queries.get_by_code(code, person)
    if not rules.may_resubmit(person, initiative):
        raise NotAllowed
    if request.method != "POST":
        return _to_page(initiative)
    if not rights_of(person, initiative).may_correct:
        return changed_page(request, initiative, person)
    return SeeOther(reverse("draft", args=[begin_correction(person, initiative)]))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_authorship(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm or decline to be a co-author with the share that the person saw. A GET leads to the initiative."""
    person = signed_in(request)
    initiative = queries.get_by_code(code, person)
    if request.method != "POST":
        return _to_page(initiative)
    response = _response(request.POST.get("response", ""))
    author = own_author(initiative, person)
    if author is None or not rules.is_named_author(person, initiative):
        raise NotAllowed
    if author.response == response:  # a double click
        messages.info(request, str(ANSWERED[response]))
        return _to_page(initiative)
    if request.POST.get("share") != str(author.share):
        return changed_page(request, initiative, person)
    try:
        actions.answer_authorship(actor=person, initiative_id=initiative.pk, response=response)
    except Conflict:
        return changed_page(request, queries.get_by_number(initiative.pk, person), person)
    messages.success(request, str(ANSWERED[response]))
    return _to_page(initiative)


def _to_page(initiative: Initiative) -> HttpResponse:
    """Return the way to the page of the initiative."""
    return SeeOther(reverse("initiative", args=[code_of(initiative.pk)]))


def _response(text: str) -> Response:
    """Return the answer that a button stands for. Raises InvalidInput."""
    try:
        return Response(text)
    except ValueError:
        raise InvalidInput(_("Say whether you confirm or decline."), code="no_response", field="response") from None
