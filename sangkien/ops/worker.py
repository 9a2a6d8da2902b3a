"""The worker: the outbox's consumers as plain loops in one process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection

from sangkien.initiatives import bulk
from sangkien.initiatives.files import sweep
from sangkien.initiatives.norms import refresh_norms
from sangkien.notices.consumer import take
from sangkien.notices.digest import make_due_digests
from sangkien.notices.sending import send_due
from sangkien.tally.fold import fold
from sangkien.tally.patterns import refresh_if_due

log = logging.getLogger("sangkien.worker")
A_DAY = 24 * 3600.0
FIRST_SWEEP = 3600.0
"""Seconds after its start before the worker tidies up for the first time; then once a day."""
FIRST_ANALYSIS = 60.0
"""Seconds after its start before the worker looks whether analysis is due; it is made once a day."""
ANALYSIS_INTERVAL = 600.0
LONGEST_PAUSE = 10.0
PAUSE_WITHOUT_SERVER = 30.0
"""Seconds between two tries while the mail server cannot be used: every message has its own pauses besides."""
BULK_INTERVAL = 0.5
"""Seconds between two looks for decisions about many: an officer who took one watches it begin."""
STOPPING_SECONDS = 10.0
"""How long a message that is being sent may take when the worker is stopped."""


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
            if was_interrupted(error):
                raise KeyboardInterrupt from error
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


def was_interrupted(error: BaseException) -> bool:
    """Say whether an error came up while an interruption was on its way out.

    Interrupted in the middle of a statement, the end of the transaction fails as well, and that error takes the place
    of the interruption: whoever goes on after it would never stop.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def run_notices(interval: float, keep_going: Callable[[], bool] = lambda: True) -> None:
    """Tell people what has happened every ``interval`` seconds, until ``keep_going`` says no.

    What the outbox holds becomes notices, the day's digests are made, and messages go out; once a day it tidies up.
    Nothing that goes wrong here ends the loop or touches the figures: it is logged, and tried again ever later up to
    ten seconds. It also sees to it that the analysis of the day is made.
    """
    pause = interval
    no_mail_until = monotonic()
    tidy_at = monotonic() + FIRST_SWEEP
    analyse_at = monotonic() + FIRST_ANALYSIS
    while keep_going():
        try:
            more = tell()
            if monotonic() >= no_mail_until:
                sent = send_due(keep_going=keep_going)
                more = more or sent.more
                if sent.is_away:
                    no_mail_until = monotonic() + PAUSE_WITHOUT_SERVER
            if monotonic() >= tidy_at:
                tidy_at = monotonic() + A_DAY
                tidy_up()
            if monotonic() >= analyse_at:
                analyse_at = monotonic() + ANALYSIS_INTERVAL
                if refresh_if_due():
                    log.info("made the analysis of the day")
        except DatabaseError as error:
            log.error("notices failed, trying again in %.0f s: %s", pause, error)
        except Exception:  # the figures must not stop for a notice
            log.exception("notices failed, trying again in %.0f s", pause)
        else:
            pause = interval
            if not more:
                close_old_connections()
                _rest(interval, keep_going)
            continue
        connection.close()
        _rest(pause, keep_going)
        pause = min(pause * 2, LONGEST_PAUSE)
    connection.close()


def tell() -> bool:
    """Make notices of what has happened, and the digests if it is time; say whether there is more at once."""
    taken = take()
    if taken.aside:
        log.critical("%d outbox rows set aside: nobody can be told of them", taken.aside)
    make_due_digests()
    return taken.more


def tidy_up() -> None:
    """Remove files that nothing names, uploads given up and old sessions; work out anew what benefit is usual."""
    swept = sweep()
    call_command("clearsessions")
    marked = refresh_norms()
    log.info("swept away %d files and %d uploads, marked %d benefits", swept.files, swept.uploads, marked)


def run_bulks(interval: float = BULK_INTERVAL, keep_going: Callable[[], bool] = lambda: True) -> None:
    """Carry out decisions about many, a part of each in turn, until ``keep_going`` says no.

    Looks for new ones every ``interval`` seconds. One that fails holds up nobody else's: it is logged and tried again,
    all of them ever later up to ten seconds while any fails.
    """
    pause = interval
    while keep_going():
        more, failed = False, False
        try:
            waiting = bulk.unfinished()
        except DatabaseError as error:
            log.error("decisions about many cannot be read, trying again in %.0f s: %s", pause, error)
            waiting, failed = [], True
        for bulk_id in waiting:
            try:
                more = bulk.carry_out(bulk_id) or more
            except Exception:  # the others must not wait for it
                log.exception("the decision about many %s failed, trying again in %.0f s", bulk_id, pause)
                failed = True
        if failed:
            connection.close()
            _rest(pause, keep_going)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = interval
        if not more:
            close_old_connections()
            _rest(interval, keep_going)
    connection.close()


def _rest(seconds: float, keep_going: Callable[[], bool]) -> None:
    """Sleep, but not past the moment at which the worker is stopped."""
    until = monotonic() + seconds
    while keep_going() and (left := until - monotonic()) > 0:
        sleep(min(left, 0.5))


@contextmanager
def notices_beside(interval: float) -> Iterator[None]:
    """Run notices in a thread for as long as the block lasts; a message that is being sent then is let out."""
    with _beside(lambda keep_going: run_notices(interval, keep_going)):
        yield


@contextmanager
def bulks_beside(interval: float = BULK_INTERVAL) -> Iterator[None]:
    """Carry out decisions about many in a thread for as long as the block lasts; the part under way is let end."""
    with _beside(lambda keep_going: run_bulks(interval, keep_going)):
        yield


@contextmanager
def _beside(run: Callable[[Callable[[], bool]], None]) -> Iterator[None]:
    """Run a loop in a thread for as long as the block lasts."""
    stopping = Event()
    thread = Thread(target=run, args=(lambda: not stopping.is_set(),), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOPPING_SECONDS)
