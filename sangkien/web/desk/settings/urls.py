"""Addresses of a programme's settings."""

from django.urls import URLPattern, URLResolver, path

from sangkien.web.desk.settings import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.programme_settings, name="programme-settings"),
]
