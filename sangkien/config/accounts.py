"""Settings of accounts: signing up and in, second factors, other providers."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

AUTHENTICATION_BACKENDS = ["sangkien.web.accounts.backends.AccountBackend"]
SESSION_ENGINE = "sangkien.web.accounts.sessions"
ACCOUNT_MIDDLEWARE = [
    "sangkien.web.accounts.middleware.PrivatePagesMiddleware",
    "sangkien.web.accounts.middleware.SecondFactorMiddleware",
]

# --- who one is, and what proves it -------------------------------------------------------------------------

ACCOUNT_ADAPTER = "sangkien.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
# What allauth's flows may ask for; our own sign-up form has one field for both contacts and asks for no password.
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1"]
ACCOUNT_SIGNUP_REDIRECT_URL = "submit"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
ACCOUNT_SESSION_REMEMBER = True  # on a shared computer the form says otherwise
ACCOUNT_FORMS = {
    "login": "sangkien.web.accounts.forms.SignInForm",
    "signup": "sangkien.web.accounts.forms.SignUpForm",
    "request_login_code": "sangkien.web.accounts.forms.RequestCodeForm",
    "change_password": "sangkien.web.accounts.forms.PasswordForm",
}

# One-time codes: eight digits, five tries, a quarter of an hour, because messages are slow on a weak network.
_CODE_TIMEOUT = 15 * 60  # seconds
_CODE_TRIES = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 8}
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = _CODE_TIMEOUT
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT = _CODE_TIMEOUT
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = _CODE_TRIES
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = _CODE_TRIES
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True

# Thousands of workers share one address of a factory or a mobile network: what counts by address is generous, what
# counts by account or contact is strict. A code has eight digits and five tries: ten an hour leave a guesser at one
# account a chance of 1 in 80,000 a day, and spare whoever is sent codes that somebody else asks for.
ACCOUNT_RATE_LIMITS = {
    "signup": "60/m/ip",
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "request_login_code": "60/m/ip,3/m/key,10/h/key",
    "reset_password": "60/m/ip,3/m/key,10/h/key",
    "reset_password_from_key": "60/m/ip",
    "confirm_email": "1/10s/key,10/h/key",
    "verify_phone": "1/30s/key,10/h/key,60/m/ip",
    "change_phone": "3/m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
# Counted over all processes: a table made by a migration of `people`, unlogged, so that it costs no disk writes.
CACHES = {
    "default": {
        "BACKEND": "sangkien.web.accounts.limits.RateLimitCache",
        "LOCATION": "people_rate_limit",
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES") or ("1" if os.environ.get("BEHIND_TLS") else "0"))

# --- second factors and sessions ----------------------------------------------------------------------------

OFFICERS_NEED_SECOND_FACTOR = True
"""Whoever holds a role signs in with a second factor or does nothing else. Tests of other things say False."""
MFA_ADAPTER = "sangkien.web.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "sangkien.web.accounts.passkey_forms.AddPasskeyForm",
    "authenticate_webauthn": "sangkien.web.accounts.passkey_forms.SecondFactorPasskeyForm",
    "login_webauthn": "sangkien.web.accounts.passkey_forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "sangkien.web.accounts.passkey_forms.ProofPasskeyForm",
}
MFA_TOTP_ISSUER = "Sáng Kiến"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: clocks of cheap phones are off
USERSESSIONS_TRACK_ACTIVITY = False  # it would write at every request

# --- other providers ----------------------------------------------------------------------------------------

SOCIALACCOUNT_ADAPTER = "sangkien.web.accounts.adapter.ProviderAdapter"
SOCIALACCOUNT_FORMS = {"signup": "sangkien.web.accounts.forms.ProviderSignUpForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False  # consent is asked for
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # only for providers below that are known to check addresses
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10  # seconds


def _oidc_apps(text: str) -> list[dict[str, Any]]:
    """Read ``SANGKIEN_OIDC``: a JSON list of ``{provider_id, name, client_id, secret, server_url}``.

    ``"verified_email": true`` says that the provider checks the addresses that it gives: only then does it lead into an
    account that has the same address. Everything else (``token_auth_method``, ``scope``, …) goes to allauth as it is.
    """
    needed = ("provider_id", "name", "client_id", "secret", "server_url")
    try:
        apps = [dict(app) for app in json.loads(text)]
        fixed = [{key: str(app.pop(key)) for key in needed} for app in apps]
    except (ValueError, TypeError, KeyError):
        raise ImproperlyConfigured(f"SANGKIEN_OIDC must be a JSON list of objects with {', '.join(needed)}.") from None
    for one, more in zip(fixed, apps, strict=True):
        is_trusted = bool(more.get("verified_email", False))
        one["settings"] = {"server_url": one.pop("server_url"), "email_authentication": is_trusted, **more}  # type: ignore[assignment]
    return fixed


def _one_app(client_id: str, secret: str) -> list[dict[str, Any]]:
    """Return the application that this portal is known as with a provider; nothing when it is not."""
    return [{"client_id": client_id, "secret": secret}] if client_id else []


SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "google": {
        "APPS": _one_app(os.environ.get("GOOGLE_ID", ""), os.environ.get("GOOGLE_SECRET", "")),
        "SCOPE": ["profile", "email"],
        "EMAIL_AUTHENTICATION": True,  # Google says which addresses it has checked
        "OAUTH_PKCE_ENABLED": True,
    },
    "facebook": {
        "APPS": _one_app(os.environ.get("FACEBOOK_ID", ""), os.environ.get("FACEBOOK_SECRET", "")),
        "METHOD": "oauth2",
        "SCOPE": ["email", "public_profile"],
        "FIELDS": ["id", "name", "email"],
    },
    "zalo": {
        "APPS": _one_app(os.environ.get("ZALO_ID", ""), os.environ.get("ZALO_SECRET", "")),
    },
    "openid_connect": {
        "provider_class": "sangkien.web.accounts.oidc.provider.NonceProvider",
        "APPS": _oidc_apps(os.environ.get("SANGKIEN_OIDC") or "[]"),
        "OAUTH_PKCE_ENABLED": True,
    },
}
