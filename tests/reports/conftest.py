"""A programme whose figures are known by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangkien.core import clock
from sangkien.initiatives.actions import mark_valid
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis, Target
from sangkien.tally.fold import fold_all
from tests.factories import World, make_target, make_world


def raise_registered(world: World, unit: int, first: int, then: int) -> None:
    """Let a unit register a target for the phase and replace it by another one ten days ago."""
    changed = clock.now() - timedelta(days=10)
    target = make_target(world.programme, world.unions[unit], first, phase=world.phase, basis=Basis.REGISTERED)
    Target.objects.filter(pk=target.pk).update(closed_at=changed)
    make_target(
        world.programme, world.unions[unit], then, phase=world.phase, basis=Basis.REGISTERED, effective_at=changed
    )


@pytest.fixture
def world(transactional_db: None) -> World:
    """HNI has 3 initiatives (1 valid), THA 2, HCM none, and the confederation entered 1 itself.

    The phase's target is 4 and the programme's 1,000. HNI raised its registered target from 1 to 2 and exceeds it; THA
    raised its own from 1 to 2 and only meets it; HCM has none. HNI has also met its programme target of 3.
    """
    world = make_world()
    make_target(world.programme, world.top, 4, phase=world.phase)
    make_target(world.programme, world.top, 1_000)
    make_target(world.programme, world.unions[0], 3)
    make_target(world.programme, world.unions[1], 3)
    raise_registered(world, 0, 1, 2)
    raise_registered(world, 1, 1, 2)
    first = world.submit(category=Category.UNION_OFFICER)
    for unit in (world.grassroots[0], world.grassroots[0], world.grassroots[1], world.grassroots[1], world.top):
        world.submit(unit)
    mark_valid(actor=world.officer, initiative_id=first.pk, benefit_verified=12_000_000)
    fold_all()
    return world
