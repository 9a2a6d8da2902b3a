"""Every page of accounts: drawn by us, in both languages, with nothing of allauth's left in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from sangkien.people.models import Person
from sangkien.web.accounts import letters, words
from tests.factories import make_person
from tests.web.accounts.conftest import Phones, sign_in, sign_up

LIBRARY = Path(allauth.__file__).parent
APPS = ("account", "mfa", "usersessions", "socialaccount")
OPEN = ("account_login", "account_signup", "account_request_login_code", "account_reset_password", "account_inactive")
OPEN += ("account_password_reset_completed", "socialaccount_login_cancelled")
SIGNED_IN = (
    "account", "account_email", "account_change_phone", "account_change_password", "account_logout", "mfa_index",
    "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "usersessions_list", "socialaccount_connections",
    "account_reauthenticate",
)  # fmt: skip
WITH_APP = ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_reauthenticate",
            "mfa_download_recovery_codes", "mfa_index", "account")  # fmt: skip


def in_both(client: Client, name: str, **arguments: object) -> None:
    """Look at a page in both languages."""
    for language in ("vi", "en"):
        client.cookies["django_language"] = language
        page = client.get(reverse(name, kwargs=arguments or None))
        assert page.status_code == 200, (name, language, page.headers.get("Location"))
        if page.headers["Content-Type"].startswith("text/html"):
            assert f'<html lang="{language}">' in page.content.decode()
            assert_tidy(page.content.decode(), name)


def assert_tidy(page: str, name: str) -> None:
    """Every input has a label or is hidden, every id stands once, nothing is inline, what describes is there."""
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), (name, sorted(ids))
    for found in re.findall(r"<input[^>]+>", page):
        if 'type="hidden"' not in found:
            (of,) = re.findall(r'\bid="([^"]+)"', found)
            assert f'for="{of}"' in page or "<label" in page.split(found)[0][-60:], (name, found)
    for described in re.findall(r'aria-describedby="([^"]+)"', page):
        assert set(described.split()) <= set(ids), (name, described)


@pytest.mark.django_db
@pytest.mark.parametrize("name", OPEN)
def test_a_page_before_signing_in_is_drawn(client: Client, name: str) -> None:
    in_both(client, name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_page_of_ones_account_is_drawn(client: Client, name: str) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    in_both(client, name)


@pytest.fixture
def protected(db: None) -> Person:
    """Somebody with an app, recovery codes and a passkey."""
    person = make_person("hoa", phone="+84912345678", phone_verified=True)
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(person)
    return person


@pytest.mark.parametrize("name", WITH_APP)
def test_a_page_about_a_second_factor_that_is_there_is_drawn(client: Client, name: str, protected: Person) -> None:
    client.force_login(protected)
    session = client.session
    session["account_authentication_methods_user"] = str(protected.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": 2**40, "reauthenticated": True}]
    session.save()
    in_both(client, name)


def test_the_page_of_the_second_factor_is_drawn(client: Client, protected: Person) -> None:
    assert sign_in(client, "hoa").url == reverse("mfa_authenticate")
    in_both(client, "mfa_authenticate")


@pytest.mark.django_db
@pytest.mark.parametrize("contact", ["hoa@example.vn", "0912345678"])
def test_the_pages_of_codes_are_drawn(client: Client, phones: Phones, contact: str) -> None:
    name = "account_email_verification_sent" if "@" in contact else "account_verify_phone"
    sign_up(client, contact)
    in_both(client, name)
    other = Client()
    other.post(reverse("account_request_login_code"), {"contact": contact})
    in_both(other, "account_confirm_login_code")


@pytest.mark.django_db
def test_the_page_of_the_code_for_a_new_password_is_drawn(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "hoa@example.vn"})
    in_both(client, "account_confirm_password_reset_code")


@pytest.mark.django_db
def test_somebody_adds_a_phone_and_an_address(client: Client, phones: Phones) -> None:
    from django.core import mail

    from tests.web.accounts.conftest import code_in, mailed_code

    person = make_person("hoa")
    sign_in(client, "hoa")
    page = client.post(reverse("account_change_phone"), {"phone": "0912 345 678"}).url
    in_both(client, "account_verify_phone")
    client.post(page, {"code": code_in(phones.messages[0][1])})
    page = client.post(reverse("account_email"), {"email": "hoa@example.vn", "action_add": ""}).url
    in_both(client, "account_email_verification_sent")
    client.post(page, {"code": mailed_code()})
    person.refresh_from_db()
    assert (person.phone, person.phone_verified, person.email) == ("+84912345678", True, "hoa@example.vn")
    assert len(mail.outbox) == 1
    in_both(client, "account_email")
    in_both(client, "account_change_phone")


@pytest.mark.django_db
def test_a_phone_of_somebody_else_cannot_be_taken(client: Client, phones: Phones) -> None:
    make_person("khac", phone="+84912345678", phone_verified=True)
    make_person("hoa")
    sign_in(client, "hoa")
    page = client.post(reverse("account_change_phone"), {"phone": "0912 345 678"}).url
    from tests.web.accounts.conftest import code_in

    for _number, text in phones.messages:
        client.post(page, {"code": code_in(text)})
    assert Person.objects.get(username="hoa").phone is None


@pytest.mark.django_db
def test_a_delicate_change_long_after_signing_in_asks_for_the_password_again(client: Client) -> None:
    make_person("hoa")
    sign_in(client, "hoa")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0}]
    session.save()
    answer = client.post(reverse("account_email"), {"email": "hoa@example.vn", "action_add": ""})
    assert answer.url.startswith(reverse("account_reauthenticate"))


@pytest.mark.django_db
def test_the_last_way_into_an_account_cannot_be_removed(client: Client) -> None:
    from tests.web.accounts.conftest import mailed_code

    page = sign_up(client, "hoa@example.vn").url
    client.post(page, {"code": mailed_code()})
    remove = {"email": "hoa@example.vn", "action_remove": ""}
    client.post(reverse("account_email"), remove)
    assert Person.objects.get().email == "hoa@example.vn"
    Person.objects.update(phone="+84912345678", phone_verified=True)
    client.post(reverse("account_email"), remove)
    assert Person.objects.get().email == ""


@pytest.mark.django_db
def test_an_unknown_provider_is_a_page_that_is_not_there(client: Client) -> None:
    for address in ("google/login/", "facebook/login/callback/", "oidc/vneid/login/"):
        assert client.get(f"/tai-khoan/lien-ket/{address}").status_code == 404, address


PROVIDERS = {
    "google": {"APPS": [{"client_id": "x", "secret": "y"}], "SCOPE": ["email"]},
    "openid_connect": {
        "APPS": [
            {"provider_id": "vneid", "name": "VNeID", "client_id": "x", "secret": "y",
             "settings": {"server_url": "https://id.example.vn"}},
        ]
    },
}  # fmt: skip


@pytest.mark.django_db
def test_providers_are_offered_when_the_settings_name_them(client: Client, settings) -> None:
    assert "lien-ket" not in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = PROVIDERS
    page = client.get(reverse("account_login") + "?next=/gui/").content.decode()
    assert "Google" in page
    assert "VNeID" in page
    assert "/tai-khoan/lien-ket/oidc/vneid/login/?process=login&amp;next=%2Fgui%2F" in page


@pytest.mark.django_db
def test_a_form_leads_to_a_provider_by_a_page_not_by_a_redirect(client: Client, settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = PROVIDERS
    page = client.post("/tai-khoan/lien-ket/google/login/?process=login")
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in page.content.decode()
    assert "https://accounts.google.com/" in page.content.decode()


# --- words --------------------------------------------------------------------------------------------------


def texts_of_allauth() -> Iterator[str]:
    """Yield what allauth's forms, adapters and flows say. Its models and administration are never shown."""
    for app in APPS:
        for path in sorted((LIBRARY / app).rglob("*.py")):
            shown = {"migrations", "providers", "management", "tests"}.isdisjoint(path.parts)
            if not shown or path.name in ("models.py", "admin.py", "apps.py"):
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                    "_",
                    "gettext",
                    "gettext_lazy",
                    "pgettext",
                ):
                    yield str(ast.literal_eval(node.args[-1]))


def test_every_text_of_allauth_is_said_here_or_never_shown() -> None:
    found = set(texts_of_allauth())
    assert len(found) > 50
    assert found - set(words.ALLAUTH) == words.NEVER_SHOWN
    assert set(words.ALLAUTH) <= found


def test_every_text_of_allauth_has_its_vietnamese() -> None:
    with override("vi"):
        assert [text for text in words.ALLAUTH if gettext(text) == text] == []


def templates_named_by_allauth(kind: str) -> set[str]:
    """The letters or messages that allauth's sources ask for, by the last part of their name."""
    named = set()
    for app in APPS:
        for path in (LIBRARY / app).rglob("*.py"):
            named |= set(re.findall(rf'"\w+/{kind}/(\w+)(?:\.txt)?"', path.read_text("utf-8")))
    return named


def test_every_letter_of_allauth_is_ours() -> None:
    by_link = {"password_reset_key"}  # new passwords are set by a code here
    assert templates_named_by_allauth("email") - by_link <= set(letters.LETTERS)


def test_every_message_of_allauth_is_ours_or_shown_anyway() -> None:
    assert templates_named_by_allauth("messages") <= set(letters.SAID) | letters.SAYS_NOTHING


@pytest.mark.parametrize("name", sorted(letters.LETTERS))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_letter_can_be_written_with_what_allauth_gives(rf, name: str, language: str) -> None:
    from allauth.core import context

    from sangkien.web.accounts.adapter import AccountAdapter

    given = {"code": "123456", "to_email": "moi@example.vn", "deleted_email": "cu@example.vn", "user": None}
    with override(language), context.request_context(rf.get("/")):
        letter = AccountAdapter().render_mail(f"account/email/{name}", "hoa@example.vn", given)
    assert letter.subject
    assert "testserver" in letter.body
    assert "%(" not in letter.body + letter.subject


def test_a_connected_account_is_shown_and_can_be_removed(client: Client, db: None, settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = PROVIDERS
    person = make_person("hoa", email="hoa@example.vn")
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=person, email="hoa@example.vn", verified=True, primary=True)
    SocialAccount.objects.create(user=person, provider="google", uid="1", extra_data={"email": "hoa@gmail.example"})
    sign_in(client, "hoa")
    in_both(client, "socialaccount_connections")
    account = SocialAccount.objects.get()
    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()


def test_a_passkey_is_listed_renamed_and_removed(client: Client, db: None) -> None:
    person = make_person("hoa")
    key = Authenticator.objects.create(
        user=person, type="webauthn", data={"name": "Điện thoại", "credential": {"clientExtensionResults": {}}}
    )
    client.force_login(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": 2**40, "reauthenticated": True}]
    session.save()
    in_both(client, "mfa_list_webauthn")
    in_both(client, "mfa_edit_webauthn", pk=key.pk)
    in_both(client, "mfa_remove_webauthn", pk=key.pk)
    client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Máy tính"})
    assert "Máy tính" in client.get(reverse("mfa_list_webauthn")).content.decode()
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.exists()
