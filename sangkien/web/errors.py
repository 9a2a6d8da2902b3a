"""What the floors refuse becomes a page: 403, 404, 409 or 422 in words, with a way on."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, SangKienError

STATUSES: tuple[tuple[type[SangKienError], int, str | Promise], ...] = (
    (NotAllowed, 403, _("You cannot do this")),
    (NotFound, 404, _("There is nothing here")),
    (Conflict, 409, _("Somebody was faster")),
    (InvalidInput, 422, _("This cannot be used")),
)
API_PREFIX = "/api/"


def status_of(error: SangKienError) -> tuple[int, str | Promise]:
    """Return the HTTP status of a refusal and the heading of its page."""
    for kind, status, heading in STATUSES:
        if isinstance(error, kind):
            return status, heading
    return 400, _("This cannot be done")


def refusal_page(request: HttpRequest, error: SangKienError) -> HttpResponse:
    """Return the page that says why something was refused."""
    status, heading = status_of(error)
    context = {"heading": heading, "explanation": str(error), "status": status}
    return render(request, "refused.html", context, status=status)


class ErrorPagesMiddleware:
    """Turns refusals that no view has caught into pages. The API writes its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for a refusal; leave everything else to Django."""
        if isinstance(exception, SangKienError) and not request.path.startswith(API_PREFIX):
            return refusal_page(request, exception)
        return None
