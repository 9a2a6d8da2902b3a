"""A world for the initiatives, and one initiative in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sangkien.initiatives import actions
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from tests.factories import World, make_world

MakeIn = Callable[[State], Initiative]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def bring_to(world: World, state: State) -> Initiative:
    """Return a new initiative that has come to ``state`` by people's actions."""
    if state == State.DRAFT:
        return actions.create_draft(
            actor=world.member,
            programme=world.programme,
            content=world.content(),
            authors=[AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=100)],
            unit=world.grassroots[0],
        )
    initiative = world.submit()
    officer, number = world.officer, initiative.pk
    if state == State.RETURNED:
        return actions.return_initiative(
            actor=officer, initiative_id=number, reason=ReasonCode.INCOMPLETE, note="Thiếu."
        )
    if state == State.VALID:
        return actions.mark_valid(actor=officer, initiative_id=number, benefit_verified=4_000_000)
    if state == State.INVALID:
        return actions.mark_invalid(actor=officer, initiative_id=number, reason=ReasonCode.DUPLICATE, note="Trùng.")
    if state == State.WITHDRAWN:
        return actions.withdraw(actor=world.member, initiative_id=number)
    return initiative


@pytest.fixture
def make_in(world: World) -> MakeIn:
    return lambda state: bring_to(world, state)
