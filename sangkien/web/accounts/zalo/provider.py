"""Zalo as allauth sees it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.utils.crypto import get_random_string

from sangkien.web.accounts.zalo.views import ZaloAdapter

VERIFIER_LENGTH = 43  # letters and digits: Zalo takes no other length and no other signs


class ZaloAccount(ProviderAccount):  # type: ignore[misc]  # untyped
    """Somebody's account with Zalo."""

    def get_user_data(self) -> dict[str, Any]:
        """Return what Zalo told."""
        data: dict[str, Any] = self.account.extra_data
        return data

    def to_str(self) -> str:
        """Return the name by which a person knows the account."""
        return str(self.account.extra_data.get("name") or super().to_str())


class ZaloProvider(OAuth2Provider):  # type: ignore[misc]  # untyped
    """Zalo tells an id of its own for each application and the name; no address and no number."""

    id = "zalo"
    name = "Zalo"
    account_class = ZaloAccount
    oauth2_adapter_class = ZaloAdapter
    pkce_enabled_default = True

    def get_pkce_params(self) -> dict[str, str]:
        """Return a secret of this attempt, and the hash of it that goes ahead."""
        verifier = get_random_string(VERIFIER_LENGTH)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return {"code_verifier": verifier, "code_challenge": challenge}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return Zalo's id of the person, which only this application knows."""
        return str(data["id"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        """Return what a new account begins with."""
        return {"name": str(data.get("name") or "")}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what is kept: the name. Nobody needs the picture."""
        return {"id": self.extract_uid(data), "name": str(data.get("name") or "")}


provider_classes = [ZaloProvider]
