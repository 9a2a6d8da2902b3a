"""What Zalo calls things: ``app_id``, and the application's secret in a header."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from django.utils.http import urlencode
from requests import JSONDecodeError, Response


class ZaloClient(OAuth2Client):  # type: ignore[misc]  # untyped
    """Leads to Zalo and fetches the token."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """Return the address at which Zalo asks the person. What may be read is set with Zalo, not here."""
        query = {
            "app_id": self.consumer_key,
            "redirect_uri": self.callback_url,
            "state": self.state,
            "code_challenge": extra_params["code_challenge"],
        }
        return f"{authorization_url}?{urlencode(query)}"

    def get_access_token(
        self, code: str, pkce_code_verifier: str | None = None, extra_data: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Exchange the code for a token. Raises OAuth2Error."""
        sent = {
            "app_id": self.consumer_key,
            "code": code,
            "grant_type": "authorization_code",
            "code_verifier": pkce_code_verifier,
        }
        with get_adapter().get_requests_session() as session:
            response = session.post(
                self.access_token_url, data=sent, headers={"secret_key": self.consumer_secret}, allow_redirects=False
            )
        return answer_of(response, "access_token")


def answer_of(response: Response, wanted: str) -> dict[str, Any]:
    """Return what Zalo answers: faults come with status 200, too. Raises OAuth2Error unless ``wanted`` is in it."""
    try:
        answer = response.json()
    except JSONDecodeError:
        answer = None
    if response.status_code != 200 or not isinstance(answer, dict) or answer.get("error") or not answer.get(wanted):
        fault = answer.get("error") if isinstance(answer, dict) else None
        raise OAuth2Error(f"Zalo answered {response.status_code}, error {fault}, without {wanted}.")
    return answer
