"""Signing in and out."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_person, make_world

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-thu"


def sign_in(client: Client, username: str, password: str, **more: str):
    return client.post(reverse("sign-in"), {"username": username, "password": password, **more})


def test_the_right_password_leads_back_to_where_one_was(client: Client) -> None:
    make_person("hoa")
    page = client.get(reverse("submit"))
    assert page.url == "/dang-nhap/?next=/gui/"
    assert b'name="next" value="/gui/"' in client.get(page.url).content
    assert sign_in(client, "hoa", PASSWORD, next="/gui/").url == "/gui/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(client: Client, elsewhere: str) -> None:
    make_person("hoa")
    assert sign_in(client, "hoa", PASSWORD, next=elsewhere).url == "/"


def test_a_wrong_password_an_unknown_name_and_a_closed_account_look_the_same(client: Client) -> None:
    make_person("hoa")
    make_person("closed", is_active=False)
    answers = [
        sign_in(client, "hoa", "wrong"),
        sign_in(client, "nobody", PASSWORD),
        sign_in(client, "closed", PASSWORD),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    texts = {str(answer.context["form"].non_field_errors()) for answer in answers}
    assert len(texts) == 1
    assert "_auth_user_id" not in client.session


def test_the_user_name_stays_in_its_field_after_an_error_and_the_password_does_not(client: Client) -> None:
    page = sign_in(client, "hoa-sai", "lộ-ra-thì-hỏng").content.decode()
    assert 'value="hoa-sai"' in page
    assert "lộ-ra-thì-hỏng" not in page


def test_empty_fields_are_named(client: Client) -> None:
    answer = sign_in(client, "", "")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"username", "password"}
    assert 'id="id_username_error"' in answer.content.decode()


def test_signing_out_needs_a_post(client: Client) -> None:
    client.force_login(make_world().member)
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).url == "/"
    assert "_auth_user_id" not in client.session


def test_forms_are_protected_against_forgery() -> None:
    make_person("hoa")
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, "hoa", PASSWORD).status_code == 403
