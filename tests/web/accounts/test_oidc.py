"""Signing in with OpenID Connect, against a real provider in a process of its own; only its screens are left out."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as configured
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from sangkien.people.models import Consent, Person
from tests.factories import make_person
from tests.web.accounts.oidc_server import CLIENT, PASSWORD, SECRET

CALLBACK = "http://testserver/tai-khoan/lien-ket/oidc/noi-khac/login/callback/"
VICTIM = "nan-nhan@cong-ty.vn"  # an address that the provider knows, but has not checked


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of the provider."""
    program = [sys.executable, "-m", "tests.web.accounts.oidc_server", CALLBACK]
    with subprocess.Popen(program, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, "the provider did not start"
            yield address
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def known(db: None, provider: str, settings: Settings) -> None:
    """This portal knows the provider, and does not rely on the addresses that it gives."""
    configure(settings, provider)


def configure(settings: Settings, provider: str, **more: object) -> None:
    providers = copy.deepcopy(configured.SOCIALACCOUNT_PROVIDERS)
    app = {"provider_id": "noi-khac", "name": "Nơi khác", "client_id": CLIENT, "secret": SECRET}
    providers["openid_connect"]["APPS"] = [app | {"settings": {"server_url": provider, **more}}]
    settings.SOCIALACCOUNT_PROVIDERS = providers


def leave(client: Client) -> str:
    """Choose the provider; return the address to which the page leads."""
    page = client.post(reverse("openid_connect_login", kwargs={"provider_id": "noi-khac"})).content.decode()
    (address,) = re.findall(r'href="(http[^"]*/identity/o/authorize[^"]*)"', page)
    return unescape(str(address))


def agree(address: str, name: str) -> str:
    """Sign in with the provider as ``name``, agree; return where the provider leads back to."""
    with requests.Session() as browser:
        asked = browser.get(address)
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', asked.text)[:1]
        sent = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
        response = browser.post(asked.url, sent, allow_redirects=False)
        while not response.headers["Location"].startswith(CALLBACK):
            response = browser.get(
                requests.compat.urljoin(response.url, response.headers["Location"]), allow_redirects=False
            )  # type: ignore[attr-defined]
    return response.headers["Location"]


def changed(address: str, **parameters: str) -> str:
    """Return the address with other parameters."""
    parts = urlsplit(address)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | parameters)).geturl()


def sign_up(client: Client, name: str, **more: str) -> Person:
    """Open an account by the provider; return it."""
    assert client.get(agree(leave(client), name))["Location"] == reverse("socialaccount_signup")
    form = client.get(reverse("socialaccount_signup")).context["form"]
    sent = {"full_name": form["full_name"].value(), "email": form["email"].value() or "", "consent": "on"} | more
    client.post(reverse("socialaccount_signup"), sent)
    return SocialAccount.objects.get().user


def owner(address: str) -> Person:
    """Somebody whose account has this address, proven."""
    person = make_person("chu-tai-khoan", email=address)
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    return person


def refused(client: Client, address: str) -> bool:
    """Say whether the answer led nowhere: nobody signed in, no account begun."""
    response = client.get(address, follow=True)
    assert response.status_code < 500
    return (
        get_user(client).is_anonymous  # type: ignore[arg-type]
        and not SocialAccount.objects.exists()
        and "socialaccount_sociallogin" not in client.session
    )


def test_a_person_signs_up_with_the_name_of_the_provider_and_comes_back(client: Client) -> None:
    person = sign_up(client, "hoa")
    assert get_user(client) == person  # type: ignore[arg-type]
    assert person.full_name == "Trần Thị Hoa"
    assert Consent.objects.filter(person=person).exists()
    assert not person.has_usable_password()
    elsewhere = Client()
    elsewhere.get(agree(leave(elsewhere), "hoa"))
    assert get_user(elsewhere) == person  # type: ignore[arg-type]
    assert SocialAccount.objects.count() == 1


def test_somebody_without_an_address_signs_up_too(client: Client) -> None:
    person = sign_up(client, "lan")
    assert person.full_name == "Trần Thị Lan"
    assert person.email == ""


def test_the_request_carries_state_nonce_and_a_challenge(client: Client) -> None:
    first, second = (dict(parse_qsl(urlsplit(leave(client)).query)) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]
    assert (first["code_challenge_method"], first["response_type"]) == ("S256", "code")
    assert set(first["scope"].split()) == {"openid", "profile", "email"}


def test_a_wrong_state_is_refused(client: Client) -> None:
    back = agree(leave(client), "hoa")
    assert refused(client, changed(back, state="x" * 16))
    assert refused(Client(), back), "another browser's"
    assert client.get(back)["Location"] == reverse("socialaccount_signup"), "and the right one is not"


def test_a_wrong_nonce_is_refused(client: Client) -> None:
    assert refused(client, agree(changed(leave(client), nonce="0" * 64), "hoa"))


def test_a_code_from_somebody_elses_attempt_is_refused(client: Client) -> None:
    theirs = dict(parse_qsl(urlsplit(agree(leave(Client()), "gian")).query))
    ours = agree(leave(client), "hoa")
    assert refused(client, changed(ours, code=theirs["code"]))


def test_an_answer_is_taken_once(client: Client) -> None:
    back = agree(leave(client), "hoa")
    assert client.get(back)["Location"] == reverse("socialaccount_signup")
    client.session.flush()
    assert refused(Client(), back)


def test_an_identity_of_another_issuer_is_refused(client: Client, provider: str, settings: Settings) -> None:
    configure(settings, provider, openid_configuration_overrides={"issuer": "https://noi-khac.vn"})
    assert refused(client, agree(leave(client), "hoa"))


def test_a_provider_that_does_not_know_our_secret_is_refused(client: Client, settings: Settings) -> None:
    back = agree(leave(client), "hoa")
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = "khác"
    assert refused(client, back)


def test_a_provider_that_is_away_is_said_to_be(client: Client, settings: Settings) -> None:
    back = agree(leave(client), "hoa")
    configure(settings, "http://127.0.0.1:9")  # where nobody answers
    assert refused(client, back)
    response = client.post(reverse("openid_connect_login", kwargs={"provider_id": "noi-khac"}))
    assert response.templates[0].name == "socialaccount/authentication_error.html"


@pytest.mark.parametrize("is_trusted", [False, True])
def test_an_address_that_the_provider_has_not_checked_never_leads_into_an_account(
    client: Client, provider: str, settings: Settings, is_trusted: bool
) -> None:
    configure(settings, provider, email_authentication=is_trusted)
    victim = owner(VICTIM)
    client.get(agree(leave(client), "gian"), follow=True)
    assert get_user(client).is_anonymous  # type: ignore[arg-type]
    client.post(reverse("socialaccount_signup"), {"full_name": "Gian", "email": VICTIM, "consent": "on"}, follow=True)
    assert get_user(client) != victim  # type: ignore[arg-type]
    assert not SocialAccount.objects.filter(user=victim).exists()
    assert list(EmailAddress.objects.filter(email=VICTIM, verified=True).values_list("user", flat=True)) == [victim.pk]


def test_a_checked_address_leads_into_the_account_only_from_a_provider_that_is_relied_on(
    client: Client, provider: str, settings: Settings
) -> None:
    person = owner("hoa@cong-ty.vn")
    client.get(agree(leave(client), "hoa"), follow=True)
    assert get_user(client).is_anonymous  # type: ignore[arg-type]
    assert not SocialAccount.objects.exists()
    configure(settings, provider, email_authentication=True)
    trusting = Client()
    trusting.get(agree(leave(trusting), "hoa"), follow=True)
    assert get_user(trusting) == person  # type: ignore[arg-type]
    assert SocialAccount.objects.get().user == person
