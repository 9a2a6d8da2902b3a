"""Addresses of the tree of units."""

from django.urls import URLPattern, URLResolver, path

from sangkien.web.desk.tree import browsing, changing, merging, undoing

urlpatterns: list[URLPattern | URLResolver] = [
    path("", browsing.unit_tree, name="unit-tree"),
    path("sap-nhap/", merging.unit_merge, name="unit-merge"),
    path("sap-xep/<int:number>/hoan-tac/", undoing.reorganisation_undo, name="reorganisation-undo"),
    path("<str:code>/", browsing.unit_edit, name="unit-edit"),
    path("<str:code>/mo/", changing.unit_open, name="unit-open"),
    path("<str:code>/doi-ten/", changing.unit_rename, name="unit-rename"),
    path("<str:code>/chuyen/", changing.unit_move, name="unit-move"),
    path("<str:code>/dong/", changing.unit_close, name="unit-close"),
]
