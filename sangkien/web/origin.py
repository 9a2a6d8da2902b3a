"""Where a request comes from: pages or API, and the client's address, for the record."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sangkien.audit.context import Face, where
from sangkien.web.errors import API_PREFIX


class OriginMiddleware:
    """Says, for as long as a request is answered, through which face and from which address it came."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        with where(Face.API if request.path.startswith(API_PREFIX) else Face.WEB, client_address(request)):
            return self.get_response(request)


def client_address(request: HttpRequest) -> str | None:
    """Return the address of whoever sent the request, None where it is not known (a socket of the same machine).

    Only what ``TRUSTED_PROXIES`` proxies of ours added to ``X-Forwarded-For`` is believed: everything before it was
    written by the client. A request that did not come through all of them is its peer's own.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = request.headers.get("X-Forwarded-For", "").split(",") if proxies else []
    return _clean(passed[-proxies]) if proxies and len(passed) >= proxies and passed[-1].strip() else _peer(request)


def _peer(request: HttpRequest) -> str | None:
    return _clean(request.META.get("REMOTE_ADDR", ""))


def _clean(text: str) -> str | None:
    """Return an address without a port, in the one way of writing it; None for what is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:  # one of IPv4 with a port; in one of IPv6 there are two at least
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])  # without the zone of a link-local one
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
