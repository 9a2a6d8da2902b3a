"""A profile is written by its owner alone; a consent keeps its text and its moments."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.actions import MAX_CONSENT, give_consent, update_profile, withdraw_consent
from sangkien.people.categories import Category
from sangkien.people.models import Consent, Person, system_actor
from sangkien.people.queries import consents_of
from tests.factories import make_person


@pytest.fixture
def person(db: None) -> Person:
    return make_person()


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "full_name": "Nguyễn Thị Thu Hà",
        "date_of_birth": date(1985, 2, 14),
        "job_title": "Thợ điện",
        "qualification": "Công nhân bậc 5/7",
        "category": Category.ENTERPRISE_WORKER,
        "language": "vi",
    } | changes


def agree(person: Person, version: str = "1", text: str = "Tôi đồng ý.") -> Consent:
    return give_consent(actor=person, purpose="personal_data", version=version, language="vi", text=text)


def test_a_profile_is_kept_clean(person: Person) -> None:
    name = "  Nguyễn  Thị\u202e Thu Hà "
    update_profile(actor=person, **profile(full_name=unicodedata.normalize("NFD", name)))
    person.refresh_from_db()
    kept = {key: getattr(person, key) for key in profile()}
    assert kept == profile()


def test_all_but_the_name_and_the_language_may_stay_empty(person: Person) -> None:
    empty = {"date_of_birth": None, "job_title": "", "qualification": "", "category": ""}
    update_profile(actor=person, **profile(**empty))
    person.refresh_from_db()
    assert {key: getattr(person, key) for key in empty} == empty


def years_ago(years: int) -> date:
    today = clock.day_of(clock.now())
    return date(today.year - years, 1, 1)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("full_name", " ", "no_name"),
        ("full_name", "123 !", "no_name"),
        ("full_name", "Hà" * 101, "too_long"),
        ("job_title", "x" * 201, "too_long"),
        ("qualification", "x" * 201, "too_long"),
        ("category", "boss", "unknown_choice"),
        ("language", "fr", "unknown_choice"),
        ("language", "", "unknown_choice"),
        ("date_of_birth", years_ago(14), "no_such_age"),
        ("date_of_birth", years_ago(-1), "no_such_age"),
        ("date_of_birth", years_ago(112), "no_such_age"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_changes(
    person: Person, field: str, value: object, code: str
) -> None:
    before = Person.objects.values().get(pk=person.pk)
    with pytest.raises(InvalidInput) as refusal:
        update_profile(actor=person, **profile(**{field: value}))
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert Person.objects.values().get(pk=person.pk) == before


def test_one_may_work_from_the_fifteenth_birthday(person: Person) -> None:
    today = clock.day_of(clock.now())
    birthday = today.replace(year=today.year - 15, day=min(today.day, 28))
    update_profile(actor=person, **profile(date_of_birth=birthday))
    if today.day < 28:
        with pytest.raises(InvalidInput):
            update_profile(actor=person, **profile(date_of_birth=birthday + timedelta(days=1)))


def test_parts_of_the_system_have_no_profile(db: None) -> None:
    with pytest.raises(NotAllowed):
        update_profile(actor=system_actor("tests"), **profile())


def test_a_consent_keeps_its_text_and_moment(person: Person) -> None:
    before = clock.now()
    given = agree(person, text="Tôi đồng ý.\nMọi điều.")
    assert (given.text, given.purpose, given.version, given.language) == (
        "Tôi đồng ý.\nMọi điều.",
        "personal_data",
        "1",
        "vi",
    )
    assert before <= given.given_at <= clock.now()
    assert given.withdrawn_at is None


def test_the_same_version_twice_is_one_consent_and_a_new_one_stands_beside_it(person: Person) -> None:
    assert agree(person) == agree(person)
    agree(person, version="2")
    assert [one.version for one in consents_of(person)] == ["2", "1"]


def test_taking_back_ends_every_version_and_leaves_the_record(person: Person) -> None:
    other = make_person()
    agree(other)
    agree(person)
    agree(person, version="2")
    assert withdraw_consent(actor=person, purpose="personal_data") == 2
    assert withdraw_consent(actor=person, purpose="personal_data") == 0
    assert all(one.withdrawn_at for one in consents_of(person))
    assert [one.withdrawn_at for one in consents_of(other)] == [None]
    agree(person)
    assert [one.withdrawn_at is None for one in consents_of(person)] == [True, False, False]


@pytest.mark.parametrize("text", ["", " \n ", "x" * (MAX_CONSENT + 1)])
def test_nobody_agrees_to_nothing(person: Person, text: str) -> None:
    with pytest.raises(InvalidInput):
        agree(person, text=text)
