"""Signing in and out: by name, mail or phone, with a password or a code; on shared computers; too often."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import make_person, make_world
from tests.web.accounts.conftest import PASSWORD, Phones, code_in, mailed_code, sign_in

pytestmark = pytest.mark.django_db


def with_address(email: str = "hoa@example.vn", **fields: object):
    person = make_person("hoa", email=email, **fields)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def test_the_right_password_leads_back_to_where_one_was(client: Client) -> None:
    make_person("hoa")
    page = client.get(reverse("submit"))
    assert page.url == "/dang-nhap/?next=/gui/"
    assert b'name="next" value="/gui/"' in client.get(page.url).content
    assert sign_in(client, "hoa", next="/gui/").url == "/gui/"


@pytest.mark.parametrize("login", ["hoa", "hoa@example.vn", "HOA@example.vn", "0912 345 678", "+84912345678"])
def test_name_address_and_number_all_lead_to_the_account(client: Client, login: str) -> None:
    person = with_address(phone="+84912345678", phone_verified=True)
    sign_in(client, login)
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(client: Client, elsewhere: str) -> None:
    make_person("hoa")
    assert sign_in(client, "hoa", next=elsewhere).url == "/"
    assert client.get(reverse("account_login"), {"next": elsewhere}).url == "/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(client: Client) -> None:
    make_person("hoa")
    answers = [sign_in(client, "hoa", "wrong"), sign_in(client, "nobody"), sign_in(client, "system:tests")]
    texts = {(answer.status_code, str(answer.context["form"].non_field_errors())) for answer in answers}
    assert len(texts) == 1
    assert "_auth_user_id" not in client.session


def test_a_closed_account_is_told_so_only_with_its_password(client: Client) -> None:
    make_person("closed", is_active=False)
    assert sign_in(client, "closed").url == reverse("account_inactive")
    assert client.get(reverse("account_inactive")).status_code == 200
    assert sign_in(client, "closed", "wrong").context["form"].non_field_errors()
    assert "_auth_user_id" not in client.session


def test_the_name_stays_in_its_field_after_an_error_and_the_password_does_not(client: Client) -> None:
    page = sign_in(client, "hoa-sai", "lộ-ra-thì-hỏng").content.decode()
    assert 'value="hoa-sai"' in page
    assert "lộ-ra-thì-hỏng" not in page


def test_empty_fields_are_named(client: Client) -> None:
    page = sign_in(client, "", "")
    assert set(page.context["form"].errors) == {"login", "password"}
    assert 'aria-describedby="id_login_error"' in page.content.decode()


def test_a_code_by_mail_signs_in(client: Client) -> None:
    person = with_address()
    answer = client.post(reverse("account_request_login_code") + "?next=/cua-toi/", {"contact": "hoa@example.vn"})
    assert answer.url.startswith(reverse("account_confirm_login_code"))
    assert client.post(answer.url, {"code": mailed_code()}).url == "/cua-toi/"
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_code_can_be_asked_for_on_the_page_for_signing_in(client: Client) -> None:
    with_address()
    page = client.get(reverse("account_login")).content.decode()
    assert f'formaction="{reverse("account_request_login_code")}"' in page
    answer = client.post(reverse("account_request_login_code"), {"login": "hoa@example.vn", "password": ""})
    assert answer.url == reverse("account_confirm_login_code")
    refused = Client().post(reverse("account_request_login_code"), {"login": "doanvien", "password": ""})
    assert "contact" in refused.context["form"].errors


def test_a_code_by_sms_signs_in(client: Client, phones: Phones) -> None:
    person = make_person("hoa", phone="+84912345678", phone_verified=True)
    answer = client.post(reverse("account_request_login_code"), {"contact": "0912.345.678"})
    client.post(answer.url, {"code": code_in(phones.messages[0][1])})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_number_that_was_only_typed_signs_nobody_in(client: Client, phones: Phones) -> None:
    make_person("hoa", phone="+84912345678", phone_verified=False)
    client.post(reverse("account_request_login_code"), {"contact": "0912345678"})
    assert "/dang-ky/" in phones.messages[0][1]


def test_a_forgotten_password_is_set_anew_by_a_code(client: Client) -> None:
    person = with_address()
    page = client.post(reverse("account_reset_password"), {"email": "hoa@example.vn"}).url
    page = client.post(page, {"code": mailed_code()}).url
    assert client.get(page).status_code == 200
    new = {"password1": "mot-mat-khau-khac", "password2": "mot-mat-khau-khac"}
    client.post(page, new)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert "set anew" not in mail.outbox[0].body
    person.refresh_from_db()
    assert person.check_password("mot-mat-khau-khac")
    assert len(mail.outbox) == 2


def test_whoever_came_by_a_code_sets_a_new_password_without_the_old_one(client: Client, phones: Phones) -> None:
    person = make_person("hoa", phone="+84912345678", phone_verified=True)
    answer = client.post(reverse("account_request_login_code"), {"contact": "0912345678"})
    client.post(answer.url, {"code": code_in(phones.messages[0][1])})
    new = {"password1": "mot-mat-khau-khac", "password2": "mot-mat-khau-khac"}
    assert client.post(reverse("account_change_password"), new).status_code == 302
    person.refresh_from_db()
    assert person.check_password("mot-mat-khau-khac")


def test_whoever_came_by_password_is_asked_for_the_old_one(client: Client) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    new = {"password1": "mot-mat-khau-khac", "password2": "mot-mat-khau-khac"}
    assert "oldpassword" in client.post(reverse("account_change_password"), new).context["form"].errors


def test_too_many_wrong_passwords_for_one_account_are_refused_even_the_right_one(client: Client) -> None:
    make_person("hoa")
    for _try in range(5):
        sign_in(Client(), "hoa", "wrong")
    assert sign_in(client, "hoa").context["form"].non_field_errors().as_data()[0].code == "too_many_login_attempts"
    assert "_auth_user_id" not in client.session
    make_person("khac")
    assert sign_in(client, "khac").status_code == 302


def test_too_many_attempts_from_one_address_are_answered_429(client: Client, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    make_person("hoa")
    answers = [sign_in(client, "hoa", "wrong") for _try in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert b"429" in answers[-1].content
    assert client.get(reverse("account_login")).status_code == 200


def test_limits_are_counted_where_all_processes_see_them() -> None:
    from django.db import connection

    sign_in(Client(), "hoa", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), relpersistence FROM people_rate_limit, pg_class"
                       " WHERE pg_class.oid = 'people_rate_limit'::regclass GROUP BY relpersistence")  # fmt: skip
        count, persistence = cursor.fetchone()
    assert count >= 2
    assert persistence == "u"


# --- sessions -----------------------------------------------------------------------------------------------


def test_signing_out_needs_a_post(client: Client) -> None:
    client.force_login(make_world().member)
    assert client.get(reverse("account_logout")).status_code == 200
    answer = client.post(reverse("account_logout"))
    assert answer.url == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session


def test_on_a_shared_computer_the_session_ends_with_the_browser_and_nothing_stays(client: Client) -> None:
    make_person("hoa")
    answer = sign_in(client, "hoa", shared="on")
    assert client.session["shared_computer"] is True
    assert answer.cookies["sessionid"]["max-age"] == ""
    assert client.session.get_expire_at_browser_close()
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not client.session.get("shared_computer")


def test_on_a_shared_computer_a_code_begins_such_a_session_too(client: Client) -> None:
    with_address()
    page = client.post(reverse("account_request_login_code"), {"contact": "hoa@example.vn", "shared": "on"}).url
    answer = client.post(page, {"code": mailed_code()})
    assert client.session["shared_computer"] is True
    assert answer.cookies["sessionid"]["max-age"] == ""


def test_elsewhere_the_session_stays(client: Client) -> None:
    make_person("hoa")
    assert sign_in(client, "hoa").cookies["sessionid"]["max-age"] > 24 * 3600
    assert client.session["shared_computer"] is False


def test_sessions_are_listed_and_the_others_can_be_ended(client: Client) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    other = Client(headers={"User-Agent": "Điện thoại cũ"})
    sign_in(other, "hoa")
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Điện thoại cũ" in page
    client.post(reverse("usersessions_list"))
    assert other.get(reverse("account")).url.startswith("/dang-nhap/")
    assert client.get(reverse("account")).status_code == 200


def test_a_new_password_ends_the_other_sessions(client: Client) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    other = Client()
    sign_in(other, "hoa")
    new = {"oldpassword": PASSWORD, "password1": "mot-mat-khau-khac", "password2": "mot-mat-khau-khac"}
    client.post(reverse("account_change_password"), new)
    assert other.get(reverse("account")).status_code == 302
    assert client.get(reverse("account")).status_code == 200


def test_what_somebody_signed_in_reads_is_kept_by_nobody(client: Client) -> None:
    make_person("hoa")
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")
    sign_in(client, "hoa")
    for address in ("/", reverse("account"), "/nowhere/"):
        assert client.get(address).headers["Cache-Control"] == "private, no-store"


def test_whoever_is_signed_in_is_not_asked_to_sign_in(client: Client) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    for name in ("account_login", "account_signup", "account_request_login_code"):
        assert client.get(reverse(name)).status_code == 302


def test_a_request_of_somebody_signed_in_pays_for_session_and_account_only(
    client: Client, django_assert_num_queries, settings
) -> None:
    settings.OFFICERS_NEED_SECOND_FACTOR = True
    make_person("hoa")
    sign_in(client, "hoa")
    client.get(reverse("account_set_password"))
    with django_assert_num_queries(2):  # the session, the account
        assert client.get(reverse("account_set_password")).status_code == 302


def test_forms_are_protected_against_forgery() -> None:
    make_person("hoa")
    assert sign_in(Client(enforce_csrf_checks=True), "hoa").status_code == 403
