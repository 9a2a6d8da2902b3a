"""The worker: the outbox's consumers as plain loops in one process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic, sleep

from django.db import DatabaseError, close_old_connections, connection

from sangkien.tally.fold import fold

log = logging.getLogger("sangkien.worker")
LONGEST_PAUSE = 10.0


def run_folds(interval: float, keep_going: Callable[[], bool] = lambda: True) -> None:
    """Fold every ``interval`` seconds, at once again while there is more, until ``keep_going`` says no.

    A database that does not answer is waited for, ever longer up to ten seconds: events stay in the outbox meanwhile.
    """
    pause = interval
    while keep_going():
        started = monotonic()
        try:
            result = fold()
        except DatabaseError as error:
            log.error("fold failed, trying again in %.0f s: %s", pause, error)
            connection.close()
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = interval
        if result.late:
            log.critical("%d events came late: a writer takes its moment without event_moment()", result.late)
        if result.aside:
            log.critical("%d outbox rows set aside: they name events that do not exist", result.aside)
        if not result.more:
            close_old_connections()
            sleep(max(0.0, interval - (monotonic() - started)))
