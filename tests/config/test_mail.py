"""What the environment says of mail and text messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

NAMES = (
    "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS",
    "EMAIL_USE_SSL", "MAIL_DOMAIN", "PORTAL_URL", "DIGEST_TIME", "SMS_SENDER", "SMS_BODY",
)  # fmt: skip
OURS = (
    "DATABASE_URL", "EMAIL_URL", "MAIL_FROM", "PORTAL_URL", "PORT", "DIGEST_TIME", "SMS_URL", "SMS_BODY", "SMS_HEADERS",
)  # fmt: skip
SCRIPT = f"import json; from sangkien.config import mail; print(json.dumps([getattr(mail, n) for n in {NAMES!r}]))"


def settings_with(**environment: str) -> dict[str, object]:
    """Read the settings in a process with this environment. Raises ValueError with what it said when it refuses."""
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=clean | environment, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise ValueError(done.stderr)
    return dict(zip(NAMES, json.loads(done.stdout), strict=True))


def test_a_trial_shows_mails_and_text_messages_on_the_terminal() -> None:
    found = settings_with(PORT="8123")
    assert str(found["EMAIL_BACKEND"]).endswith("console.EmailBackend")
    assert (found["SMS_SENDER"], found["PORTAL_URL"]) == ("console", "http://127.0.0.1:8123")
    assert found["DIGEST_TIME"] == [7, 30]


def test_a_server_uses_its_own_mail_system_and_shows_no_code() -> None:
    found = settings_with(DATABASE_URL="postgresql:///x", PORTAL_URL="https://x.vn/", MAIL_FROM="A <a@x.vn>")
    assert str(found["EMAIL_BACKEND"]).endswith("smtp.EmailBackend")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["SMS_SENDER"]) == ("localhost", 25, "none")
    assert (found["PORTAL_URL"], found["MAIL_DOMAIN"]) == ("https://x.vn", "x.vn")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://a%40x.vn:p%3A1@mail.x.vn:2525", 2525, False, False),
        ("smtp://a%40x.vn:p%3A1@mail.x.vn?tls=1", 587, True, False),
        ("smtps://a%40x.vn:p%3A1@mail.x.vn", 465, False, True),
    ],
)
def test_a_mail_server_is_named_by_one_address(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = settings_with(EMAIL_URL=url)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("a@x.vn", "p:1")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "mail.x.vn:25"),
        ("MAIL_FROM", "nobody"),
        ("DIGEST_TIME", "25:00"),
        ("SMS_URL", "file:///etc/passwd"),
        ("SMS_BODY", "{"),
        ("SMS_HEADERS", "[]"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        settings_with(**{name: value})
