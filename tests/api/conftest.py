"""A small programme with figures, and a way to ask the API about it."""

from __future__ import annotations

from typing import Any, Protocol

import pytest
from django.test import Client

from sangkien.initiatives.actions import mark_valid
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis
from sangkien.tally.fold import fold_all
from tests.factories import World, make_target, make_world


class Get(Protocol):
    def __call__(self, path: str, *, language: str = "", **query: Any) -> Any: ...


@pytest.fixture
def world(transactional_db: None) -> World:
    """HNI has 3 initiatives (1 valid), THA 1, HCM none.

    Targets: 3 for the phase and 1,000 for the programme; HNI registered 7 for the phase and was assigned 2.
    """
    world = make_world()
    make_target(world.programme, world.top, 3, phase=world.phase)
    make_target(world.programme, world.top, 1_000)
    make_target(world.programme, world.unions[0], 7, phase=world.phase, basis=Basis.REGISTERED)
    make_target(world.programme, world.unions[0], 2, phase=world.phase)
    first = world.submit(category=Category.UNION_OFFICER)
    world.submit()
    world.submit(benefit_claimed=None, no_benefit_reason="Chưa tính được")
    world.submit(world.grassroots[1])
    mark_valid(actor=world.officer, initiative_id=first.pk, benefit_verified=12_000_000)
    fold_all()
    return world


@pytest.fixture
def get(client: Client) -> Get:
    """Ask the API: ``get("programmes/1trieu/summary", as_of="…")``."""

    def ask(path: str, *, language: str = "", **query: Any) -> Any:
        headers = {"Accept-Language": language} if language else {}
        return client.get(f"/api/v1/{path}", query, headers=headers)

    return ask
