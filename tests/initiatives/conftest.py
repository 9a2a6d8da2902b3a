"""A world for the initiatives, and one initiative in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sangkien.initiatives import actions
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
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
            authors=[actions.AuthorInput(name="Trần Thị Hoa", category="enterprise_worker", share=100)],  # type: ignore[arg-type]
            unit=world.grassroots[0],
        )
    initiative = world.submit()
    decide = {"actor": world.officer, "initiative_id": initiative.pk}
    if state == State.RETURNED:
        return actions.return_initiative(**decide, reason=ReasonCode.INCOMPLETE, note="Thiếu.")  # type: ignore[arg-type]
    if state == State.VALID:
        return actions.mark_valid(**decide, benefit_verified=4_000_000)  # type: ignore[arg-type]
    if state == State.INVALID:
        return actions.mark_invalid(**decide, reason=ReasonCode.DUPLICATE, note="Trùng.")  # type: ignore[arg-type]
    if state == State.WITHDRAWN:
        return actions.withdraw(actor=world.member, initiative_id=initiative.pk)
    return initiative


@pytest.fixture
def make_in(world: World) -> MakeIn:
    return lambda state: bring_to(world, state)
