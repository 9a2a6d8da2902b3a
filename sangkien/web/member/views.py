"""Submitting an initiative: a new form, a draft, saving it, sending it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotFound, SangKienError
from sangkien.initiatives.actions import discard_draft, resubmit, submit_new
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.errors import AlreadySent, DraftChanged
from sangkien.initiatives.files import add_file, remove_file
from sangkien.initiatives.inputs import even_shares
from sangkien.initiatives.models import Draft, Initiative
from sangkien.initiatives.queries import number_sent_under
from sangkien.initiatives.sending import known_of
from sangkien.people.models import Person
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import open_phase, phases_of, the_programme
from sangkien.units.queries import unit_of
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.member import saving
from sangkien.web.member.checks import notes_on, refuse_by_rules
from sangkien.web.member.forms import SubmissionForm
from sangkien.web.member.pages import Sheet, opened_page, refused_page, typed_page
from sangkien.web.member.remembering import remember
from sangkien.web.member.tickets import holder_of
from sangkien.web.member.typed import Typed, author_rows, merged, read_typed

SENT_COOKIE = "sent_draft"
"""Names the draft that was sent or discarded last, so that the script drops the copy that it kept of it."""
UNSAVED = ("too_large", "too_many_drafts")
"""Refusals after which nothing of what was typed has been stored: the page alone holds it."""
COOKIE_LIFE = 7 * 24 * 3600  # seconds

__all__ = ["discard", "draft", "save", "submit", "unit_of"]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def submit(request: HttpRequest) -> HttpResponse:
    """A new form. Nothing is stored yet; ``?ban=`` is the id that a copy on this device already has.

    ``?thay=1`` begins one that is sent for somebody else.
    """
    person = signed_in(request)
    programme = the_programme()
    draft_id = _asked_id(request)
    if draft_id and (saving.find_draft(person, draft_id) or number_sent_under(person, draft_id)):
        return redirect("draft", draft=draft_id)
    phase = open_phase(programme, clock.now()) if programme else None
    if programme is None or phase is None:
        return render(request, "member/closed.html", {"programme": programme, "phases": _phases(programme)})
    for_others = request.GET.get("thay") == "1"
    return opened_page(request, Sheet(person, programme, draft_id or uuid4(), for_others=for_others))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, draft: UUID) -> HttpResponse:
    """A draft: opened, saved, completed, sent. What was typed stays on the page whatever is wrong with it.

    Whoever was signed out meanwhile is led to sign in; what they send with a good ticket is saved first.
    """
    if not request.user.is_authenticated:
        if request.method == "POST" and (holder := holder_of(request.POST.get("ticket", ""), draft)):
            saving.keep(holder, draft, _programme(), read_typed(request.POST), seen=saving.seen_version(request.POST))
        return HttpResponseRedirect(saving.sign_in_address(draft))
    person = signed_in(request)
    if request.method == "POST":
        return _acted(request, person, draft)
    found = saving.find_draft(person, draft)
    if found is None:
        return _sent_before(request, draft, number_sent_under(person, draft))
    return opened_page(request, Sheet(person, found.programme, draft, found))


@never_cache
@require_POST
def save(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Save what has changed, for the script: 200 with remarks, 401 when signed out, 404, 409 and 422 when not saved."""
    is_known = request.user.is_authenticated
    person = signed_in(request) if is_known else holder_of(request.POST.get("ticket", ""), draft)
    if person is None:
        return JsonResponse({"sign_in": saving.sign_in_address(draft)}, status=401)
    typed, seen = read_typed(request.POST), saving.seen_version(request.POST)
    try:
        kept = saving.keep(person, draft, _programme(), typed, seen=seen, in_part="part" in request.POST)
    except SangKienError as error:
        if not is_known:
            return JsonResponse({"sign_in": saving.sign_in_address(draft)}, status=401)
        return saving.refusal(request, error, draft)
    if not is_known:  # saved, and nothing more is told to whoever holds the ticket
        said = {"sign_in": saving.sign_in_address(draft), **saving.as_saved(kept)}
        return JsonResponse(said, status=401)
    return JsonResponse(saving.as_saved(kept) | _remarks(Sheet(person, kept.programme, draft, kept), request))


@login_required
@require_POST
def discard(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Discard a draft with its files."""
    discard_draft(actor=signed_in(request), draft_id=draft)
    messages.success(request, _("The draft has been discarded."))
    return _forgetting(SeeOther(reverse("submit")), draft)


# --- what the buttons do --------------------------------------------------------------------------------------------


def _acted(request: HttpRequest, person: Person, draft_id: UUID) -> HttpResponse:
    """Do what the pressed button says with what was typed."""
    typed = read_typed(request.POST)
    known = known_of(person, draft_id, typed.get("field", "").strip())
    sheet = Sheet(person, known.programme or _programme(), draft_id, known.draft, known.field)
    sheet.own_unit = known.unit
    if saving.is_overtaken(sheet.draft, typed, saving.seen_version(request.POST)):
        return typed_page(request, sheet, typed, conflict=sheet.draft, status=409)
    action, _colon, argument = request.POST.get("action", "submit").partition(":")
    file = request.FILES.get("file") if action in ("submit", "upload") else None
    if action == "submit" and not file:
        return _submitted(request, sheet, typed)
    if action == "more_authors":
        typed["authors"] = str(author_rows(typed | {"authors": str(author_rows(typed) + 1)}))
    elif action == "split_shares":
        typed |= {f"author{n}_share": str(s) for n, s in enumerate(even_shares(author_rows(typed)), start=1)}
    elif action == "drop_author" and argument.isdecimal():
        typed = _without_author(typed, int(argument[:2]))
    try:
        sheet.draft = _kept(request, sheet, typed)
        if file and file.file:  # without the script it comes with whatever button was pressed
            name, size = file.name or "", file.size
            add_file(actor=sheet.person, draft_id=sheet.draft_id, name=name, stream=file.file, size=size)
        elif action == "drop_file" and argument.isdecimal():
            remove_file(actor=sheet.person, draft_id=sheet.draft_id, file_id=int(argument))
    except AlreadySent as error:
        return _sent_before(request, sheet.draft_id, error.number)
    except DraftChanged as error:
        sheet.draft = error.draft
        return typed_page(request, sheet, typed, conflict=error.draft, status=409)
    except (InvalidInput, Conflict) as error:
        is_unsaved = error.code in UNSAVED
        return typed_page(request, sheet, typed, fault=error, is_unsaved=is_unsaved, status=422)
    if action == "submit":
        return _submitted(request, sheet, typed)
    if action == "save":
        messages.success(request, _("The draft has been saved. You can go on with it here or on another device."))
    place = {"more_authors": "#authors", "split_shares": "#authors", "drop_author": "#authors"}.get(action, "")
    place = "#attachments" if action in ("upload", "drop_file") else place
    return SeeOther(reverse("draft", args=[sheet.draft_id]) + place)


def _submitted(request: HttpRequest, sheet: Sheet, typed: Typed) -> HttpResponse:
    """Send what was typed and lead to its receipt; or keep it and show everything that is wrong with it."""
    form = sheet.form(merged({}, typed), checks=True)
    if form.is_valid():
        try:
            return _sent(request, sheet, form)
        except AlreadySent as error:
            return _sent_before(request, sheet.draft_id, error.number)
        except InvalidInput as error:
            form.refuse(error)
    else:
        refuse_by_rules(form, sheet.basis)
    try:
        sheet.draft = _kept(request, sheet, typed)
    except AlreadySent as error:
        return _sent_before(request, sheet.draft_id, error.number)
    except DraftChanged as error:
        sheet.draft = error.draft
        return typed_page(request, sheet, typed, conflict=error.draft, status=409)
    except (InvalidInput, Conflict) as error:
        form.refuse(error)
        return refused_page(request, sheet, form, is_unsaved=True)
    return refused_page(request, sheet, form)


def _sent(request: HttpRequest, sheet: Sheet, form: SubmissionForm) -> HttpResponse:
    """Send the initiative. Raises AlreadySent and InvalidInput."""
    content, authors, unit = form.content(), form.author_inputs(), form.chosen_unit()
    number = sheet.draft.corrects if sheet.draft else None
    if number:
        made = resubmit(
            actor=sheet.person,
            initiative_id=number,
            content=content,
            authors=authors,
            unit=unit,
            key=sheet.draft_id,
        )
        messages.success(request, _("It has been sent again and waits for verification."))
    else:
        made = submit_new(
            actor=sheet.person,
            programme=sheet.programme,
            content=content,
            authors=authors,
            unit=unit,
            key=sheet.draft_id,
        )
        remember(sheet.person, sheet.own_unit, form)
    return _forgetting(_receipt(made), sheet.draft_id)


def _sent_before(request: HttpRequest, draft_id: UUID, number: int | None) -> HttpResponse:
    """Lead to what a form made that has been sent before. Raises NotFound when there is none."""
    if number is None:
        raise NotFound(_("There is no such draft."), code="unknown_draft")
    code = code_of(number)
    messages.info(request, _("You have sent this form before. This is what it made: %(code)s.") % {"code": code})
    return _forgetting(SeeOther(reverse("receipt", args=[code])), draft_id)


def _receipt(made: Initiative) -> HttpResponse:
    return SeeOther(reverse("receipt", args=[code_of(made.pk)]))


def _forgetting(response: HttpResponse, draft_id: UUID) -> HttpResponse:
    """Tell the script to drop its copy of a draft that is no more."""
    response.set_cookie(SENT_COOKIE, str(draft_id), max_age=COOKIE_LIFE, path=reverse("submit"), samesite="Lax")
    return response


def _kept(request: HttpRequest, sheet: Sheet, typed: Typed) -> Draft:
    """Save what was typed. Raises what ``saving.keep`` does."""
    seen = saving.seen_version(request.POST)
    return saving.keep(sheet.person, sheet.draft_id, sheet.programme, typed, seen=seen)


def _without_author(typed: Typed, gone: int) -> Typed:
    """Return the texts without one row of authors; those below move up."""
    rows = author_rows(typed)
    moved = {name: value for name, value in typed.items() if not name.startswith("author") or name == "authors"}
    order = [n for n in range(1, rows + 1) if n != gone or n == 1]
    for place, n in enumerate(order, start=1):
        head = f"author{n}_"
        moved |= {f"author{place}_{k.removeprefix(head)}": v for k, v in typed.items() if k.startswith(head)}
    moved["authors"] = str(len(order))
    return moved


def _remarks(sheet: Sheet, request: HttpRequest) -> dict[str, object]:
    """Return what the script shows at the inputs that have been left, and how amounts and units were read."""
    touched = set(request.POST.get("touched", "").split(",")) - {""}
    form = sheet.form(sheet.typed, checks=True)
    notes = notes_on(form, sheet.basis, touched)
    return {
        "notes": {name: [note.as_json() for note in found] for name, found in notes.items()},
        "readings": form.readings(),
    }


def _asked_id(request: HttpRequest) -> UUID | None:
    """Return the id that an address names, if it is one."""
    try:
        return UUID(request.GET.get("ban", ""))
    except ValueError:
        return None


def _programme() -> Programme:
    """Return the programme that initiatives are sent to. Raises NotFound."""
    programme = the_programme()
    if programme is None:
        raise NotFound(_("No programme has been opened on this portal yet."), code="no_programme")
    return programme


def _phases(programme: Programme | None) -> list[Phase]:
    """Return the phases of the programme, if there is one."""
    return phases_of(programme) if programme else []
