"""What every request of somebody signed in passes: pages that nobody else may keep, and the officers' second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.core.exceptions import RateLimited
from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.defaults import page_not_found

from sangkien.people.models import Person
from sangkien.web.accounts.second_factor import (
    CHECKED_AT,
    CHECKED_FOR,
    factors_of,
    has_passed,
    is_officer,
    note_new_factor,
)
from sangkien.web.errors import API_PREFIX

NOBODY_KEEPS = "private, no-store"
AFTERWARDS = "second_factor_next"
"""Session key: where an officer wanted to go before being led to set up a second factor."""

_KNOWS_SOMEBODY = (
    SESSION_KEY, "account_login", "account_email_verification_code", "account_password_reset_verification",
    "socialaccount_sociallogin",
)  # fmt: skip
_ALWAYS = frozenset({"account_logout", "language", "healthz", "readyz", "metrics"})
_TO_PASS = _ALWAYS | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
_TO_SET_UP = _TO_PASS | {
    "account_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip

Next = Callable[[HttpRequest], HttpResponse]


class PrivatePagesMiddleware:
    """Keeps what somebody signed in was shown out of every cache, the browser's own too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a page that knows who reads it, or leads through signing in, is kept by nobody."""
        response = self.get_response(request)
        if request.session.accessed and any(key in request.session for key in _KNOWS_SOMEBODY):
            response.headers["Cache-Control"] = NOBODY_KEEPS
        return _led_by_page(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what allauth leaves to others: too many codes asked for, a provider that the settings do not name."""
        if isinstance(exception, RateLimited):
            answer: HttpResponse = respond_429(request)
            return answer
        return page_not_found(request, exception) if isinstance(exception, SocialApp.DoesNotExist) else None


def _led_by_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Lead to another provider by a page: ``form-action 'self'`` forbids a form to end elsewhere by a redirect."""
    location = response.headers.get("Location", "")
    match = request.resolver_match
    if request.method != "POST" or response.status_code != 302 or not match or not urlsplit(location).netloc:
        return response
    if not (match.url_name or "").endswith("_login"):
        return response
    page = render(request, "socialaccount/login_redirect.html", {"redirect_to": location})
    page.cookies = response.cookies
    page.headers["Cache-Control"] = NOBODY_KEEPS
    return page


class SecondFactorMiddleware:
    """Leads whoever holds a role and has shown no second factor to do so, and lets them do nothing else before.

    What was found is kept in the session for a minute, so that a request pays nothing for it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer instead of the view if a second factor is missing."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if not settings.OFFICERS_NEED_SECOND_FACTOR or name in _ALWAYS or request.path.startswith(API_PREFIX):
            return None
        if SESSION_KEY not in request.session or _is_fresh(request.session.get(CHECKED_AT)):
            return None
        person = request.user
        if not isinstance(person, Person) or not is_officer(person):
            request.session[CHECKED_AT] = int(time.time())
            return None
        factors = factors_of(person)
        if factors and has_passed(request, person):
            request.session[CHECKED_AT] = int(time.time())
            return None
        return _led_to_a_factor(request, name, factors)


def _is_fresh(checked_at: object) -> bool:
    return isinstance(checked_at, int) and 0 <= time.time() - checked_at < CHECKED_FOR


def _led_to_a_factor(request: HttpRequest, name: str | None, factors: set[str]) -> HttpResponse | None:
    """Lead to showing one of the factors, or to setting up the first."""
    if name in (_TO_PASS if factors else _TO_SET_UP):
        return None
    here = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("account")
    if not factors:
        request.session[AFTERWARDS] = here
        return HttpResponseRedirect(reverse("mfa_index"))
    by_code = Authenticator.Type.TOTP in factors
    page = reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
    return HttpResponseRedirect(f"{page}?{urlencode({'next': here})}")


@receiver(authenticator_added, dispatch_uid="sangkien.second_factor_added")
def _on_added(*, request: HttpRequest, user: Person, authenticator: Authenticator, **_rest: object) -> None:
    note_new_factor(request, user, authenticator.type)


@receiver(authenticator_removed, dispatch_uid="sangkien.second_factor_removed")
def _on_removed(*, request: HttpRequest, **_rest: object) -> None:
    request.session.pop(CHECKED_AT, None)  # looked at anew: it may have been the last one
