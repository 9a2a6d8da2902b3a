"""One shape for every error: RFC 9457 problem details, in the language asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja.errors import HttpError, ValidationError

from sangkien.api.schemas import Problem, ProblemError
from sangkien.core.errors import Conflict, InvalidInput, Message, NotAllowed, NotFound, SangKienError

View = Callable[..., HttpResponseBase]
MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("sangkien.api")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its name in ``type``, its HTTP status, its title and what it means."""

    name: str
    status: int
    title: Message
    meaning: Message


BAD_REQUEST = ProblemKind(
    "bad-request", 400, _("The request cannot be read"), _("The request is not well-formed. Do not repeat it as it is.")
)
REFUSED = ProblemKind("not-allowed", 403, _("Not allowed"), _("What was asked for is not open to whoever asked."))
NOTHING_HERE = ProblemKind(
    "not-found", 404, _("Not found"), _("There is no such address, programme, unit or initiative, or it is not public.")
)
WRONG_METHOD = ProblemKind(
    "method-not-allowed", 405, _("Method not allowed"), _("This address answers other methods: see the Allow header.")
)
COLLISION = ProblemKind(
    "conflict", 409, _("Changed in the meantime"), _("Somebody or something else came first. Look again, then decide.")
)
UNUSABLE = ProblemKind(
    "invalid-input",
    422,
    _("Something in the request cannot be used"),
    _("field and errors say which parameter, and why."),
)
BREAKDOWN = ProblemKind(
    "server-error", 500, _("Something went wrong on our side"), _("It has been written down. Try again later.")
)
KINDS = (BAD_REQUEST, REFUSED, NOTHING_HERE, WRONG_METHOD, COLLISION, UNUSABLE, BREAKDOWN)

_BY_STATUS = {kind.status: kind for kind in KINDS}
_BY_ERROR: tuple[tuple[type[SangKienError], ProblemKind], ...] = (
    (NotAllowed, REFUSED),
    (NotFound, NOTHING_HERE),
    (InvalidInput, UNUSABLE),
    (Conflict, COLLISION),
)

# What pydantic refuses, in words for people; anything else is said in general terms.
_SENTENCES: dict[str, Message] = {
    "int_parsing": _("Write a whole number."),
    "int_from_float": _("Write a whole number."),
    "int_parsing_size": _("This number is too large."),
    "less_than_equal": _("This may be at most %(le)s."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "literal_error": _("This may only be %(expected)s."),
    "enum": _("This may only be %(expected)s."),
    "missing": _("This is required."),
    "string_too_long": _("This is too long: at most %(max_length)s characters."),
    "string_too_short": _("This is required."),
}


def problem(
    kind: ProblemKind,
    detail: Message,
    *,
    code: str,
    field: str | None = None,
    errors: Sequence[ProblemError] = (),
) -> HttpResponse:
    """Return a problem as a response. ``code`` is stable, ``detail`` is for people."""
    if field and not errors:
        errors = [ProblemError(field=field, code=code, detail=str(detail))]
    body = Problem(
        type=f"{reverse('api-docs')}#problem-{kind.name}",
        title=str(kind.title),
        status=kind.status,
        detail=str(detail),
        code=code,
        field=field,
        errors=list(errors),
    )
    response = HttpResponse(body.model_dump_json(exclude_defaults=True), status=kind.status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def refusal(_request: HttpRequest, error: SangKienError | type[SangKienError]) -> HttpResponse:
    """Answer what a floor refused."""
    given = error() if isinstance(error, type) else error
    kind = next((kind for cause, kind in _BY_ERROR if isinstance(given, cause)), UNUSABLE)
    faults = given.errors if isinstance(given, InvalidInput) else []
    errors = [ProblemError(field=f.field, code=f.code, detail=str(f.message)) for f in faults if f.field]
    return problem(kind, given.message, code=given.code, field=given.field, errors=errors)


def invalid_parameters(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """Answer parameters that the schema refuses: all at once."""
    assert isinstance(error, ValidationError)
    errors = [_parameter_error(fault) for fault in error.errors]
    only = errors[0] if len(errors) == 1 else None
    return problem(
        UNUSABLE,
        only.detail if only else gettext("Several parameters cannot be used."),
        code=only.code if only else "invalid_input",
        field=only.field if only else None,
        errors=errors,
    )


def http_error(_request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """Answer an HTTP error of the framework's own."""
    assert isinstance(error, HttpError)
    kind = _BY_STATUS.get(error.status_code, BAD_REQUEST)
    return problem(kind, kind.meaning, code=kind.name.replace("-", "_"))


def not_found(_request: HttpRequest, _error: object = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return problem(NOTHING_HERE, _("There is no such address in this API."), code="unknown_address")


def breakdown(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer what should not have happened: written to the log, and nothing of it shown."""
    given = error if isinstance(error, Exception) else error()
    log.error("%s %s", request.method, request.path, exc_info=given)
    return problem(BREAKDOWN, BREAKDOWN.meaning, code="server_error")


def with_problems(view: View) -> View:
    """Let a view of the framework answer HEAD, and turn its bare 404 and 405 into problems."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any("\x00" in str(value) for value in kwargs.values()):
            return not_found(request)
        asked_method = request.method
        if asked_method == "HEAD":
            request.method = "GET"  # the framework knows no HEAD; the server leaves the body out
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return not_found(request)
        finally:
            request.method = asked_method
        return _wrong_method(response["Allow"]) if response.status_code == 405 else response

    return answer


def _wrong_method(allowed: str) -> HttpResponse:
    methods = ", ".join(sorted({"HEAD", *allowed.split(", ")}))
    response = problem(
        WRONG_METHOD,
        gettext("This address answers only %(methods)s.") % {"methods": methods},
        code="method_not_allowed",
    )
    response["Allow"] = methods
    return response


def _parameter_error(fault: Mapping[str, Any]) -> ProblemError:
    """Say in our own words what pydantic found."""
    sentence = _SENTENCES.get(fault["type"], InvalidInput.default_message)
    return ProblemError(
        field=str(fault["loc"][-1]), code=str(fault["type"]), detail=str(sentence) % fault.get("ctx", {})
    )
