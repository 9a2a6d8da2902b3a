"""Addresses of the reports."""

from __future__ import annotations

from django.urls import path

from sangkien.web.reports import views

urlpatterns = [
    path("bao-cao/", views.report_front, name="report-front"),
    path("bao-cao/<slug:programme>/<int:phase>/", views.report, name="report"),
]
