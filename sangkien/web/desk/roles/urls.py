"""Addresses of rights."""

from django.urls import path

from sangkien.web.desk.roles import views

urlpatterns = [
    path("", views.roles, name="roles"),
    path("cap/", views.grant, name="role-grant"),
    path("<int:number>/thu-hoi/", views.end, name="role-end"),
]
