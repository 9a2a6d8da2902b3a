"""How figures are counted, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sangkien.programmes.queries import the_programme


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Say how figures are counted, what they mean and where the data of the demonstration come from."""
    return render(request, "public/method.html", {"programme": the_programme()})
