"""Pages of accounts that are ours; the rest is allauth's, drawn by our templates."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import LogoutView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sangkien.web.accounts.adapter import SHARED
from sangkien.web.accounts.second_factor import is_officer
from sangkien.web.initiatives.requests import signed_in


class SignOutView(LogoutView):  # type: ignore[misc]  # untyped
    """Signs out, and lets the browser forget what it kept; on a shared computer its cookies too."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out and lead to the front page."""
        is_shared = bool(self.request.session.get(SHARED))
        answer: HttpResponse = super().post(*args, **kwargs)
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"' if is_shared else '"cache", "storage"'
        if is_shared:  # browsers that do not know the header, or speak plain HTTP, forget the session at least
            self.request.session.flush()
        return answer


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything about one's account in one place: how one signs in, what is written where, what one is told."""
    person = signed_in(request)
    factors = list(Authenticator.objects.filter(user_id=person.pk).values_list("type", flat=True))
    context = {
        "person": person,
        "addresses": EmailAddress.objects.filter(user_id=person.pk).order_by("-primary", "email"),
        "has_app": Authenticator.Type.TOTP in factors,
        "passkeys": factors.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in factors,
        "sessions": UserSession.objects.filter(user_id=person.pk).count(),
        "providers": SocialAccount.objects.filter(user_id=person.pk).count(),
        "is_officer": is_officer(person),
    }
    return render(request, "account/overview.html", context)
