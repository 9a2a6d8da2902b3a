"""Files of a draft, added in one go or in parts; and the attachments of an initiative, as downloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sangkien.core.errors import InvalidInput, SangKienError
from sangkien.initiatives.files import (
    LARGEST_PART,
    WrongPlace,
    add_file,
    cancel_upload,
    files_of_draft,
    finish_upload,
    open_attachment,
    receive_part,
    remove_file,
    start_upload,
)
from sangkien.initiatives.queries import get_by_code, get_draft
from sangkien.people.models import Person
from sangkien.web.errors import status_of
from sangkien.web.initiatives.requests import SeeOther, signed_in, viewer_of

PLACE = "#attachments"
PIECE = 64 * 1024
PART_TYPE = "application/octet-stream"
LONGEST_ORDER = 4096
LARGEST_NUMBER = 2**31 - 1

View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """Answer a script with JSON whatever happens: 401 when signed out, a refusal as its status with the sentence."""

    @wraps(view)
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            text = _("You have been signed out. Sign in again and add the file once more.")
            return JsonResponse({"error": str(text), "code": "signed_out"}, status=401)
        try:
            return view(request, **arguments)
        except SangKienError as error:
            said: dict[str, object] = {"error": str(error), "code": error.code}
            if isinstance(error, WrongPlace):
                said["received"] = error.received
            return JsonResponse(said, status=status_of(error)[0])

    return answer


@login_required
@require_POST
def add(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Add one file that came with a plain form, and lead back to the draft."""
    person = signed_in(request)
    get_draft(person, draft)
    sent = request.FILES.get("file")
    try:
        if sent is None or sent.file is None:
            raise InvalidInput(_("Choose a file first."), code="no_file", field="file")
        file = add_file(actor=person, draft_id=draft, name=sent.name or "", stream=sent.file, size=sent.size)
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” has been added.") % {"name": file.name})
    return SeeOther(reverse("draft", args=[draft]) + PLACE)


@never_cache
@require_POST
@told
def upload(request: HttpRequest, draft: UUID) -> HttpResponse:
    """A step of an upload in parts, for the script.

    A part is the body itself (``application/octet-stream``), with ``?tep=`` upload and ``?tu=`` the byte from which it
    goes. The rest is JSON: ``{"do": "start", "name", "size", "mark"}`` answers ``{"id", "received", "part"}``;
    ``{"do": "finish", "id"}`` answers ``{"name", "list"}``, the list of the draft's files as HTML;
    ``{"do": "cancel", "id"}``. 409 with ``received`` means: go on from there.
    """
    person = signed_in(request)
    if request.content_type == PART_TYPE:
        return JsonResponse({"received": _take_part(request, person, draft)})
    order = _order(request)
    match order.get("do"):
        case "start":
            name, size, mark = order.get("name"), order.get("size"), order.get("mark", "")
            if not (isinstance(name, str) and isinstance(mark, str) and type(size) is int):
                raise _unreadable()
            begun = start_upload(actor=person, draft_id=draft, name=name[-500:], size=size, mark=mark[:200])
            return JsonResponse({"id": str(begun.pk), "received": begun.received, "part": LARGEST_PART})
        case "finish":
            file = finish_upload(actor=person, draft_id=draft, upload_id=_uuid(order.get("id")))
            return JsonResponse({"name": file.name, "list": _list(request, person, draft)})
        case "cancel":
            cancel_upload(actor=person, draft_id=draft, upload_id=_uuid(order.get("id")))
            return JsonResponse({})
    raise _unreadable()


@require_POST
def remove(request: HttpRequest, draft: UUID, file: int) -> HttpResponse:
    """Take a file from a draft: a script gets the new list, a plain form is led back."""
    if "application/json" in request.headers.get("Accept", ""):
        return _removed(request, draft=draft, file=file)
    return _removed_plainly(request, draft, file)


@require_safe
@login_required
def attachment(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """One attachment, always as a download, to those who may see it."""
    initiative = get_by_code(code, viewer_of(request))
    found, content = open_attachment(viewer_of(request), initiative, min(number, 10_000))
    response = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.media_type)
    response.block_size = PIECE
    response["Content-Length"] = found.size
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    request.META["HTTP_ACCEPT_ENCODING"] = "identity"  # all of them are compressed already, and the length stays true
    return response


# --- steps ----------------------------------------------------------------------------------------------------------


def _take_part(request: HttpRequest, person: Person, draft: UUID) -> int:
    """Take the part that is the body of the request; return how many bytes are there now."""
    start = request.GET.get("tu", "")
    if not (start.isascii() and start.isdigit() and len(start) < 12):
        raise _unreadable()
    try:
        content = request.read(LARGEST_PART + 1)
    except UnreadablePostError:
        raise _unreadable() from None
    upload_id = _uuid(request.GET.get("tep"))
    return receive_part(actor=person, draft_id=draft, upload_id=upload_id, start=int(start), content=content)


def _order(request: HttpRequest) -> dict[str, Any]:
    """Return what the script asks for. Raises InvalidInput."""
    try:
        order = json.loads(request.read(LONGEST_ORDER))
    except (ValueError, RecursionError, UnreadablePostError):
        raise _unreadable() from None
    if not isinstance(order, dict):
        raise _unreadable()
    return order


def _uuid(value: object) -> UUID:
    """Return the id of an upload. Raises InvalidInput."""
    try:
        return UUID(str(value))
    except ValueError:
        raise _unreadable() from None


def _unreadable() -> InvalidInput:
    return InvalidInput(_("This step of the upload cannot be read. Add the file again."), code="bad_step", field="file")


def _list(request: HttpRequest, person: Person, draft: UUID) -> str:
    """Return the draft's files as the page lists them."""
    context = {"draft": draft, "files": files_of_draft(get_draft(person, draft))}
    return render_to_string("files/rows.html", context, request)


@told
def _removed(request: HttpRequest, draft: UUID, file: int) -> HttpResponse:
    person = signed_in(request)
    remove_file(actor=person, draft_id=draft, file_id=min(file, LARGEST_NUMBER))
    return JsonResponse({"list": _list(request, person, draft)})


@login_required
def _removed_plainly(request: HttpRequest, draft: UUID, file: int) -> HttpResponse:
    remove_file(actor=signed_in(request), draft_id=draft, file_id=min(file, LARGEST_NUMBER))
    messages.success(request, _("The file has been removed."))
    return SeeOther(reverse("draft", args=[draft]) + PLACE)
