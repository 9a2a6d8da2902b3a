"""Whatever is killed and whenever: what was acknowledged is stored, and what is stored is counted once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sangkien.core.models import OutboxAside, OutboxEntry
from sangkien.initiatives.models import Event, Initiative
from sangkien.tally.fold import fold_all
from sangkien.tally.models import LateEvent, Ordinal
from sangkien.tally.queries import moments, summary
from sangkien.tally.rebuild import verify
from tests.factories import make_world
from tests.tally.simulation import Recount

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
SUBMITTERS = 2
SECONDS = 9.0
PATIENCE = 30.0


class Worker:
    """A process of ``tests.tally.processes``; what it printed stands in ``said``."""

    def __init__(self, what: str, seed: int) -> None:
        self.what = what
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tally.processes", what, str(connection.settings_dict["NAME"]), str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):  # half a line is no acknowledgement
                self.said.append(line.strip())

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def numbers(self) -> list[int]:
        """Return the initiatives that it acknowledged."""
        return [int(word) for word in self.said if word != "ready"]


def wait_until_all_is_counted() -> None:
    """Fold until the outbox is empty: the transactions of what was killed may take a moment to end."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        fold_all()
        if not OutboxEntry.objects.filter(consumer="tally").exists():
            return
        time.sleep(0.1)
    raise AssertionError("the outbox never became empty")


def test_what_was_acknowledged_is_stored_and_counted_once_whatever_is_killed() -> None:
    make_world()
    luck = random.Random()
    seed = luck.randrange(10**6)
    print(f"seed {seed}")
    luck.seed(seed)
    serial = iter(range(seed, seed + 10_000))
    workers = [Worker(what, next(serial)) for what in [*["submit"] * SUBMITTERS, "fold"]]
    ended: list[Worker] = []
    until = time.monotonic() + SECONDS
    try:
        while time.monotonic() < until:
            n = luck.randrange(len(workers))
            victim = workers[n]
            if "ready" not in victim.said:  # killing what has not begun tries nothing
                assert victim.process.poll() is None, "it has ended by itself"
                time.sleep(0.05)
                continue
            time.sleep(luck.uniform(0.05, 0.4))
            victim.kill()
            ended.append(victim)
            workers[n] = Worker(victim.what, next(serial))
    finally:
        for worker in workers:
            worker.kill()
    ended += workers
    kills = {what: sum(w.what == what and "ready" in w.said for w in ended) for what in ("submit", "fold")}
    assert kills["submit"] >= 2
    assert kills["fold"] >= 1
    folded_by_processes = Ordinal.objects.count()

    wait_until_all_is_counted()
    acknowledged = [number for worker in ended for number in worker.numbers()]
    stored = set(Initiative.objects.values_list("pk", flat=True))
    assert len(acknowledged) == len(set(acknowledged)) > 20
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + len(ended), "a kill can leave one that was stored and not acknowledged"
    assert folded_by_processes > 0
    assert Event.objects.count() == Ordinal.objects.count() == len(stored)
    assert list(Ordinal.objects.order_by("ordinal").values_list("ordinal", flat=True)) == list(
        range(1, len(stored) + 1)
    )
    event = Event.objects.select_related("programme").all()[0]
    now = moments(event.programme)
    assert summary(event.programme, now).counts.submitted == len(stored)
    assert summary(event.programme, now).counts == Recount().of(event.programme.owner, now.as_of)
    assert not LateEvent.objects.exists()
    assert not OutboxAside.objects.exists()
    assert verify().is_clean
