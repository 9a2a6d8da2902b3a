"""What the pages of accounts need to know: other providers, and whether passkeys work here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.template.context import RequestContext

from sangkien.web.accounts import consent

register = template.Library()


@dataclass(frozen=True, slots=True)
class OtherProvider:
    """A provider that one can sign in with; ``address`` takes a POST."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class PasskeyPlace:
    """Whether passkeys work at this address; ``better``: where they do, if that is known."""

    works: bool
    better: str = ""


@register.simple_tag(takes_context=True)
def other_providers(context: RequestContext, process: str = "login") -> list[OtherProvider]:
    """Return the providers that the settings name, ``process`` is "login" or "connect"."""
    request: HttpRequest = context["request"]
    query: dict[str, Any] = {"process": process}
    if following := request.GET.get("next") or request.POST.get("next"):
        query["next"] = following
    providers = get_adapter().list_providers(request)
    return [OtherProvider(str(one.name), one.get_login_url(request, **query)) for one in providers]


@register.simple_tag(takes_context=True)
def passkey_place(context: RequestContext) -> PasskeyPlace:
    """Return whether passkeys work here: browsers tie them to a name, never to a number such as 127.0.0.1."""
    request: HttpRequest = context["request"]
    host, port = split_domain_port(request.get_host())
    try:
        number = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return PasskeyPlace(works=True)
    if not number.is_loopback:
        return PasskeyPlace(works=False)
    return PasskeyPlace(works=False, better=f"{request.scheme}://localhost{':' + port if port else ''}/")


@register.simple_tag
def consent_details() -> tuple[Any, ...]:
    """Return what somebody agrees to when they open an account, in its parts."""
    return consent.DETAILS
