"""Addresses of the API; they belong under ``api/v1/``. What leads nowhere answers with a problem, too."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from sangkien.api import docs, problems
from sangkien.api.v1 import api


def _operations() -> list[URLPattern]:
    """Return the operations of the API, their bare errors turned into problems."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    return [
        path(str(pattern.pattern), problems.with_problems(pattern.callback), name=f"api-{pattern.name}")
        for pattern in patterns
    ]


urlpatterns: list[URLPattern] = [
    path("", docs.to_docs, name="api-home"),
    path("docs", problems.with_problems(docs.docs), name="api-docs"),
    path("openapi.json", problems.with_problems(docs.openapi), name="api-openapi"),
    *_operations(),
    re_path("", problems.not_found, name="api-nowhere"),
]
