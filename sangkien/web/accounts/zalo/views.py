"""The way to Zalo and back."""

from __future__ import annotations

import hmac

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest

from sangkien.web.accounts.zalo.client import ZaloClient, answer_of

FIELDS = "id,name,picture"


class ZaloAdapter(OAuth2Adapter):  # type: ignore[misc]  # untyped
    """Where Zalo answers: its own servers, unless the settings name others."""

    provider_id = "zalo"
    client_class = ZaloClient

    @property
    def authorize_url(self) -> str:
        """The page on which the person agrees."""
        return f"{_server('OAUTH_URL', 'https://oauth.zaloapp.com')}/v4/permission"

    @property
    def access_token_url(self) -> str:
        """Where a code becomes a token."""
        return f"{_server('OAUTH_URL', 'https://oauth.zaloapp.com')}/v4/access_token"

    @property
    def profile_url(self) -> str:
        """Where the name of the person is read."""
        return f"{_server('GRAPH_URL', 'https://graph.zalo.me')}/v2.0/me"

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: object) -> SocialLogin:
        """Return who the token belongs to. Raises OAuth2Error."""
        proof = hmac.new(app.secret.encode(), token.token.encode(), "sha256").hexdigest()
        headers = {"access_token": token.token, "appsecret_proof": proof}
        with get_adapter().get_requests_session() as session:
            response = session.get(self.profile_url, params={"fields": FIELDS}, headers=headers, allow_redirects=False)
        return self.get_provider().sociallogin_from_response(request, answer_of(response, "id"))


def _server(name: str, usual: str) -> str:
    address: str = settings.SOCIALACCOUNT_PROVIDERS["zalo"].get(name) or usual
    return address


oauth2_login = OAuth2LoginView.adapter_view(ZaloAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(ZaloAdapter)
