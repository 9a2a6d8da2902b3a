"""Pages of the desk at full size, for a confederation, a province and a district."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.test import Client, override_settings

from bench.rows import Budget, Row, make_row
from bench.timing import beside_round_trip
from bench.worst import worst_of_all, worst_of_union
from sangkien.people.models import Person
from sangkien.tally.patterns import refresh_if_due
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.queries import children_ever

CALLS = 40
WITHIN = Budget(150.0)
OVERVIEW = "/ban-lam-viec/tong-quan/"


def unit_overview() -> list[Row]:
    """Measure the overview of the confederation, of its biggest union and of a unit below that, in turn.

    Raises RuntimeError if a page does not answer.
    """
    refresh_if_due()
    top, union = worst_of_all(1).parent, worst_of_union(1).parent
    units = [top, union, children_ever(union)[0]]
    with override_settings(OFFICERS_NEED_SECOND_FACTOR=False, ALLOWED_HOSTS=["*"]):
        client = _client_of(_officer_of(top))
        measured = beside_round_trip([_page(client, units[n % len(units)]) for n in range(CALLS)])
    return [make_row("unit_overview", measured.p95, "ms p95", budget=WITHIN, reference=measured.reference)]


def _officer_of(top: Unit) -> Person:
    """Return somebody who verifies for the whole confederation."""
    return RoleGrant.objects.filter(unit=top, role=Role.VERIFIER, until=None).select_related("person")[0].person


def _client_of(person: Person) -> Client:
    """Return a browser in which somebody has signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return client


def _page(client: Client, unit: Unit) -> Callable[[], object]:
    """Return one request for a unit's overview."""

    def ask(code: str) -> None:
        response = client.get(OVERVIEW, {"don-vi": code})
        if response.status_code != 200:
            raise RuntimeError(f"{OVERVIEW}?don-vi={code} answered {response.status_code}")

    return partial(ask, unit.code)
