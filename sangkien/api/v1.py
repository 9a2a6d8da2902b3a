"""The API, version 1: its operations, its errors and its description (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from sangkien.api import problems
from sangkien.api.parameters import only_known
from sangkien.api.routers import initiatives, programmes, units
from sangkien.api.schemas import Problem, ProblemError
from sangkien.core.errors import SangKienError

DESCRIPTION = """\
The figures of an initiative programme, its initiatives and its units. Public data, read only.

Every answer with figures carries the moment that it holds for (`as_of`, exclusive, Vietnam time) and up to which moment
decisions are taken into account (`known_at`). An as-of figure never changes once it has been shown. Money is whole
đồng, progress a number cut to one decimal (99.96 is 99.9), a share a whole percentage. Errors are problem details
(RFC 9457), in Vietnamese or English as `Accept-Language` asks.
"""
_REFUSALS = (problems.NOTHING_HERE, problems.UNUSABLE, problems.WRONG_METHOD, problems.BREAKDOWN)


class InitiativeAPI(NinjaAPI):
    """An API whose description says what its errors look like."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        """Return the address that all operations stand under."""
        return reverse("api-home")

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description of the API, every operation with the problems that it may answer."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = schema["components"]["schemas"]
        for name in [name for name in components if name.endswith("Asked")]:
            del components[name]  # query parameters stand with their operations
        for model in (ProblemError, Problem):
            own = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
            own.pop("$defs", None)
            components[model.__name__] = own
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"] |= {str(kind.status): _problem_response(kind) for kind in _REFUSALS}
        return schema


def _problem_response(kind: problems.ProblemKind) -> dict[str, Any]:
    return {
        "description": str(kind.title),
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def build_api() -> InitiativeAPI:
    """Return the API with its operations and its handlers of errors."""
    built = InitiativeAPI(
        title="Sáng Kiến",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api-v1",
        openapi_url=None,
        docs_url=None,
    )
    built.add_decorator(only_known, mode="operation")
    for part in (programmes, initiatives, units):
        built.add_router("", part.router)
    built.add_exception_handler(SangKienError, problems.refusal)
    built.add_exception_handler(ValidationError, problems.invalid_parameters)
    built.add_exception_handler(HttpError, problems.http_error)
    built.add_exception_handler(Exception, problems.breakdown)
    return built


api = build_api()
