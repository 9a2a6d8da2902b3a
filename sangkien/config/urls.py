"""Every address: pages, API, health."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sangkien.web.public.urls")),
    path("", include("sangkien.web.initiatives.urls")),
    path("", include("sangkien.web.reports.urls")),
    path("", include("sangkien.web.member.urls")),
    path("", include("sangkien.web.desk.urls")),
    path("api/v1/", include("sangkien.api.urls")),
    path("", include("sangkien.ops.health")),
]
