"""From which address a request came: the peer's, or what trusted proxies say, never what the client wrote."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from sangkien.audit.context import Where, here
from sangkien.web.origin import OriginMiddleware, client_address


@pytest.mark.parametrize(
    ("proxies", "peer", "passed", "address"),
    [
        (0, "198.51.100.1", None, "198.51.100.1"),
        (0, "198.51.100.1", "203.0.113.7", "198.51.100.1"),  # anybody can write that
        (1, "10.0.0.1", "203.0.113.7", "203.0.113.7"),
        (1, "10.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7"),  # the client wrote the first
        (2, "10.0.0.1", "1.2.3.4, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "198.51.100.1", "203.0.113.7", "198.51.100.1"),  # it went round one of the proxies
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "", "2001:DB8::0:1", "2001:db8::1"),
        (1, "", "[2001:db8::1]:443", "2001:db8::1"),
        (1, "", "203.0.113.7:5123", "203.0.113.7"),
        (1, "", "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "", "fe80::1%eth0", "fe80::1"),
        (1, "10.0.0.1", "unknown", None),
        (0, "", None, None),  # a socket of the same machine
        (0, "unix:", None, None),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(
    settings: Settings, proxies: int, peer: str, passed: str | None, address: str | None
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {} if passed is None else {"HTTP_X_FORWARDED_FOR": passed}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == address


@pytest.mark.parametrize(("path", "face"), [("/ban-lam-viec/quyen/", "web"), ("/api/v1/units", "api")])
def test_pages_and_the_api_are_told_apart_and_nothing_is_left_behind(path: str, face: str) -> None:
    found: list[Where] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        found.append(here())
        return HttpResponse()

    OriginMiddleware(answer)(RequestFactory().get(path, REMOTE_ADDR="198.51.100.1"))
    assert found == [Where(face, "198.51.100.1")]
    assert here() == Where()
