"""Addresses of the desk."""

from django.urls import include, path

from sangkien.web.desk import unit_requests, views

urlpatterns = [
    path("ban-lam-viec/", include("sangkien.web.desk.queue.urls")),
    path("ban-lam-viec/tong-quan/", include("sangkien.web.desk.overview.urls")),
    path("ban-lam-viec/chi-tieu/", include("sangkien.web.desk.targets.urls")),
    path("ban-lam-viec/to-chuc/", include("sangkien.web.desk.tree.urls")),
    path("ban-lam-viec/quyen/", include("sangkien.web.desk.roles.urls")),
    path("ban-lam-viec/nhat-ky/", include("sangkien.web.desk.record.urls")),
    path("ban-lam-viec/xem-lai/", include("sangkien.web.desk.appeals.urls")),
    path("ban-lam-viec/thiet-lap/", include("sangkien.web.desk.settings.urls")),
    path("ban-lam-viec/don-vi/", unit_requests.unit_requests, name="unit-requests"),
    path("ban-lam-viec/don-vi/<int:number>/chon/", unit_requests.settle, name="unit-request-settle"),
    path("ban-lam-viec/don-vi/<int:number>/tu-choi/", unit_requests.refuse, name="unit-request-refuse"),
    path("ban-lam-viec/<str:code>/quyet-dinh/", views.decide, name="decide"),
    path("ban-lam-viec/<str:code>/hoan-tac/", views.undo, name="undo"),
]
