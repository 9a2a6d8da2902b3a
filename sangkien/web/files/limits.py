"""How much a request may carry. What is too much is refused with a page in words before it is kept anywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.files import MEGABYTE, limits_in_force

PIECE = 64 * 1024
DRAIN_SECONDS = 30.0
"""How long the rest of a refused request is read and thrown away: a browser shows an answer only after it has sent
everything, and a connection that is cut before shows an error of its own instead of our sentence."""


class BodyLimitMiddleware:
    """Refuses (413) a request that carries more than a form with a file may, by what it says and by what comes.

    It has to stand before whatever reads forms first, which is the protection against forged ones: what fails there
    gets a bare answer. So forms are read here; nobody reads them twice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on if it may be read, or say what is wrong with it."""
        if request.method == "POST":
            if _length(request) > _largest(request):
                return too_large(request)
            try:
                request.POST  # noqa: B018  read here, as the class says
            except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
                return too_large(request)
            except BadRequest:  # texts in another encoding than UTF-8
                request.encoding = "utf-8"  # whoever asks for the form once more, such as an error page, gets it
                return refused(request, 400, str(_("What was sent arrived incomplete. Go back and send it again.")))
            except (MultiPartParserError, UnreadablePostError):
                return refused(request, 400, str(_("What was sent arrived incomplete. Go back and send it again.")))
        return self.get_response(request)


def too_large(request: HttpRequest) -> HttpResponse:
    """Return the answer (413) to a request that is too large, once the browser has been able to send it."""
    _drain(request)
    limits = limits_in_force()
    text = _(
        "What you sent is too large and was not kept. A file may have %(file)s MB at most and all files of an "
        "initiative together %(total)s MB. Go back: what you had saved is still there."
    ) % {"file": limits.file_bytes // MEGABYTE, "total": limits.total_bytes // MEGABYTE}
    return refused(request, 413, text)


def refused(request: HttpRequest, status: int, text: str) -> HttpResponse:
    """Return a refusal in words: as a page, or as JSON to a script."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": text}, status=status)
    heading = _("Too large") if status == 413 else _("This cannot be done")
    return render(request, "refused.html", {"heading": heading, "explanation": text, "status": status}, status=status)


def _length(request: HttpRequest) -> int:
    """Return how many bytes the request says that it carries."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else 0


def _largest(request: HttpRequest) -> int:
    """Return how many bytes a request of this kind may carry: a form alone, or with one of the largest files."""
    texts: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    with_file = request.content_type == "multipart/form-data"
    return texts + MEGABYTE + limits_in_force().file_bytes if with_file else texts


def _drain(request: HttpRequest) -> None:
    """Read what is still coming and throw it away, in pieces and for a limited time."""
    until = monotonic() + DRAIN_SECONDS
    with contextlib.suppress(UnreadablePostError):  # the other side has gone
        while monotonic() < until and request.read(PIECE):
            pass
