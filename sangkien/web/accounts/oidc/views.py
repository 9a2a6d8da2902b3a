"""The way to a provider and back, also when the provider is away."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from requests import RequestException

View = Callable[[HttpRequest, str], HttpResponse]


def _saying_so_when_away(view: View) -> View:
    """Return the view with a page in the place of a breakdown: it asks the provider for its own description first."""

    def shown(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except RequestException as error:
            provider = get_adapter().get_provider(request, provider_id)
            answer: HttpResponse = render_authentication_error(request, provider, exception=error)
            return answer

    marked: View = login_not_required(shown)
    return marked


login = _saying_so_when_away(views.login)
callback = _saying_so_when_away(views.callback)
