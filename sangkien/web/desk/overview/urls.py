"""Addresses of a unit's overview."""

from django.urls import path

from sangkien.web.desk.overview import views

urlpatterns = [
    path("", views.overview, name="unit-overview"),
    path("tai-ve/", views.export, name="unit-overview-export"),
    path("bat-thuong/", views.unusual, name="unusual"),
]
