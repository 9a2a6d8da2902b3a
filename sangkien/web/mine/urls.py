"""Addresses of what follows after sending: the list, the receipt, withdrawing, correcting, appealing, answering."""

from django.urls import path

from sangkien.web.mine import appealing, views

urlpatterns = [
    path("cua-toi/", views.mine, name="mine"),
    path("sang-kien/<str:code>/bien-nhan/", views.receipt, name="receipt"),
    path("sang-kien/<str:code>/rut/", views.withdraw_initiative, name="withdraw"),
    path("sang-kien/<str:code>/khieu-nai/", appealing.appeal, name="appeal"),
    path("sang-kien/<str:code>/sua/", views.correct, name="correct"),
    path("sang-kien/<str:code>/dong-tac-gia/", views.answer_authorship, name="authorship"),
]
