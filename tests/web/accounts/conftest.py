"""People, what was sent to them, and how they sign in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from sangkien.notices import sms

PASSWORD = "mat-khau-thu"


@dataclass
class Phones:
    """Stands where the gateway stands, and keeps what it is given: (number, text)."""

    messages: list[tuple[str, str]] = field(default_factory=list)

    def send(self, phone: str, text: str, message_id: str) -> None:
        self.messages.append((phone, text))


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch) -> Phones:
    taken = Phones()
    monkeypatch.setattr(sms, "sender", lambda: taken)
    return taken


@pytest.fixture
def client() -> Client:
    """A browser that reads English, so that texts can be looked for before they are translated."""
    browser = Client()
    browser.cookies["django_language"] = "en"
    return browser


def code_in(text: str) -> str:
    """Return the eight digits of a message."""
    (code,) = re.findall(r"\b[0-9]{8}\b", text)
    return str(code)


def mailed_code() -> str:
    """Return the code of the newest letter."""
    return code_in(mail.outbox[-1].subject)


def sign_up(client: Client, contact: str, **changes: str):
    sent = {"full_name": "Trần Thị Hoa", "contact": contact, "consent": "on"} | changes
    return client.post(reverse("account_signup"), {name: value for name, value in sent.items() if value})


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str):
    return client.post(reverse("account_login"), {"login": login, "password": password, **more})


Step = Callable[[Client], object]
