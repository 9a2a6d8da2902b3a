"""Settings of what leaves the portal: e-mail and SMS."""

from __future__ import annotations

import json
import os
import re
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_IS_SERVER = bool(os.environ.get("DATABASE_URL"))
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 30
"""Seconds that the mail server may take for one answer."""


def _mail_server(url: str) -> SplitResult:
    """Take ``EMAIL_URL`` apart: ``smtp://user:password@host:port?tls=1``, ``smtps://…``, or ``console:``."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "console") or (parts.scheme != "console" and not parts.hostname):
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp://user:password@host:587?tls=1, smtps://… or console:"
        )
    return parts


def _headers(text: str) -> dict[str, str]:
    """Read ``SMS_HEADERS``: a JSON object of texts."""
    headers = _json("SMS_HEADERS", text)
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise ImproperlyConfigured("SMS_HEADERS must be a JSON object of texts.")
    return headers


def _json(name: str, text: str) -> object:
    """Read a setting written in JSON."""
    try:
        return json.loads(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be JSON.") from None


def _time_of_day(text: str) -> tuple[int, int]:
    """Read ``DIGEST_TIME``: hour and minute."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])", text)
    if not found:
        raise ImproperlyConfigured("DIGEST_TIME must be a time of day such as 7:30.")
    return int(found[1]), int(found[2])


# Without a server of one's own the terminal shows what would be sent: that is how the demo hands out its codes. A real
# server asks the mail system of its machine, and never writes a code into its log.
_server = _mail_server(os.environ.get("EMAIL_URL") or ("smtp://localhost:25" if _IS_SERVER else "console:"))
EMAIL_BACKEND = CONSOLE if _server.scheme == "console" else SMTP
EMAIL_HOST = _server.hostname or ""
EMAIL_USE_SSL = _server.scheme == "smtps"
EMAIL_USE_TLS = parse_qs(_server.query).get("tls") == ["1"]
EMAIL_PORT = _server.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = unquote(_server.username or "")
EMAIL_HOST_PASSWORD = unquote(_server.password or "")

DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("MAIL_FROM", "Sáng Kiến <khong-tra-loi@localhost>")
MAIL_DOMAIN = parseaddr(DEFAULT_FROM_EMAIL)[1].partition("@")[2]
if not MAIL_DOMAIN:
    raise ImproperlyConfigured("MAIL_FROM must be an address such as Sáng Kiến <khong-tra-loi@example.vn>.")

PORTAL_URL = (os.environ.get("PORTAL_URL") or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}").rstrip("/")
"""What every link in a message begins with."""
DIGEST_TIME = _time_of_day(os.environ.get("DIGEST_TIME", "7:30"))
"""Hour and minute, Vietnam time, at which the day's digests are made."""

SMS_URL = os.environ.get("SMS_URL", "")
SMS_METHOD = os.environ.get("SMS_METHOD", "POST")
SMS_HEADERS = _headers(os.environ.get("SMS_HEADERS", "{}"))
SMS_BODY = _json("SMS_BODY", os.environ.get("SMS_BODY", '{"id": "{id}", "to": "{phone}", "text": "{text}"}'))
SMS_SENDER = "http" if SMS_URL else "none" if _IS_SERVER else "console"
if SMS_URL and urlsplit(SMS_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured("SMS_URL must begin with https:// (or http://).")
