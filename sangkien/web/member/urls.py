"""Addresses of the member's pages."""

from django.urls import path

from sangkien.web.member import views

urlpatterns = [
    path("gui/", views.submit, name="submit"),
    path("sang-kien/<str:code>/rut/", views.withdraw_initiative, name="withdraw"),
]
