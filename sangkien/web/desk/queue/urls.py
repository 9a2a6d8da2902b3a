"""Addresses of the queue."""

from django.urls import URLPattern, URLResolver, path, re_path

from sangkien.web.desk.queue import assisted, bulk, views

CODE = r"(?P<code>[Ss][Kk][-. 0-9A-Za-z]{8,12})"
"""A public code however it is typed: nothing else below the desk begins so."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.desk, name="desk"),
    path("nhap-thay/", assisted.assisted, name="assisted"),
    path("hang-loat/", bulk.bulk, name="bulk"),
    path("hang-loat/<uuid:bulk_id>/", bulk.progress, name="bulk-progress"),
    path("hang-loat/<uuid:bulk_id>/dung/", bulk.stop, name="bulk-stop"),
    re_path(rf"^{CODE}/$", views.desk_item, name="desk-item"),
]
