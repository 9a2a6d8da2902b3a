"""Addresses of the officer's decisions."""

from django.urls import path

from sangkien.web.desk import unit_requests, views

urlpatterns = [
    path("ban-lam-viec/don-vi/", unit_requests.unit_requests, name="unit-requests"),
    path("ban-lam-viec/don-vi/<int:number>/chon/", unit_requests.settle, name="unit-request-settle"),
    path("ban-lam-viec/don-vi/<int:number>/tu-choi/", unit_requests.refuse, name="unit-request-refuse"),
    path("ban-lam-viec/<str:code>/quyet-dinh/", views.decide, name="decide"),
]
