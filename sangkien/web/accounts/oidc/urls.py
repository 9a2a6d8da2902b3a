"""Addresses of the way to a provider and back, under allauth's names."""

from django.urls import path

from sangkien.web.accounts.oidc import views

urlpatterns = [
    path("oidc/<str:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
