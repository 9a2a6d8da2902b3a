"""Addresses of what people are told."""

from django.urls import path

from sangkien.web.notices import views

urlpatterns = [
    path("thong-bao/", views.notices, name="notices"),
    path("thong-bao/<int:number>/", views.notice, name="notice"),
    path("thong-bao/tuy-chon/", views.preferences, name="notice-preferences"),
    path("thong-bao/ngung/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
