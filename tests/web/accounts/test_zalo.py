"""Signing in with Zalo, against a server that speaks Zalo's OAuth version 4 and nothing else."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as configured
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from sangkien.people.models import Consent, Person

APP, SECRET = "4400001111222233334", "bi-mat-cua-ung-dung"
CALLBACK = "http://testserver/tai-khoan/lien-ket/zalo/login/callback/"


@dataclass
class Zalo:
    """Codes that the person agreed to, with the challenge that came ahead; tokens given out; who they belong to."""

    url: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    person: dict[str, Any] = field(default_factory=lambda: {"id": "7712345678901234567", "name": "Trần Thị Hoa"})
    fault: tuple[int, str] | None = None

    def agree(self, address: str) -> str:
        """The person agrees on the page at ``address``; return where Zalo leads them."""
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/v4/permission"
        assert set(asked) == {"app_id", "redirect_uri", "state", "code_challenge"}
        assert (asked["app_id"], asked["redirect_uri"]) == (APP, CALLBACK)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["code_challenge"]
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, headers: Any, sent: dict[str, str]) -> dict[str, Any]:
        """Exchange a code; faults come with status 200, as Zalo's do."""
        if headers["secret_key"] != SECRET or sent.get("app_id") != APP:
            return {"error_name": "Invalid secret key", "error": -14004}
        challenge = self.codes.pop(sent.get("code", ""), None)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if sent.get("grant_type") != "authorization_code" or challenge != hashed.rstrip(b"=").decode():
            return {"error_name": "Invalid code", "error": -14002}
        token = f"token-{len(self.tokens)}"
        self.tokens.add(token)
        return {"access_token": token, "refresh_token": "…", "expires_in": "90000"}

    def me(self, headers: Any, query: dict[str, list[str]]) -> dict[str, Any]:
        """Say who a token belongs to."""
        token = headers["access_token"] or ""
        proof = hmac.new(SECRET.encode(), token.encode(), "sha256").hexdigest()
        if token not in self.tokens or headers["appsecret_proof"] != proof or query != {"fields": ["id,name,picture"]}:
            return {"error": 452, "message": "Session key invalid."}
        return {"error": 0, "message": "Success", "picture": {"data": {"url": "https://a.vn/1.jpg"}}, **self.person}


@pytest.fixture
def zalo(settings: Settings) -> Iterator[Zalo]:
    served = Zalo()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v4/access_token"
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(served.token(self.headers, dict(parse_qsl(body))))

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            assert parts.path == "/v2.0/me"
            self.answer(served.me(self.headers, parse_qs(parts.query)))

        def answer(self, found: dict[str, Any]) -> None:
            status, text = served.fault or (200, json.dumps(found))
            self.send_response(status)
            self.send_header("Content-Type", "text/json;charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_parts: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    providers = copy.deepcopy(configured.SOCIALACCOUNT_PROVIDERS)
    providers["zalo"] = {
        "APPS": [{"client_id": APP, "secret": SECRET}],
        "OAUTH_URL": served.url,
        "GRAPH_URL": served.url,
    }
    settings.SOCIALACCOUNT_PROVIDERS = providers
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def leave(client: Client) -> str:
    """Choose Zalo; return the address to which we are led (by a page: a form may not be sent on to elsewhere)."""
    page = client.post(reverse("zalo_login")).content.decode()
    (address,) = re.findall(r'href="(http[^"]*/v4/permission[^"]*)"', page)
    return unescape(str(address))


def come_back(client: Client, zalo: Zalo) -> HttpResponse:
    """Go to Zalo, agree, come back."""
    return client.get(zalo.agree(leave(client)))


def sign_up(client: Client, zalo: Zalo, **changes: str) -> Person:
    """Open an account with Zalo; return it."""
    assert come_back(client, zalo)["Location"] == reverse("socialaccount_signup")
    sent = {"full_name": "Trần Thị Hoa", "consent": "on"} | changes
    response = client.post(reverse("socialaccount_signup"), sent)
    assert response.status_code == 302, response.content.decode()[:3000]
    return signed_in(client)


def signed_in(client: Client) -> Person:
    person = get_user(client)  # type: ignore[arg-type]
    assert isinstance(person, Person)
    return person


def test_nobody_sees_zalo_where_it_is_not_configured(client: Client, db: None) -> None:
    assert "Zalo" not in client.get(reverse("account_login")).content.decode()
    assert client.post(reverse("zalo_login")).status_code == 404


def test_the_sign_in_page_offers_zalo(client: Client, zalo: Zalo, db: None) -> None:
    assert reverse("zalo_login") in client.get(reverse("account_login")).content.decode()


def test_a_person_signs_up_with_consent_and_the_name_that_zalo_knows(client: Client, zalo: Zalo, db: None) -> None:
    come_back(client, zalo)
    assert "Trần Thị Hoa" in client.get(reverse("socialaccount_signup")).content.decode()
    assert client.post(reverse("socialaccount_signup"), {"full_name": "Trần Thị Hoa"}).status_code == 200
    assert not Person.objects.filter(full_name="Trần Thị Hoa").exists()
    person = sign_up(client, zalo)
    account = SocialAccount.objects.get(user=person)
    assert (account.provider, account.uid) == ("zalo", "7712345678901234567")
    assert account.extra_data == {"id": "7712345678901234567", "name": "Trần Thị Hoa"}
    assert Consent.objects.filter(person=person).exists()
    assert not person.has_usable_password()
    assert not SocialToken.objects.exists()


def test_the_same_person_comes_back_to_the_same_account(client: Client, zalo: Zalo, db: None) -> None:
    person = sign_up(client, zalo)
    elsewhere = Client()
    come_back(elsewhere, zalo)
    assert signed_in(elsewhere) == person
    assert SocialAccount.objects.count() == 1


def test_somebody_else_gets_another_account(client: Client, zalo: Zalo, db: None) -> None:
    first = sign_up(client, zalo)
    zalo.person = {"id": "9", "name": "Trần Thị Hoa"}
    assert sign_up(Client(), zalo) != first


def test_an_answer_without_our_state_is_refused(client: Client, zalo: Zalo, db: None) -> None:
    back = zalo.agree(leave(client))
    for address in (back.replace("state=", "state=x"), back.partition("&state=")[0]):
        assert refused(client, address)
    assert refused(Client(), back), "another browser's"


def test_an_answer_is_taken_once(client: Client, zalo: Zalo, db: None) -> None:
    back = zalo.agree(leave(client))
    assert client.get(back).status_code == 302
    assert refused(Client(), back)
    assert refused(client, back)


def test_a_code_from_somebody_elses_attempt_is_refused(client: Client, zalo: Zalo, db: None) -> None:
    theirs = dict(parse_qsl(urlsplit(zalo.agree(leave(Client()))).query))
    ours = dict(parse_qsl(urlsplit(zalo.agree(leave(client))).query))
    assert refused(client, f"{CALLBACK}?code={theirs['code']}&state={ours['state']}")


def test_whoever_says_no_is_told_so(client: Client, zalo: Zalo, db: None) -> None:
    state = dict(parse_qsl(urlsplit(leave(client)).query))["state"]
    assert refused(client, f"{CALLBACK}?error=access_denied&state={state}")


def test_a_wrong_secret_is_refused(client: Client, zalo: Zalo, db: None, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["zalo"]["APPS"] = [{"client_id": APP, "secret": "khác"}]
    assert refused(client, zalo.agree(leave(client)))


@pytest.mark.parametrize(
    "fault",
    [(500, "{}"), (200, "<html>"), (200, "[]"), (200, "null"), (200, '{"error": 0}'), (302, "{}")],
    ids=["broken", "not JSON", "a list", "nothing", "without the token", "led elsewhere"],
)
def test_a_broken_answer_is_refused(client: Client, zalo: Zalo, db: None, fault: tuple[int, str]) -> None:
    back = zalo.agree(leave(client))
    zalo.fault = fault
    assert refused(client, back)


def test_a_person_without_an_id_is_refused(client: Client, zalo: Zalo, db: None) -> None:
    zalo.person = {"id": "", "name": "Không ai"}
    assert refused(client, zalo.agree(leave(client)))


def refused(client: Client, address: str) -> bool:
    """Say whether nobody was signed in and no account made; the page is one of ours, without a secret on it."""
    before = Person.objects.count()
    response = client.get(address, follow=True)
    page = response.content.decode()
    assert response.status_code < 500
    assert SECRET not in page
    assert get_user(client).is_anonymous  # type: ignore[arg-type]
    at = response.redirect_chain[-1][0] if response.redirect_chain else address
    return Person.objects.count() == before and reverse("socialaccount_signup") not in at
