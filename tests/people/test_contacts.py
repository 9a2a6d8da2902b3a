"""E-mail addresses and Vietnamese mobile numbers, however people write them."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core.errors import InvalidInput
from sangkien.people.contacts import clean_contact, clean_phone
from sangkien.people.queries import person_by_contact
from tests.factories import make_person

NUMBER = "+84912345678"


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "091-234-5678",
        "84912345678",
        "+84912345678",
        "+84(0)912345678",
        "+84 (0) 912 345 678",
        "+84 0912345678",
        "0084912345678",
        "912345678",
        "  0912\u00a0345\u200b678 ",
    ],
)
def test_one_number_is_one_number_however_it_is_written(typed: str) -> None:
    assert clean_phone(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0912",
        "0912345678 ext 5",
        "0912345678;ext=5",
        "0912345678/0913345678",
        "0912ABCDEF",
        "tel:0912345678",
        "024 3825 1234",
        "1800 1234",
        "113",
        "01623456789",
        "+1 415 555 2671",
        "0" * 10_000,
        "0912345678\0x",
    ],
)
def test_what_cannot_be_sent_a_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_phone(typed)
    assert (refusal.value.code, refusal.value.field) == ("not_a_phone", None)


@given(st.sampled_from(["3", "5", "7", "8", "9"]), st.integers(0, 99_999_999), st.sampled_from(["", " ", ".", "-"]))
def test_what_was_cleaned_stays_as_it_is(first: str, rest: int, between: str) -> None:
    digits = f"0{first}{rest:08}"
    try:
        cleaned = clean_phone(between.join((digits[:4], digits[4:7], digits[7:])))
    except InvalidInput:
        return  # not every number is given out
    assert cleaned == "+84" + digits[1:] == clean_phone(cleaned)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [("", ""), ("  ", ""), (" Ha.Nguyen@CongTy.VN ", "ha.nguyen@congty.vn"), ("0912 345 678", NUMBER)],
)
def test_a_contact_is_an_address_or_a_number(typed: str, cleaned: str) -> None:
    assert clean_contact(typed) == cleaned == clean_contact(cleaned)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ha@", "not_an_email"),
        ("ha@b", "not_an_email"),
        ("a@b.vn\nBcc: c@d.vn", "not_an_email"),
        ("a" * 300 + "@b.vn", "not_an_email"),
        ("Nguyễn Văn A", "not_a_contact"),
        ("12", "not_a_phone"),
    ],
)
def test_what_is_no_contact_says_why(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_contact(typed)
    assert refusal.value.code == code


def test_a_person_is_found_by_what_they_have_shown_to_be_theirs(db: None) -> None:
    by_mail, by_phone = make_person(), make_person(phone=NUMBER, phone_verified=True)
    EmailAddress.objects.create(user=by_mail, email="ha@congty.vn", verified=True, primary=True)
    assert person_by_contact(" HA@congty.vn") == by_mail
    assert person_by_contact("0912 345 678") == by_phone


def test_nobody_is_found_by_what_is_not_confirmed_or_no_contact(db: None) -> None:
    person = make_person(phone=NUMBER, email="ha@congty.vn")
    EmailAddress.objects.create(user=person, email="ha@congty.vn", verified=False, primary=True)
    for contact in ("ha@congty.vn", NUMBER, "", "nobody", person.username):
        assert person_by_contact(contact) is None


def test_a_closed_account_is_nobodys(db: None) -> None:
    person = make_person(phone=NUMBER, phone_verified=True, is_active=False)
    EmailAddress.objects.create(user=person, email="ha@congty.vn", verified=True, primary=True)
    assert person_by_contact(NUMBER) is None
    assert person_by_contact("ha@congty.vn") is None
