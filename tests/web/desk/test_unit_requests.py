"""What officers do for those who do not find their unit."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.people.models import Person
from sangkien.units.actions import refuse_request, request_unit, settle_request, withdraw_request
from sangkien.units.models import UnitRequest
from sangkien.units.queries import unit_of
from tests.factories import World, grant, make_person, make_world

ADDRESS = "/ban-lam-viec/don-vi/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def worker(world: World) -> Person:
    return make_person("worker", full_name="Đỗ Văn Thợ", email="tho@congty.vn", phone="+84912345678")


@pytest.fixture
def asked(world: World, worker: Person) -> UnitRequest:
    return request_unit(actor=worker, above=world.districts[0], name="CĐCS Công ty <May> 10", note="Phố Huế")


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def officer(world: World) -> Client:
    person = make_person("canbo")
    grant(person, world.districts[0])
    return browser_of(person)


def settle(client: Client, asked: UnitRequest, **sent: str) -> object:
    return client.post(f"{ADDRESS}{asked.pk}/chon/", sent)


def test_an_officer_sees_what_waits_and_no_contact_of_anybody(officer: Client, asked: UnitRequest) -> None:
    page = officer.get(ADDRESS).content.decode()
    for shown in ("CĐCS Công ty &lt;May&gt; 10", "Đỗ Văn Thợ", "Phố Huế", "HNI-001"):
        assert shown in page
    for hidden in ("tho@congty.vn", "84912345678", "<May>"):
        assert hidden not in page


def test_an_officer_of_elsewhere_sees_nothing_of_it(world: World, asked: UnitRequest) -> None:
    person = make_person("beside")
    grant(person, world.districts[1])
    page = browser_of(person).get(ADDRESS).content.decode()
    assert "Đỗ Văn Thợ" not in page
    assert "Nothing waits" in page


def test_settled_with_a_unit_that_is_listed(officer: Client, asked: UnitRequest, worker: Person, world: World) -> None:
    answer = settle(officer, asked, action="existing", unit="HNI-001-0001")
    assert (answer.status_code, answer.url) == (303, ADDRESS)  # type: ignore[attr-defined]
    assert unit_of(worker) == world.grassroots[0]
    assert "Đỗ Văn Thợ now belongs to" in officer.get(ADDRESS).content.decode()


def test_settled_with_a_new_unit_under_the_name_put_right(officer: Client, asked: UnitRequest, worker: Person) -> None:
    settle(officer, asked, action="new", new_name="CĐCS Công ty May 10")
    unit = unit_of(worker)
    assert unit is not None
    assert (unit.code, unit.name_vi) == ("HNI-001-0002", "CĐCS Công ty May 10")


def test_without_the_script_a_text_offers_units(officer: Client, asked: UnitRequest, worker: Person) -> None:
    answer = settle(officer, asked, action="existing", unit="cong ty")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert answer.content.decode().count('name="unit_chosen"') == 3  # type: ignore[attr-defined]
    sent = {"unit": "cong ty", "unit_offered_for": "cong ty", "unit_chosen": "HNI-001-0001"}
    settle(officer, asked, action="existing", **sent)
    assert unit_of(worker) is not None


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        ({"action": "existing", "unit": ""}, "unit"),
        ({"action": "existing", "unit": "không có đâu"}, "unit"),
        ({"action": "new", "new_name": " "}, "new_name"),
        ({"action": "new", "new_name": "Công ty HNI-001"}, "new_name"),
        ({"action": "new", "new_name": "x" * 201}, "new_name"),
        ({"action": ""}, "unit"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_of_that_request(
    officer: Client, asked: UnitRequest, sent: dict[str, str], at: str
) -> None:
    answer = settle(officer, asked, **sent)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert f'id="id_{asked.pk}_{at}_error"' in answer.content.decode()  # type: ignore[attr-defined]
    assert UnitRequest.objects.get().state == "waiting"


def test_a_refusal_needs_a_sentence(officer: Client, asked: UnitRequest) -> None:
    refused = f"{ADDRESS}{asked.pk}/tu-choi/"
    assert officer.post(refused, {"answer": " "}).status_code == 422
    assert officer.post(refused, {"answer": "Thuộc quận khác"}).status_code == 303
    assert UnitRequest.objects.get().answer == "Thuộc quận khác"


@pytest.mark.parametrize("first", ["settle", "refuse", "take back"])
def test_the_second_officer_is_told_what_happened_first(
    officer: Client, asked: UnitRequest, worker: Person, world: World, first: str
) -> None:
    if first == "settle":
        settle_request(actor=world.officer, request_id=asked.pk, unit=world.grassroots[1])
    elif first == "refuse":
        refuse_request(actor=world.officer, request_id=asked.pk, answer="Thuộc quận khác")
    else:
        withdraw_request(actor=worker)
    answer = settle(officer, asked, action="existing", unit="HNI-001-0001")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 409  # type: ignore[attr-defined]
    told = {"settle": "THA-001-0001", "refuse": "Thuộc quận khác", "take back": "The person took it back"}
    assert told[first] in page
    assert "Nothing of yours was done" in page
    assert unit_of(worker) == (world.grassroots[1] if first == "settle" else None)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_is_in_both_languages_also_when_empty(officer: Client, language: str) -> None:
    officer.cookies["django_language"] = language
    page = officer.get(ADDRESS).content.decode()
    assert f'<html lang="{language}">' in page
    assert '<li class="request"' not in page


def test_three_requests_take_as_many_queries_as_one(officer: Client, world: World) -> None:
    counts = []
    for number in range(1, 4):
        request_unit(actor=make_person(), above=world.districts[0], name=f"CĐCS Công ty số {number}")
        with CaptureQueriesContext(connection) as captured:
            assert officer.get(ADDRESS).content.decode().count('<li class="request"') == number
        counts.append(len(captured))
    assert len(set(counts)) == 1
