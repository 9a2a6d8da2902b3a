"""The address of the record."""

from django.urls import path

from sangkien.web.desk.record import views

urlpatterns = [path("", views.record, name="record")]
