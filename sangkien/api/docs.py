"""The description of the API: as OpenAPI for programs, as a plain page for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from sangkien.api import problems
from sangkien.api.v1 import api


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter or a field: its name, its type in words, what it is."""

    name: str
    type: str
    description: str
    default: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """An operation: how it is called, what it takes, what it answers."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Entry]
    answers: list[str]


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """A shape: its name and its fields."""

    name: str
    description: str
    fields: list[Entry]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI 3.1 description."""
    response = JsonResponse(api.get_openapi_schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the description as a page that needs neither scripts nor anything from elsewhere."""
    schema = api.get_openapi_schema()
    context = {
        "description": str(schema["info"]["description"]).replace("`", "").split("\n\n"),
        "operations": operations_of(schema),
        "shapes": shapes_of(schema),
        "problems": problems.KINDS,
        "server": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "api/docs.html", context)


@require_safe
def to_docs(_request: HttpRequest) -> HttpResponse:
    """Lead whoever opens the bare address to the description."""
    return redirect("api-docs")


def operations_of(schema: dict[str, Any]) -> list[OperationEntry]:
    """Return the operations of an OpenAPI description, in its order."""
    return [
        OperationEntry(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            description=operation.get("description", ""),
            parameters=[_parameter(parameter) for parameter in operation["parameters"]],
            answers=_names_in(operation["responses"][200]["content"]["application/json"]["schema"]),
        )
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]


def shapes_of(schema: dict[str, Any]) -> list[SchemaEntry]:
    """Return the shapes of an OpenAPI description that have fields, by name."""
    return [
        SchemaEntry(
            name=name,
            description=shape.get("description", ""),
            fields=[
                Entry(field, type_in_words(details), details.get("description", ""))
                for field, details in shape["properties"].items()
            ],
        )
        for name, shape in sorted(schema["components"]["schemas"].items())
        if "properties" in shape
    ]


def type_in_words(details: dict[str, Any]) -> str:
    """Return a type of JSON schema as people read it: "list of DayOut", "integer or null"."""
    if "anyOf" in details:
        return " or ".join(type_in_words(option) for option in details["anyOf"])
    if "allOf" in details:
        return type_in_words(details["allOf"][0])
    if "$ref" in details:
        return str(details["$ref"]).rsplit("/", 1)[-1]
    if "const" in details:
        return str(details["const"])
    if "enum" in details:
        return " | ".join(str(value) for value in details["enum"])
    if details.get("type") == "array":
        return f"list of {type_in_words(details['items'])}"
    return str(details.get("format") or details.get("type", "any"))


def _parameter(parameter: dict[str, Any]) -> Entry:
    return Entry(
        name=parameter["name"],
        type=type_in_words(parameter["schema"]).removesuffix(" or null"),
        description=parameter.get("description", ""),
        default=str(parameter["schema"].get("default", "")),
        is_required=parameter["required"],
    )


def _names_in(schema: dict[str, Any]) -> list[str]:
    return type_in_words(schema).split(" or ")
