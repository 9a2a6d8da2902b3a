"""Signing up: one page and a code, by mail or by phone, telling nobody who has an account."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.core import mail
from django.test import Client
from django.urls import reverse

from sangkien.people.models import Consent, Person
from sangkien.web.accounts import consent
from tests.factories import make_person, make_world
from tests.web.accounts.conftest import Phones, code_in, mailed_code, sign_up

pytestmark = pytest.mark.django_db
MAIL_CODE = "account_email_verification_sent"
PHONE_CODE = "account_verify_phone"


def enter(client: Client, page: str, code: str, **more: str):
    return client.post(reverse(page), {"code": code, **more})


def test_somebody_signs_up_by_mail_and_lands_on_the_form(client: Client) -> None:
    assert client.get(reverse("account_signup")).status_code == 200
    answer = sign_up(client, " Hoa@Example.VN ")
    assert answer.url == reverse(MAIL_CODE)
    assert client.get(answer.url).status_code == 200
    assert mail.outbox[0].to == ["hoa@example.vn"]
    assert enter(client, MAIL_CODE, mailed_code()).url == "/gui/"
    person = Person.objects.get(pk=client.session["_auth_user_id"])
    assert (person.full_name, person.email, person.language) == ("Trần Thị Hoa", "hoa@example.vn", "en")
    assert not person.has_usable_password()
    assert "hoa" not in person.username
    assert EmailAddress.objects.get(user=person).verified


def test_somebody_signs_up_by_phone_and_lands_where_they_wanted_to_go(client: Client, phones: Phones) -> None:
    assert sign_up(client, "0912 345 678", next="/cua-toi/").url == reverse(PHONE_CODE)
    ((number, text),) = phones.messages
    assert number == "+84912345678"
    assert len(text) <= 70
    assert enter(client, PHONE_CODE, code_in(text)).url == "/cua-toi/"
    person = Person.objects.get(pk=client.session["_auth_user_id"])
    assert (person.phone, person.phone_verified, person.email) == ("+84912345678", True, "")


def test_the_consent_is_kept_with_the_text_that_was_read(client: Client) -> None:
    sign_up(client, "hoa@example.vn")
    kept = Consent.objects.get()
    assert (kept.purpose, kept.version, kept.language) == (consent.PURPOSE, consent.VERSION, "en")
    assert str(consent.DETAILS[-1]) in kept.text or "consent back" in kept.text


@pytest.mark.parametrize("missing", ["full_name", "contact", "consent"])
def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(client: Client, missing: str) -> None:
    page = sign_up(client, **({"contact": "hoa@example.vn"} | {missing: ""}))
    assert set(page.context["form"].errors) == {missing}
    assert f'id="id_{missing}_error"' in page.content.decode()
    assert missing == "full_name" or 'value="Trần Thị Hoa"' in page.content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize("contact", ["hoa@", "0212", "hoa", "+1 202 555 0100", "<script>", "0912345678" * 40])
def test_what_is_no_contact_is_refused(client: Client, contact: str) -> None:
    assert "contact" in sign_up(client, contact).context["form"].errors


def known(client: Client, contact: str) -> None:
    """Make an account that has this contact, proven."""
    if "@" in contact:
        person = make_person(email=contact)
        EmailAddress.objects.create(user=person, email=contact, verified=True, primary=True)
    else:
        make_person(phone=contact, phone_verified=True)


@pytest.mark.parametrize("contact", ["hoa@example.vn", "+84912345678"])
def test_nobody_learns_by_signing_up_who_has_an_account(contact: str, phones: Phones) -> None:
    pages = []
    for is_known in (False, True):
        client = Client()
        if is_known:
            Person.objects.all().delete()
            known(client, contact)
        answer = sign_up(client, contact)
        code_page = client.get(answer.url)
        wrong = client.post(answer.url, {"code": "000000"})
        pages.append(
            [answer.status_code, answer.url, code_page.status_code, bare(code_page), wrong.status_code, bare(wrong)]
        )
        Client().cookies.clear()
        clear_limits()
    assert pages[0] == pages[1]
    assert Person.objects.count() == 1


@pytest.mark.parametrize("contact", ["hoa@example.vn", "+84912345678"])
def test_nobody_learns_by_asking_for_a_code_who_has_an_account(contact: str, phones: Phones) -> None:
    pages = []
    for is_known in (False, True):
        client = Client()
        if is_known:
            known(client, contact)
        answer = client.post(reverse("account_request_login_code"), {"contact": contact})
        pages.append([answer.status_code, answer.url, bare(client.get(answer.url))])
        clear_limits()
    assert pages[0] == pages[1]
    assert len(mail.outbox) + len(phones.messages) == 2


def test_nobody_learns_by_asking_for_a_new_password_who_has_an_account() -> None:
    pages = []
    for is_known in (False, True):
        client = Client()
        if is_known:
            known(client, "hoa@example.vn")
        answer = client.post(reverse("account_reset_password"), {"email": "hoa@example.vn"})
        pages.append([answer.status_code, answer.url, bare(client.get(answer.url))])
        clear_limits()
    assert pages[0] == pages[1]


def bare(page) -> str:
    """A page without what differs at every request: the token against forgery."""
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def clear_limits() -> None:
    from django.core.cache import cache

    cache.clear()


def test_whoever_has_an_account_is_written_to_in_their_language(client: Client) -> None:
    known(client, "hoa@example.vn")
    sign_up(client, "hoa@example.vn")
    (letter,) = mail.outbox
    assert "/dang-nhap/ma/" in letter.body
    Person.objects.update(language="en")
    clear_limits()
    sign_up(Client(), "hoa@example.vn")
    assert mail.outbox[-1].subject == "You already have an account"


@pytest.mark.parametrize("contact", ["hoa@example.vn", "+84912345678"])
def test_whoever_did_not_finish_can_begin_again(contact: str, phones: Phones) -> None:
    sign_up(Client(), contact, full_name="Sai tên")
    clear_limits()
    again = Client()
    answer = sign_up(again, contact)
    code = mailed_code() if "@" in contact else code_in(phones.messages[-1][1])
    assert again.post(answer.url, {"code": code}).url == "/gui/"
    assert Person.objects.get(pk=again.session["_auth_user_id"]).full_name == "Trần Thị Hoa"


def test_a_wrong_code_can_be_tried_five_times(client: Client) -> None:
    sign_up(client, "hoa@example.vn")
    for _try in range(4):
        assert enter(client, MAIL_CODE, "000000").status_code == 200
    assert enter(client, MAIL_CODE, "000000").url == reverse("account_login")
    assert enter(client, MAIL_CODE, mailed_code()).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_another_code_can_be_sent_but_not_at_once(client: Client) -> None:
    sign_up(client, "hoa@example.vn")
    first = mailed_code()
    client.post(reverse(MAIL_CODE), {"action": "resend"})
    assert len(mail.outbox) == 1
    clear_limits()
    client.post(reverse(MAIL_CODE), {"action": "resend"})
    assert len(mail.outbox) == 2
    if mailed_code() != first:
        assert enter(client, MAIL_CODE, first).status_code == 200
    assert enter(client, MAIL_CODE, mailed_code()).url == "/gui/"


def test_a_second_sms_within_half_a_minute_is_refused_in_words(client: Client, phones: Phones) -> None:
    sign_up(client, "0912345678")
    answer = sign_up(Client(), "0912345678")
    assert answer.status_code == 429
    assert len(phones.messages) == 1


@pytest.mark.parametrize(
    ("address", "contact"),
    [
        ("account_signup", "0912345678"),
        ("account_signup", "hoa@example.vn"),
        ("account_request_login_code", "0912345678"),
        ("account_request_login_code", "hoa@example.vn"),
        ("account_reset_password", "hoa@example.vn"),
    ],
)
def test_nobody_is_written_to_more_than_ten_times_an_hour_however_patient_others_are(
    address: str, contact: str, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0.0
    real = time.time
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: real() + passed, monotonic=time.monotonic))
    for _minute in range(15):
        asked = {"full_name": "Trần Thị Hoa", "contact": contact, "email": contact, "consent": "on"}
        Client().post(reverse(address), asked)
        passed += 60
    assert len(mail.outbox) + len(phones.messages) == 10


def test_signing_up_makes_authors_known_by_their_contact(client: Client) -> None:
    from sangkien.initiatives.inputs import AuthorInput
    from sangkien.initiatives.models import Author
    from sangkien.people.categories import Category

    world = make_world()
    author = AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=100, contact="hoa@example.vn")
    world.submit(authors=[author])
    sign_up(client, "hoa@example.vn")
    assert Author.objects.get().person_id is None
    enter(client, MAIL_CODE, mailed_code())
    assert str(Author.objects.get().person_id) == client.session["_auth_user_id"]


def test_signing_up_costs_five_requests(client: Client) -> None:
    """GET the page, POST it, GET the page of the code, POST it, GET where it leads."""
    assert client.get("/dang-ky/").status_code == 200
    code_page = sign_up(client, "hoa@example.vn").url
    assert client.get(code_page).status_code == 200
    assert client.post(code_page, {"code": mailed_code()}).url == "/gui/"  # and the fifth is the form
