"""Addresses of the list of initiatives and of the page of each."""

from django.urls import path

from sangkien.web.initiatives import views

urlpatterns = [
    path("sang-kien/", views.initiatives, name="initiatives"),
    path("sang-kien/<str:code>/", views.initiative, name="initiative"),
]
