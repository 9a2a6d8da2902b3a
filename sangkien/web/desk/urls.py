"""Addresses of the officer's decisions."""

from django.urls import path

from sangkien.web.desk import views

urlpatterns = [
    path("ban-lam-viec/<str:code>/quyet-dinh/", views.decide, name="decide"),
]
