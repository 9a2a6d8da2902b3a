"""The open phase and the rules in one question: the same as each by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.eligibility import rules_in_force
from sangkien.programmes.models import EligibilityRule, Phase, Programme
from sangkien.programmes.queries import open_phase
from sangkien.programmes.terms import terms_at
from tests.factories import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def check(programme: Programme, at: datetime) -> None:
    found, phase = terms_at(programme, at), open_phase(programme, at)
    assert found.phase == phase
    if phase is not None:
        assert found.phase is not None
        names = [f.attname for f in Phase._meta.concrete_fields]
        assert [getattr(found.phase, n) for n in names] == [getattr(phase, n) for n in names]
    assert found.rules == rules_in_force(programme, at)


def test_at_every_moment_it_is_what_each_question_alone_says(world: World) -> None:
    now, programme = clock.now(), world.programme
    first = EligibilityRule.objects.filter(programme=programme)[0]
    values = {f.attname: getattr(first, f.attname) for f in EligibilityRule._meta.concrete_fields if f.name != "id"}
    EligibilityRule.objects.filter(pk=first.pk).update(ended_at=now)
    EligibilityRule.objects.create(**(values | {"version": 2, "effective_at": now, "ended_at": None}))
    other = Programme.objects.create(
        code="khac", name_vi="x", name_en="x", owner=world.top, starts_at=now, ends_at=now + timedelta(days=1)
    )
    phase = world.phase
    moments = (now, programme.starts_at, phase.opens_at, phase.closes_at)
    for moment in moments:
        for at in (moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)):
            check(programme, at)
            check(other, at)
    assert terms_at(programme, now).rules != terms_at(programme, now - timedelta(seconds=1)).rules


def test_once_the_rules_are_known_it_is_one_question_also_for_a_phase_that_was_changed(world: World) -> None:
    now = clock.now()
    terms_at(world.programme, now)
    Phase.objects.update(applied_until=clock.day_of(now))
    with CaptureQueriesContext(connection) as asked:
        found = terms_at(world.programme, now)
    assert len(asked) == 1
    assert found.phase is not None
    assert found.phase.applied_until == clock.day_of(now)
    Phase.objects.update(closes_at=now)
    assert terms_at(world.programme, now).phase is None
