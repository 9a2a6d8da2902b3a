"""Workers that are killed in the middle of a decision about many: nothing is done twice, nothing is left out."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions
from sangkien.initiatives.bulk import outcomes_of, prepare_bulk
from sangkien.initiatives.models import BulkDecision, BulkItem, Event, Initiative
from sangkien.initiatives.states import EventKind, State
from sangkien.tally.fold import fold_all
from sangkien.tally.models import LateEvent
from sangkien.tally.rebuild import verify
from tests.factories import make_world

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
MANY, PART, KILLS, PATIENCE = 240, 5, 6, 60.0


def start() -> subprocess.Popen[str]:
    """Start a worker and wait until it has done a part."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.initiatives.processes", str(connection.settings_dict["NAME"]), str(PART)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "part\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(PATIENCE)
    assert process.stdout is not None
    process.stdout.close()


def test_a_decision_about_many_survives_workers_that_are_killed() -> None:
    world = make_world()
    numbers = [world.submit(world.grassroots[n % 3], benefit_claimed=n).pk for n in range(MANY)]
    bulk = prepare_bulk(actor=world.officer, kind=EventKind.VALIDATED, numbers=numbers, with_benefit=True)
    for number in numbers[-3:]:  # somebody else is faster with these
        actions.mark_valid(actor=world.officer, initiative_id=number, benefit_verified=1)
    luck, killed_in_the_middle = random.Random(), 0
    for _ in range(KILLS):
        if is_finished(bulk):
            break
        worker = start()
        time.sleep(luck.uniform(0.0, 0.05))
        kill(worker)
        killed_in_the_middle += not is_finished(bulk)
    assert killed_in_the_middle >= 2
    last = start() if not is_finished(bulk) else None
    until = time.monotonic() + PATIENCE
    while not is_finished(bulk) and time.monotonic() < until:
        time.sleep(0.05)
    if last:
        kill(last)

    bulk.refresh_from_db()
    assert (bulk.done, bulk.skipped, bulk.total) == (MANY - 3, 3, MANY)
    assert outcomes_of(bulk) == {BulkItem.Outcome.DONE: MANY - 3, BulkItem.Outcome.CHANGED: 3}
    assert Initiative.objects.filter(state=State.VALID).count() == MANY
    decisions = Event.objects.filter(kind=EventKind.VALIDATED)
    assert sorted(decisions.values_list("initiative_id", flat=True)) == numbers
    assert OutboxEntry.objects.filter(consumer="tally", number=2).count() == MANY
    fold_all()
    assert not LateEvent.objects.exists()
    assert verify().is_clean


def is_finished(bulk: BulkDecision) -> bool:
    return BulkDecision.objects.filter(pk=bulk.pk, finished_at__isnull=False).exists()
