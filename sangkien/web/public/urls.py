"""Addresses of the public pages."""

from django.urls import path

from sangkien.web.language import choose_language
from sangkien.web.public import boards, conditions, front, method, units

urlpatterns = [
    path("", front.front, name="front"),
    path("bang-xep-hang/", boards.board, name="board"),
    path("bang-xep-hang/<str:code>/", boards.unit_board, name="unit-board"),
    path("don-vi/<str:code>/", units.unit, name="unit"),
    path("dieu-kien/", conditions.conditions, name="conditions"),
    path("cach-tinh/", method.method, name="method"),
    path("ngon-ngu/<str:code>/", choose_language, name="language"),
]
