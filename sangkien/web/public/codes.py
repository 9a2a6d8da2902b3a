"""One address for each unit, however its code is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse

from sangkien.units.queries import get_unit


def proper_address(request: HttpRequest, code: str) -> HttpResponsePermanentRedirect | None:
    """Return the way to the same page with the code in capitals, None if it stands so. Raises NotFound."""
    proper = code.upper()
    if code == proper or request.resolver_match is None:
        return None
    address = reverse(request.resolver_match.view_name, args=[get_unit(proper).code])
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
