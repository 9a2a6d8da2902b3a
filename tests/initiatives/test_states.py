"""The transition table: who stands in it, what it adds, and that the database holds the same steps."""

from __future__ import annotations

import itertools

import pytest
from django.db import IntegrityError, connection, transaction

from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import STATE_STEPS, TRANSITIONS, EventKind, State
from tests.factories import World

STANDING = ("valid", "invalid", "returned", "withdrawn")


def test_every_state_can_be_reached_and_every_kind_but_a_correction_is_a_step() -> None:
    assert {step.target for step in TRANSITIONS.values()} == set(State) - {State.DRAFT}
    assert {kind for _state, kind in TRANSITIONS} == set(EventKind) - {EventKind.CORRECTED}


@pytest.mark.parametrize("key", TRANSITIONS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_each_step_takes_away_where_it_leaves_and_adds_where_it_comes(key: tuple[State, EventKind]) -> None:
    source, step = key[0], TRANSITIONS[key]
    for state in STANDING:
        assert getattr(step, state) == int(step.target == state) - int(source == state), state
    assert step.submitted == int(source == State.DRAFT)


def force(initiative: Initiative, state: State) -> None:
    """Put an initiative into a state behind the trigger's back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE initiatives_initiative DISABLE TRIGGER initiative_steps")
        cursor.execute("UPDATE initiatives_initiative SET state = %s WHERE id = %s", [state, initiative.pk])
        cursor.execute("ALTER TABLE initiatives_initiative ENABLE TRIGGER initiative_steps")


def test_the_database_takes_exactly_the_steps_of_the_table(world: World) -> None:
    initiative = world.submit()
    taken, reasons = set(), set()
    for source, target in itertools.permutations(State, 2):
        force(initiative, source)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE initiatives_initiative SET state = %s WHERE id = %s", [target, initiative.pk])
            taken.add((source, target))
        except IntegrityError as refusal:
            reasons.add(str(refusal).split(" cannot go from ")[-1].splitlines()[0])
    assert taken == STATE_STEPS
    assert reasons == {f"{a} to {b}" for a, b in itertools.permutations(State, 2) if (a, b) not in STATE_STEPS}


@pytest.mark.parametrize("state", State)
def test_an_initiative_begins_as_a_draft_or_submitted(world: World, state: State) -> None:
    initiative = world.submit()
    initiative.pk, initiative.state = None, state
    initiative._state.adding = True
    if state in (State.DRAFT, State.SUBMITTED):
        with transaction.atomic():
            initiative.save(force_insert=True)
            transaction.set_rollback(True)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            initiative.save(force_insert=True)
