"""Addresses of targets."""

from django.urls import URLPattern, URLResolver, path

from sangkien.web.desk.targets import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.targets, name="targets"),
    path("lich-su/", views.target_history, name="target-history"),
    path("dang-ky/", views.target_register, name="target-register"),
]
