"""Choosing where one works, with and without the script, and asking for a unit that is not listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.units.actions import refuse_request, request_unit
from sangkien.units.models import UnitRequest
from sangkien.units.queries import unit_of
from tests.factories import World, make_person, make_unit, make_world

ADDRESS = "/ho-so/don-vi/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def person(world: World) -> Person:
    return make_person("worker")


@pytest.fixture
def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


def offered(answer: object) -> list[str]:
    return [one.unit.code for one in answer.context["choice"].offered]  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", ["HNI-001-0001", "hni-001-0001", " HNI-001-0001 "])
def test_a_code_is_joined_at_once(browser: Client, person: Person, world: World, code: str) -> None:
    answer = browser.post(ADDRESS, {"action": "join", "unit": code})
    assert (answer.status_code, answer.url) == (303, "/ho-so/")
    assert unit_of(person) == world.grassroots[0]


def test_without_the_script_a_text_offers_units_and_one_of_them_is_chosen(
    browser: Client, person: Person, world: World
) -> None:
    answer = browser.post(ADDRESS, {"action": "join", "unit": "cong ty HNI"})
    page = answer.content.decode()
    assert (answer.status_code, offered(answer)) == (200, ["HNI-001-0001"])
    assert "Federation HNI-001 · Federation HNI · HNI-001-0001" in page
    assert unit_of(person) is None
    sent = {"action": "join", "unit": "cong ty HNI", "unit_offered_for": "cong ty HNI", "unit_chosen": "HNI-001-0001"}
    assert browser.post(ADDRESS, sent).status_code == 303
    assert unit_of(person) == world.grassroots[0]


def test_a_choice_counts_only_for_the_text_that_it_was_offered_for(browser: Client, person: Person) -> None:
    sent = {"action": "join", "unit": "THA", "unit_offered_for": "cong ty", "unit_chosen": "HNI-001-0001"}
    browser.post(ADDRESS, sent)
    held = unit_of(person)
    assert held is not None
    assert held.code == "THA"


@pytest.mark.parametrize("typed", ["", "  ", "không có đâu", "<script>", "x" * 10_000, "\0"])
def test_what_no_unit_is_called_says_so_and_is_kept(browser: Client, person: Person, typed: str) -> None:
    answer = browser.post(ADDRESS, {"action": "join", "unit": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_unit_error"' in page
    assert 'aria-describedby="id_unit_helptext id_unit_error"' in page
    assert "<script>" not in page
    assert unit_of(person) is None


def test_a_closed_unit_is_not_offered(browser: Client, world: World) -> None:
    make_unit("CLO", world.top, name_vi="CĐCS Đã đóng", closed_on=clock.day_of(clock.now()))
    make_unit("OPN", world.top, name_vi="CĐCS Đã mở", opened_on=clock.day_of(clock.now()))
    make_unit("YET", world.top, name_vi="CĐCS Đã sắp", opened_on=clock.day_of(clock.now()) + timedelta(days=2))
    assert offered(browser.post(ADDRESS, {"unit": "CĐCS Đã"})) == ["OPN"]


def test_one_goes_back_to_where_one_came_from_and_nowhere_else(browser: Client) -> None:
    for given, leads_to in (("/gui/", "/gui/"), ("https://example.org/", "/ho-so/"), ("//example.org", "/ho-so/")):
        answer = browser.post(ADDRESS, {"action": "join", "unit": "HNI", "next": given})
        assert answer.url == leads_to
    assert 'name="next" value="/gui/"' in browser.get(ADDRESS, {"next": "/gui/"}).content.decode()


def test_a_unit_that_is_not_listed_is_asked_for_and_taken_back(browser: Client, person: Person, world: World) -> None:
    sent = {"action": "request", "above": "HNI-001", "name": "CĐCS Công ty May 10", "note": "Phố Huế"}
    answer = browser.post(ADDRESS, sent)
    assert (answer.status_code, answer.url) == (303, ADDRESS)
    request = UnitRequest.objects.get()
    assert (request.person, request.above, request.name, request.state) == (
        person,
        world.districts[0],
        "CĐCS Công ty May 10",
        "waiting",
    )
    page = browser.get(ADDRESS).content.decode()
    assert "CĐCS Công ty May 10" in page
    assert 'value="request"' not in page  # one at a time
    browser.post(ADDRESS, sent)
    assert UnitRequest.objects.count() == 1
    browser.post(ADDRESS, {"action": "withdraw"})
    assert UnitRequest.objects.get().state == "withdrawn"
    assert 'value="request"' in browser.get(ADDRESS).content.decode()


def test_the_unit_above_may_be_typed_as_a_text_and_chosen_among_those_offered(browser: Client) -> None:
    sent = {"action": "request", "above": "lien doan HNI", "name": "CĐCS Mới"}
    answer = browser.post(ADDRESS, sent)
    assert answer.status_code == 422
    assert [one.unit.code for one in answer.context["above"].offered] == ["HNI", "HNI-001"]
    assert 'value="CĐCS Mới"' in answer.content.decode()
    answer = browser.post(ADDRESS, sent | {"above_offered_for": "lien doan HNI", "above_chosen": "HNI-001"})
    assert answer.status_code == 303
    assert UnitRequest.objects.get().above.code == "HNI-001"


def test_what_is_wrong_with_a_request_is_said_at_its_field(browser: Client) -> None:
    for sent, at in (
        ({"above": "HNI-001", "name": ""}, "name"),
        ({"above": "", "name": "CĐCS Mới"}, "above"),
        ({"above": "không có đâu", "name": "CĐCS Mới"}, "above"),
        ({"above": "HNI-001-0001", "name": "CĐCS Mới"}, "above"),
        ({"above": "HNI-001", "name": "Công ty HNI-001"}, "name"),
        ({"above": "HNI-001", "name": "CĐCS Mới", "note": "x" * 501}, "note"),
    ):
        answer = browser.post(ADDRESS, {"action": "request"} | sent)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [at]
        assert f'id="id_{at}_error"' in answer.content.decode()
    assert not UnitRequest.objects.exists()


def test_a_refusal_is_read_where_one_chooses(browser: Client, person: Person, world: World) -> None:
    request = request_unit(actor=person, above=world.districts[0], name="CĐCS Mới")
    refuse_request(actor=world.officer, request_id=request.pk, answer="Công ty thuộc quận khác")
    assert "Công ty thuộc quận khác" in browser.get(ADDRESS).content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_is_in_both_languages(browser: Client, language: str) -> None:
    browser.cookies["django_language"] = language
    assert f'<html lang="{language}">' in browser.get(ADDRESS).content.decode()


def test_more_units_found_do_not_take_more_queries(browser: Client, world: World) -> None:
    counts = []
    for typed, expected in (("cong ty HNI", 1), ("cong ty", 3)):
        with CaptureQueriesContext(connection) as captured:
            assert len(offered(browser.post(ADDRESS, {"unit": typed}))) == expected
        counts.append(len(captured))
    assert counts[0] == counts[1]
