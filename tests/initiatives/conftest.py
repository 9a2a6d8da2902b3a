"""A world for the initiatives, and one initiative in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sangkien.initiatives import actions
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
from tests.factories import World, make_world

MakeIn = Callable[[State], Initiative]
STATES = tuple(state for state in State if state != State.DRAFT)
"""Where an initiative can stand: what has not been sent is no initiative yet."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def bring_to(world: World, state: State) -> Initiative:
    """Return a new initiative that has come to ``state`` by people's actions."""
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
        return actions.withdraw(actor=world.member, initiative_id=number, note="Gửi nhầm.")
    return initiative


@pytest.fixture
def make_in(world: World) -> MakeIn:
    return lambda state: bring_to(world, state)
