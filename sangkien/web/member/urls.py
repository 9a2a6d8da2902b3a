"""Addresses of the form."""

from django.urls import path

from sangkien.web.member import views

urlpatterns = [
    path("gui/", views.submit, name="submit"),
    path("gui/<uuid:draft>/", views.draft, name="draft"),
    path("gui/<uuid:draft>/luu/", views.save, name="draft-save"),
    path("gui/<uuid:draft>/bo/", views.discard, name="draft-discard"),
]
