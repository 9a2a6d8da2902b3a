"""A clock that tests move, and a recount in plain Python that shares nothing with the SQL under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from sangkien.core import clock
from sangkien.initiatives.actions.keys import begin_new
from sangkien.initiatives.models import Event
from sangkien.tally.figures import FIGURE_NAMES, Counts
from sangkien.units.models import RoleGrant, Unit
from tests.factories import World, make_world

TICK = timedelta(microseconds=1)


class Clock:
    """Actions and folds take their moments from here, so that days pass in a test. ``at`` is the last moment taken."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def event_moment(self) -> datetime:
        """Return the next moment: a microsecond after the last."""
        self.at += TICK
        return self.at

    def horizon(self) -> datetime:
        """Return the end of what has happened, exclusive."""
        return self.at + TICK

    def go_to(self, moment: datetime) -> None:
        """Let the next event happen at exactly this moment."""
        self.at = moment - TICK

    def wait(self, **how_long: float) -> None:
        """Let time pass."""
        self.at += timedelta(**how_long)


def install_clock(patch: pytest.MonkeyPatch, at: datetime) -> Clock:
    """Make actions and folds go by a clock that begins at ``at``."""
    moved = Clock(at)
    patch.setattr(
        "sangkien.initiatives.actions.submission.begin_new",
        lambda actor, key: begin_new(actor, key)._replace(at=moved.event_moment()),
    )
    patch.setattr("sangkien.initiatives.actions.writing.event_moment", moved.event_moment)
    patch.setattr("sangkien.tally.fold.horizon", moved.horizon)
    return moved


def make_past_world(unions: int = 3) -> World:
    """Make a world whose officer has held the role since the programme began."""
    world = make_world(unions)
    RoleGrant.objects.update(since=world.programme.starts_at)
    return world


def noon(days_ago: int) -> datetime:
    """Return 12h00 Vietnam time of a day in the past."""
    return clock.start_of_day(clock.day_of(clock.now()) - timedelta(days=days_ago)) + timedelta(hours=12)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo at the end whatever is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Recount:
    """All events, added up one by one."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = [dict(row) for row in Event.objects.values()]

    def of(
        self,
        unit: Unit,
        as_of: datetime,
        *,
        category: str | None = None,
        phase_id: int | None = None,
        field_id: int | None = None,
        own: bool = False,
        known_until: datetime | None = None,
    ) -> Counts:
        """Return what ``unit`` with all below it (``own``: alone) counts before ``as_of``.

        With ``known_until``: what was known then about what had been submitted before ``as_of``.
        """
        total = Counts()
        for event in self.events:
            before = event["at"] < as_of
            if known_until is not None:
                before = event["submitted_at"] < as_of and event["at"] < known_until
            path = event["unit_path"]
            here = path[-1] == unit.pk if own else unit.pk in path
            if (
                before
                and here
                and category in (None, event["category"])
                and phase_id in (None, event["phase_id"])
                and field_id in (None, event["field_id"])
            ):
                total += Counts(*(event[name] for name in FIGURE_NAMES))
        return total
