"""Addresses of the profile."""

from django.urls import path

from sangkien.web.profile import views, workplace

urlpatterns = [
    path("ho-so/", views.profile, name="profile"),
    path("ho-so/dong-y/", views.consent, name="profile-consent"),
    path("ho-so/don-vi/", workplace.workplace, name="workplace"),
]
