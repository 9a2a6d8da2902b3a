"""Second factors: officers do nothing without one, everybody else may have one; recovery codes; passkeys."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.test import Client
from django.urls import reverse

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.units.models import RoleGrant
from tests.factories import make_person, make_world
from tests.web.accounts.conftest import sign_in

pytestmark = pytest.mark.django_db(transaction=True)  # a factor counts once it is committed


@pytest.fixture(autouse=True)
def _officers_need_one(settings) -> None:
    settings.OFFICERS_NEED_SECOND_FACTOR = True


def app_code(person: Person, steps: int = 0) -> str:
    """Return what the authenticator app of ``person`` shows, ``steps`` half minutes from now."""
    secret = decrypt(Authenticator.objects.get(user=person, type="totp").data["secret"])
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up_app(client: Client) -> list[str]:
    """Set up the app as somebody signed in; return the recovery codes."""
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.url == reverse("mfa_view_recovery_codes")
    codes = client.get(answer.url).context["unused_codes"]
    assert len(codes) == 10
    return list(codes)


def test_an_officer_without_one_is_led_to_set_it_up_and_can_do_nothing_else(client: Client) -> None:
    make_world()
    sign_in(client, "officer")
    for address in ("/", "/gui/", reverse("account"), reverse("account_email"), reverse("mfa_generate_recovery_codes")):
        assert client.get(address).url == reverse("mfa_index"), address
    assert client.post("/gui/", {"title": "x"}).url == reverse("mfa_index")
    page = client.get(reverse("mfa_index"))
    assert page.status_code == 200
    assert "You hold a role" in page.content.decode()


def test_an_officer_sets_up_the_app_and_goes_on_where_they_wanted_to(client: Client) -> None:
    make_world()
    sign_in(client, "officer")
    client.get("/cua-toi/?x=1")
    set_up_app(client)
    assert 'href="/cua-toi/?x=1"' in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert client.get(reverse("account")).status_code == 200


def test_an_officer_with_the_app_signs_in_with_both(client: Client) -> None:
    world = make_world()
    first = Client()
    sign_in(first, "officer")
    set_up_app(first)
    assert sign_in(client, "officer").url == reverse("mfa_authenticate")
    assert client.get(reverse("account")).url.startswith("/dang-nhap/")
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": app_code(world.officer)}).url == "/"
    assert client.get(reverse("account")).status_code == 200


def test_a_code_of_the_app_works_once(client: Client) -> None:
    world = make_world()
    first = Client()
    sign_in(first, "officer")
    set_up_app(first)
    code = app_code(world.officer)
    sign_in(client, "officer")
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    again = Client()
    sign_in(again, "officer")
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_a_recovery_code_opens_the_account_once(client: Client) -> None:
    make_world()
    first = Client()
    sign_in(first, "officer")
    code = set_up_app(first)[0]
    sign_in(client, "officer")
    assert client.post(reverse("mfa_authenticate"), {"code": code}).url == "/"
    assert client.get(reverse("account")).status_code == 200
    again = Client()
    sign_in(again, "officer")
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_a_session_from_before_the_factor_must_show_it(client: Client) -> None:
    world = make_world()
    old = Client()
    old.force_login(world.officer)
    sign_in(client, "officer")
    set_up_app(client)
    answer = old.get("/gui/")
    assert answer.url == reverse("mfa_reauthenticate") + "?next=%2Fgui%2F"
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_index", "account_email"):
        assert old.get(reverse(name)).url.startswith(reverse("mfa_reauthenticate")), name
    assert old.post(answer.url, {"code": app_code(world.officer), "next": "/gui/"}).url == "/gui/"
    assert old.get(reverse("account")).status_code == 200


def test_whoever_removes_the_last_factor_is_led_to_set_up_another(client: Client) -> None:
    make_world()
    sign_in(client, "officer")
    set_up_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get("/gui/").url == reverse("mfa_index")


def test_a_member_needs_none_until_they_hold_a_role(client: Client) -> None:
    world = make_world()
    sign_in(client, "member")
    assert client.get(reverse("account")).status_code == 200
    RoleGrant.objects.filter(person=world.officer).update(person=world.member)
    session = client.session
    session["second_factor_at"] = int(time.time()) - 61
    session.save()
    assert client.get("/gui/").url == reverse("mfa_index")
    RoleGrant.objects.update(until=clock.now() - timedelta(hours=1))
    assert client.get(reverse("account")).status_code == 200


def test_secrets_are_not_readable_in_the_database(client: Client) -> None:
    world = make_world()
    sign_in(client, "officer")
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    set_up_app(client)
    stored = Authenticator.objects.get(user=world.officer, type="totp").data["secret"]
    assert secret not in stored
    assert len(stored) > 100


def test_a_secret_of_another_key_lets_nobody_in(client: Client, settings) -> None:
    world = make_world()
    first = Client()
    sign_in(first, "officer")
    set_up_app(first)
    code = app_code(world.officer)
    settings.SECRET_KEY = "another"
    settings.SECRET_KEY_FALLBACKS = []
    sign_in(client, "officer")
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": format_hotp_value(hotp_value("", 1))}).status_code == 200


def test_passkeys_say_where_they_work_when_the_address_is_a_number(client: Client) -> None:
    make_person("hoa")
    page = client.get("/dang-nhap/", headers={"Host": "127.0.0.1:8000"}).content.decode()
    assert "http://localhost:8000/" in page
    assert "data-passkey" not in page
    sign_in(client, "hoa")
    page = client.get(reverse("mfa_add_webauthn"), headers={"Host": "127.0.0.1:8000"})
    assert "http://localhost:8000/" in page.content.decode()
    page = client.get(reverse("mfa_add_webauthn"), headers={"Host": "localhost:8000"}).content.decode()
    assert 'data-passkey="create"' in page
    assert "http://localhost:8000/" not in page


def test_a_passkey_that_is_none_is_refused_in_words(client: Client) -> None:
    make_person("hoa")
    assert client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()["request_options"]
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})
    assert answer.url == reverse("account_login")
    assert "Incorrect code" in client.get(answer.url).content.decode()
