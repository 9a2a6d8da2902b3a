from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory

from sangkien.api.v1 import api
from sangkien.core import clock
from tests.api.conftest import Get
from tests.factories import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Refusals need no figures, so nothing has to be folded."""
    return make_world()


def assert_problem(response: Any, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["code"], body.get("field")) == (status, status, code, field)
    assert body["type"].startswith("/api/v1/docs#problem-")
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize("path", ["/api/", "/api/nowhere", "/api/v2/programmes"])
def test_an_address_beside_this_version_is_a_problem_too(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["nowhere", "programmes/", "programmes/1trieu", "programmes/1trieu/summary/x"])
def test_an_address_that_leads_nowhere(client: Client, path: str) -> None:
    assert_problem(client.get(f"/api/v1/{path}"), 404, "unknown_address")


@pytest.mark.parametrize(
    ("path", "query", "code", "field"),
    [
        ("programmes/none/summary", {}, "unknown_programme", None),
        ("programmes/1trieu/summary", {"unit": "NONE"}, "unknown_unit", "unit"),
        ("programmes/1trieu/board", {"unit": ""}, "unknown_unit", "unit"),
        ("programmes/1trieu/board", {"phase": "9"}, "unknown_phase", None),
        ("units/NONE", {}, "unknown_unit", "unit"),
        ("initiatives", {"unit": "NONE"}, "unknown_unit", "unit"),
        ("initiatives/SK-0000-0000", {}, None, None),
        ("initiatives/no-code", {}, "malformed", None),
    ],
)
def test_what_is_not_there_is_404(
    world: World, get: Get, path: str, query: dict[str, str], code: str | None, field: str | None
) -> None:
    response = get(path, **query)
    assert_problem(response, 404, code or response.json()["code"], field)


@pytest.mark.parametrize("path", ["summary", "board", "timeline"])
@pytest.mark.parametrize(
    ("text", "code"), [("yesterday", "not_a_date"), ("31/2/2022", "no_such_day"), ("24h30 1/5/2022", "no_such_time")]
)
def test_a_malformed_cutoff_is_422(world: World, get: Get, path: str, text: str, code: str) -> None:
    assert_problem(get(f"programmes/1trieu/{path}", as_of=text), 422, code, "as_of")


def test_a_cutoff_in_the_future_is_422(world: World, get: Get) -> None:
    later = (clock.now() + timedelta(days=1)).isoformat()
    assert_problem(get("programmes/1trieu/summary", as_of=later), 422, "as_of_in_future", "as_of")


def test_a_cutoff_before_the_programme_is_422(world: World, get: Get) -> None:
    assert_problem(get("programmes/1trieu/board", as_of="1/1/2020"), 422, "as_of_before_programme", "as_of")


@pytest.mark.parametrize(
    ("path", "query", "code", "field"),
    [
        ("programmes/1trieu/board", {"group": "all"}, "literal_error", "group"),
        ("programmes/1trieu/board", {"since": "never"}, "not_a_date", "since"),
        ("programmes/1trieu/board", {"since": "1/1/2020"}, "since_out_of_range", "since"),
        ("programmes/1trieu/summary", {"phase": "one"}, "int_parsing", "phase"),
        ("programmes/1trieu/summary", {"phase": "99999"}, "less_than_equal", "phase"),
        ("programmes/1trieu/summary", {"known_at": "then"}, "literal_error", "known_at"),
        ("programmes/1trieu/summary", {"asof": "1/5/2022"}, "unknown_parameter", "asof"),
        ("programmes/1trieu/summary", {"unit": ["HNI", "THA"]}, "given_twice", "unit"),
        ("programmes/1trieu/summary", {"unit": "HNI\x00"}, "bad_character", "unit"),
        ("programmes/1trieu/summary", {"unit": "H" * 41}, "string_too_long", "unit"),
        ("programmes", {"page": "1"}, "unknown_parameter", "page"),
        ("initiatives", {"kind": "magic"}, "enum", "kind"),
        ("initiatives", {"field": "NONE"}, "unknown_field", "field"),
        ("initiatives", {"page": "0"}, "greater_than_equal", "page"),
        ("initiatives", {"after": "x"}, "bad_cursor", "after"),
        ("initiatives", {"page": "1", "after": "x"}, "page_or_after", "page"),
        ("initiatives", {"q": "băng tải"}, "malformed", "q"),
    ],
)
def test_what_cannot_be_used_is_422(
    world: World, get: Get, path: str, query: dict[str, Any], code: str, field: str
) -> None:
    body = assert_problem(get(path, **query), 422, code, field)
    assert body["errors"] == [{"field": field, "code": code, "detail": body["detail"]}]


def test_all_faults_are_told_at_once(world: World, get: Get) -> None:
    body = assert_problem(get("programmes/1trieu/board", group="all", phase="one"), 422, "invalid_input")
    assert {error["field"] for error in body["errors"]} == {"group", "phase"}


def test_a_null_character_in_the_address_leads_nowhere(world: World, client: Client) -> None:
    assert_problem(client.get("/api/v1/units/HNI%00"), 404, "unknown_address")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["programmes", "initiatives/SK-0000-0000", "docs", "openapi.json"])
def test_another_method_is_405_and_says_what_is_allowed(client: Client, method: str, path: str) -> None:
    response = getattr(client, method)(f"/api/v1/{path}")
    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD"


def test_head_answers_like_get_without_a_body(world: World, client: Client) -> None:
    response = client.head("/api/v1/programmes")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get("/api/v1/programmes")["ETag"]


def test_a_breakdown_tells_nothing_and_is_written_down(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "sangkien.api"):
        response = api.on_exception(RequestFactory().get("/api/v1/x"), ValueError("the password is 1234"))
    assert response.status_code == 500
    assert b"1234" not in response.content
    assert "the password is 1234" in caplog.text


def test_sentences_follow_the_language_asked_for(world: World, get: Get) -> None:
    english = get("programmes/none/summary", language="en").json()
    assert (english["title"], english["detail"]) == ("Not found", "There is no programme with this code.")
    assert get("programmes/none/summary", language="en")["Content-Language"] == "en"
    assert get("programmes/none/summary")["Content-Language"] == "vi"
