"""Sessions and the account behind them, read by statements of our own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sangkien.web.accounts.backends import AccountBackend
from sangkien.web.accounts.sessions import SessionStore
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def _stored() -> str:
    session = SessionStore()
    session["language"] = "vi"
    session.create()
    assert session.session_key
    return session.session_key


def test_a_session_is_what_django_reads() -> None:
    key = _stored()
    assert dict(SessionStore(key).items()) == dict(DjangosStore(key).items()) == {"language": "vi"}


@pytest.mark.parametrize("why", ["expired", "unknown"])
def test_a_session_that_is_over_is_empty_and_its_key_forgotten(why: str) -> None:
    key = _stored()
    if why == "expired":
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    else:
        Session.objects.all().delete()
    session = SessionStore(key)
    assert "language" not in session
    assert session.session_key is None


def test_the_account_behind_a_session_is_the_one_that_signed_in(client: Client) -> None:
    person = make_person("hoa")
    client.force_login(person)
    assert client.session[BACKEND_SESSION_KEY] == "sangkien.web.accounts.backends.AccountBackend"
    assert AccountBackend().get_user(person.pk) == person
    assert client.get(reverse("account_set_password")).status_code == 302


def test_an_account_that_is_closed_or_gone_is_nobody(client: Client) -> None:
    person = make_person("hoa")
    client.force_login(person)
    get_user_model().objects.filter(pk=person.pk).update(is_active=False)
    assert AccountBackend().get_user(person.pk) is None
    assert AccountBackend().get_user(-1) is None
    assert client.get(reverse("submit")).status_code == 302
