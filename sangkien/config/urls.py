"""Every address: pages, API, health."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from sangkien.api.problems import not_found

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sangkien.web.public.urls")),
    path("", include("sangkien.web.initiatives.urls")),
    path("", include("sangkien.web.reports.urls")),
    path("", include("sangkien.web.accounts.urls")),
    path("", include("sangkien.web.profile.urls")),
    path("", include("sangkien.web.notices.urls")),
    path("", include("sangkien.web.files.urls")),
    path("", include("sangkien.web.mine.urls")),
    path("", include("sangkien.web.member.urls")),
    path("", include("sangkien.web.desk.urls")),
    path("api/v1/", include("sangkien.api.urls")),
    re_path("^api/", not_found, name="api-other"),
    path("", include("sangkien.ops.health")),
]
