from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_world

PATHS = {
    "programmes",
    "programmes/{code}/summary",
    "programmes/{code}/board",
    "programmes/{code}/timeline",
    "programmes/{code}/rules",
    "initiatives",
    "initiatives/{code}",
    "units",
    "units/{code}",
}


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    response = client.get("/api/v1/openapi.json")
    assert response["Content-Type"] == "application/json"
    described: dict[str, Any] = response.json()
    return described


def references(part: Any) -> Iterator[str]:
    """Every reference inside a part of the description."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_description_is_openapi_3_1_and_knows_every_operation(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {f"/api/v1/{path}" for path in PATHS}


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema)) <= known


def test_every_field_and_parameter_says_what_it_is(schema: dict[str, Any]) -> None:
    for name, shape in schema["components"]["schemas"].items():
        for field, details in shape.get("properties", {}).items():
            assert details.get("description"), f"{name}.{field}"
    for path, operations in schema["paths"].items():
        for parameter in operations["get"]["parameters"]:
            assert parameter.get("description"), f"{path} {parameter['name']}"


def test_every_operation_says_that_errors_are_problems(schema: dict[str, Any]) -> None:
    for operations in schema["paths"].values():
        assert {"200", "404", "405", "422", "500"} <= set(operations["get"]["responses"])
        assert "application/problem+json" in operations["get"]["responses"]["422"]["content"]


@pytest.mark.django_db
def test_the_page_lists_every_operation_without_scripts_or_anything_from_elsewhere(client: Client) -> None:
    make_world()
    page = client.get("/api/v1/docs").content.decode()
    for path in PATHS:
        assert f"/api/v1/{path}" in page
    assert "<script" not in page
    assert "style=" not in page
    assert "//cdn" not in page


def test_the_bare_address_leads_to_the_page(client: Client) -> None:
    assert client.get("/api/v1/")["Location"] == "/api/v1/docs"
