"""Addresses of files: into a draft, out of it, and of an initiative's attachments."""

from django.urls import path

from sangkien.web.files import views

urlpatterns = [
    path("gui/<uuid:draft>/tep/", views.add, name="draft-files"),
    path("gui/<uuid:draft>/tep/phan/", views.upload, name="draft-upload"),
    path("gui/<uuid:draft>/tep/<int:file>/bo/", views.remove, name="draft-file-remove"),
    path("sang-kien/<str:code>/tep/<int:number>/", views.attachment, name="attachment"),
]
