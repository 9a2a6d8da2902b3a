"""A small programme whose figures are known by hand, and its pages in both languages."""

from __future__ import annotations

from typing import Protocol

import pytest
from django.test import Client

from sangkien.initiatives.actions import mark_valid
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis, Programme
from sangkien.tally.fold import fold_all
from tests.factories import World, make_target, make_world


class Page(Protocol):
    def __call__(self, path: str, *, status: int = 200, language: str = "vi", **query: str) -> str: ...


def fill(world: World) -> None:
    """Give ``world`` targets and figures: HNI 3 initiatives (1 valid), the next one 2, the others none."""
    make_target(world.programme, world.top, 4, phase=world.phase)
    make_target(world.programme, world.top, 1_000)
    for unit in world.unions:
        make_target(world.programme, unit, 2, phase=world.phase)
        make_target(world.programme, unit, 3)
    make_target(world.programme, world.unions[0], 4, phase=world.phase, basis=Basis.REGISTERED)
    first = world.submit(category=Category.UNION_OFFICER)
    world.submit()
    world.submit()
    for _ in range(2):
        world.submit(world.grassroots[1 % len(world.grassroots)])
    mark_valid(actor=world.officer, initiative_id=first.pk, benefit_verified=12_000_000)
    fold_all()


@pytest.fixture
def world(transactional_db: None) -> World:
    """HNI has 3 initiatives (1 valid), THA 2, HCM none; the confederation's target of the phase is 4, of all 1,000.

    HNI registered 4 for the phase and was assigned 2; all were assigned 3 for the programme.
    """
    world = make_world()
    fill(world)
    return world


@pytest.fixture
def programme(world: World) -> Programme:
    return world.programme


@pytest.fixture
def page(client: Client) -> Page:
    """Fetch a page: ``page("/", den="24h00 31/5/2022")``."""

    def fetch(path: str, *, status: int = 200, language: str = "vi", **query: str) -> str:
        parameters = {name.replace("_", "-"): value for name, value in query.items()}
        client.cookies["django_language"] = language
        response = client.get(path, parameters)
        assert response.status_code == status, response.content.decode()[:3000]
        return response.content.decode()

    return fetch
