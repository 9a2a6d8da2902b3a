"""Addresses of appeals and second looks."""

from django.urls import URLPattern, URLResolver, path

from sangkien.web.desk.appeals import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.second_looks, name="second-looks"),
    path("khieu-nai/<int:appeal_id>/", views.decide_appeal, name="appeal-decide"),
    path("<str:code>/<int:number>/", views.decide_second_look, name="second-look-decide"),
]
