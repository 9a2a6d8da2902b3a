"""OpenID Connect with a nonce, so that an identity made for another attempt, or stolen, is of no use here.

The nonce is the hash of the state: one goes through the person's browser, the other comes back signed by the provider.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest


class NonceClient(OAuth2Client):  # type: ignore[misc]  # untyped
    """Sends the nonce along."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """Return the address at which the provider asks the person."""
        address: str = super().get_redirect_url(
            authorization_url, scope, extra_params | {"nonce": nonce_of(self.state)}
        )
        return address


class NonceAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # untyped
    """Leads to the provider."""

    client_class = NonceClient


class NonceProvider(OpenIDConnectProvider):  # type: ignore[misc]  # untyped
    """A provider whose identities must bear the nonce of this attempt."""

    oauth2_adapter_class = NonceAdapter

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """Return who somebody is. Raises OAuth2Error for an identity that was not made for this attempt."""
        told = response.get("id_token", {}).get("nonce", "")
        if not hmac.compare_digest(str(told), nonce_of(request.GET.get("state", ""))):
            raise OAuth2Error("The identity was not made for this attempt: wrong nonce.")
        userinfo = response.get("userinfo") or {}
        if userinfo and userinfo.get("sub") != response["id_token"].get("sub"):
            raise OAuth2Error("The provider told of two people: userinfo is of another subject.")
        return super().sociallogin_from_response(request, response)


def nonce_of(state: str | None) -> str:
    """Return the nonce that belongs to a state."""
    return hashlib.sha256(f"nonce:{state}".encode()).hexdigest()


provider_classes = [NonceProvider]
