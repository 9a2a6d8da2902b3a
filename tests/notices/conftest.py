"""What the tests of notices share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.factories import World, make_world
from tests.notices.mailserver import Gateway, Mailbox, mail_server, sms_gateway
from tests.notices.people import with_mail


@pytest.fixture(autouse=True)
def _text_messages(settings: Settings) -> None:
    """Text messages go to the terminal, whichever database the tests run on."""
    settings.SMS_SENDER = "console"


@pytest.fixture
def world(db: None) -> World:
    """A world whose member and officer can be written to, in English."""
    world = make_world()
    for person in (world.member, world.officer):
        person.language = "en"
        with_mail(person)
    return world


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server that the portal uses."""
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.PORTAL_URL = "https://sangkien.example.vn"
        settings.MAIL_DOMAIN = "sangkien.example.vn"
        settings.DEFAULT_FROM_EMAIL = "Sáng Kiến <khong-tra-loi@sangkien.example.vn>"
        yield box


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """An SMS gateway that the portal uses."""
    with sms_gateway() as gateway:
        settings.SMS_SENDER = "http"
        settings.SMS_URL = f"{gateway.url}/send?to={{digits}}"
        settings.SMS_METHOD = "POST"
        settings.SMS_HEADERS = {"Authorization": "Bearer secret"}
        settings.SMS_BODY = {"id": "{id}", "to": "{phone}", "parts": [{"text": "{text}"}], "unicode": True}
        yield gateway
