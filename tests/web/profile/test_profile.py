"""The profile is one's own: written, agreed to and taken back by its owner alone."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.people.models import Consent, Person
from sangkien.units.actions import join_unit
from tests.factories import World, make_person, make_world

SENT = {
    "full_name": "Nguyễn Thị Thu Hà",
    "date_of_birth": "14/2/1985",
    "job_title": "Thợ điện",
    "qualification": "Bậc 5/7",
    "category": "enterprise_worker",
    "language": "en",
}


@pytest.fixture
def person(db: None) -> Person:
    return make_person("ha", full_name="Hà <b>")


@pytest.fixture
def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


def test_a_profile_is_saved_and_shown_again(browser: Client, person: Person) -> None:
    answer = browser.post("/ho-so/", SENT)
    assert (answer.status_code, answer.url) == (303, "/ho-so/")
    person.refresh_from_db()
    assert (person.full_name, person.job_title, person.language) == ("Nguyễn Thị Thu Hà", "Thợ điện", "en")
    page = browser.get("/ho-so/").content.decode()
    assert "Your profile has been saved" in page
    assert 'value="14/2/1985"' in page
    assert 'value="enterprise_worker" checked' in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_is_in_both_languages_and_writes_what_people_typed_as_text(
    browser: Client, person: Person, language: str
) -> None:
    browser.cookies["django_language"] = language
    page = browser.get("/ho-so/").content.decode()
    assert f'<html lang="{language}">' in page
    assert "Hà &lt;b&gt;" in page
    assert "Hà <b>" not in page


def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(browser: Client, person: Person) -> None:
    answer = browser.post("/ho-so/", SENT | {"date_of_birth": "31/2/1985", "category": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_date_of_birth_error"' in page
    assert 'id="id_category_error"' in page
    assert 'value="Thợ điện"' in page
    assert 'value="31/2/1985"' in page


def test_what_only_the_action_knows_is_said_at_its_field_too(browser: Client) -> None:
    answer = browser.post("/ho-so/", SENT | {"date_of_birth": "1/1/2999"})
    assert answer.status_code == 422
    assert 'id="id_date_of_birth_error"' in answer.content.decode()


def test_the_text_that_was_shown_is_the_one_that_is_kept(browser: Client, person: Person) -> None:
    shown = browser.get("/ho-so/").context["offered"]
    browser.post("/ho-so/dong-y/", {"agree": shown.replace("\n", "\r\n")})
    given = Consent.objects.get(person=person)
    assert (given.text, given.language, given.withdrawn_at) == (shown, "en", None)
    page = browser.get("/ho-so/")
    assert page.context["offered"] is None
    assert shown.split("\n")[0] in page.content.decode()
    browser.post("/ho-so/dong-y/", {"withdraw": "personal_data"})
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert "taken back at" in browser.get("/ho-so/").content.decode()


def test_another_text_than_the_one_in_force_is_not_agreed_to(browser: Client, person: Person) -> None:
    browser.post("/ho-so/dong-y/", {"agree": "Something else"})
    assert not Consent.objects.exists()
    assert "The text has changed" in browser.get("/ho-so/").content.decode()


def test_nobody_sees_or_ends_anothers_consent(browser: Client, person: Person) -> None:
    other = Client()
    other.force_login(make_person("other"))
    browser.post("/ho-so/dong-y/", {"agree": browser.get("/ho-so/").context["offered"]})
    other.post("/ho-so/dong-y/", {"withdraw": "personal_data"})
    assert Consent.objects.get().withdrawn_at is None
    assert other.get("/ho-so/").context["given"] == []


def test_the_unit_stands_with_those_above_it(browser: Client, person: Person) -> None:
    world: World = make_world()
    assert "You have not chosen one yet" in browser.get("/ho-so/").content.decode()
    join_unit(actor=person, unit=world.grassroots[0])
    page = browser.get("/ho-so/").content.decode()
    assert "Federation HNI-001-0001" in page
    assert "Federation HNI-001 · Federation HNI · HNI-001-0001" in page
