"""Every address: pages, API, health."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PAGES = (
    "sangkien.web.public.urls",
    "sangkien.web.initiatives.urls",
    "sangkien.web.reports.urls",
    "sangkien.web.member.urls",
    "sangkien.web.desk.urls",
)


def _exists(module: str) -> bool:
    parent = module.rpartition(".")[0]
    return find_spec(parent) is not None and find_spec(module) is not None


urlpatterns: list[URLPattern | URLResolver] = [path("", include(module)) for module in PAGES if _exists(module)]
if _exists("sangkien.ops.health"):
    urlpatterns.append(path("", include("sangkien.ops.health")))
if _exists("sangkien.api.urls"):
    urlpatterns.append(path("api/v1/", include("sangkien.api.urls")))
