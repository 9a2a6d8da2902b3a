"""Many people submitting at once, through the same action as pages and API, with the fold running."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import monotonic, perf_counter, sleep

from django.db import connection, connections, transaction

from bench.databases import scratch_copy
from bench.rows import Budget, Row, make_row
from bench.timing import percentile
from sangkien.core import clock
from sangkien.demo.texts import text_for
from sangkien.demo.world import ACCOUNTS, PROGRAMME_CODE
from sangkien.initiatives.actions import submit_new
from sangkien.initiatives.inputs import AuthorInput, InitiativeContent
from sangkien.initiatives.models import Event, Kind
from sangkien.ops.worker import run_folds
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Field
from sangkien.programmes.queries import get_programme
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import published
from sangkien.units.models import Unit, UnitKind

WRITERS = 16
SECONDS = 10.0
BARE_SECONDS = 4.0
COMING_UP = 2.0
AT_LEAST = Budget(300, at_least=True)
P99_WITHIN = Budget(150.0)
BEHIND = 2.0
_FOLD_EVERY = 1.0
_LOOK_EVERY = 0.05
_UNITS = 500
_BENEFIT = 12_500_000


@dataclass(frozen=True, slots=True)
class Window:
    """When a run is measured, on the monotonic clock that all processes share; before it they come up."""

    begins: float
    ends: float

    def is_open(self) -> bool:
        """Say whether there is still time."""
        return monotonic() < self.ends

    def times_of(self, once: Callable[[], object]) -> list[float]:
        """Do something again and again while the window is open, at least once; return the seconds of each time."""
        sleep(max(0.0, self.begins - monotonic()))
        taken = []
        while self.is_open() or not taken:
            begun = perf_counter()
            once()
            taken.append(perf_counter() - begun)
        return taken


Writer = Callable[[int, Window], list[float]]


@dataclass(frozen=True, slots=True)
class Run:
    """What happened in a window: seconds of each transaction, its length, and how old figures were seen to be (s)."""

    taken: list[float]
    seconds: float
    behind: list[float]

    @property
    def rate(self) -> float:
        """Transactions per second."""
        return len(self.taken) / self.seconds


def submissions(
    writers: int = WRITERS, duration: float = SECONDS, bare_duration: float = BARE_SECONDS, coming_up: float = COMING_UP
) -> list[Row]:
    """Measure whole submissions per second from ``writers`` processes, and how far the figures are behind meanwhile.

    The reference is a durable transaction of two bare inserts from as many processes. Works on a scratch copy. Raises
    RuntimeError unless exactly what was acknowledged is stored and counted.
    """
    with scratch_copy():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, text text)")
        fold_all()
        bare = _run(_insert_twice, writers, bare_duration, coming_up)
        stored_before = Event.objects.count()
        run = _run(_submit, writers, duration, coming_up)
        stored = Event.objects.count() - stored_before
        counted = fold_all().late == 0 and _waiting() == 0
        if stored != len(run.taken) or not counted:
            raise RuntimeError(f"{len(run.taken)} submissions acknowledged, {stored} stored, all counted: {counted}")
    in_ms = [taken * 1_000 for taken in run.taken]
    bare_ms = [taken * 1_000 for taken in bare.taken]
    return [
        make_row("submit_action", run.rate, "submissions/s", budget=AT_LEAST, reference=bare.rate),
        make_row(
            "submit_action_p99", percentile(in_ms, 99), "ms p99", budget=P99_WITHIN, reference=percentile(bare_ms, 99)
        ),
        make_row("figures_behind", percentile(run.behind, 95), "s p95", budget=Budget(BEHIND + max(run.taken))),
    ]


def _run(writer: Writer, writers: int, duration: float, coming_up: float) -> Run:
    """Let forked processes write until the time is over, with one that folds and one that looks at the figures."""
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(writers + 2) as pool:
        begins = monotonic() + coming_up
        window = Window(begins, begins + duration)
        folding = pool.apply_async(_fold, (window,))
        looking = pool.apply_async(_look, (window,))
        parts = pool.starmap(writer, [(number, window) for number in range(writers)], chunksize=1)
        folding.get()
        return Run([taken for part in parts for taken in part], duration, looking.get())


def _fold(window: Window) -> None:
    """Fold every second, as the worker does."""
    run_folds(_FOLD_EVERY, window.is_open)


def _look(window: Window) -> list[float]:
    """Return how old the published figures were, in seconds, each time that one looked."""
    behind = []

    def once() -> None:
        as_of = published()
        if as_of is not None:
            behind.append((clock.now() - as_of).total_seconds())
        sleep(_LOOK_EVERY)

    window.times_of(once)
    return behind


def _insert_twice(number: int, window: Window) -> list[float]:
    """Commit two bare inserts at a time."""

    @transaction.atomic
    def once() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare (text) VALUES (%s)", [f"one of {number}"])
            cursor.execute("INSERT INTO bare (text) VALUES (%s)", [f"two of {number}"])

    return window.times_of(once)


def _submit(number: int, window: Window) -> list[float]:
    """Submit initiatives of two authors each, in another grassroots union every time."""
    programme = get_programme(PROGRAMME_CODE)
    actor = Person.objects.get(username=ACCOUNTS[0].username)
    fields = list(Field.objects.all())
    units = list(Unit.objects.filter(kind=UnitKind.GRASSROOTS_UNION, closed_on=None).order_by("pk")[:_UNITS])
    serials = count(1)

    def once() -> None:
        serial = next(serials)
        unit = units[(number * 31 + serial) % len(units)]
        submit_new(
            actor=actor,
            programme=programme,
            unit=unit,
            content=_content(number * 10_000 + serial, unit, fields[serial % len(fields)]),
            authors=[
                AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=60),
                AuthorInput(name="Lê Văn Nam", category=Category.ENTERPRISE_WORKER, share=40),
            ],
        )

    return window.times_of(once)


def _content(serial: int, unit: Unit, field: Field) -> InitiativeContent:
    """Return a text of the usual length."""
    text = text_for(serial, Category.ENTERPRISE_WORKER, unit.name_vi, _BENEFIT)
    return InitiativeContent(
        kind=Kind(text.kind),
        field=field,
        title=text.title,
        problem=text.problem,
        solution=text.solution,
        novelty=text.novelty,
        applied_scope=text.applied_scope,
        applied_on=clock.day_of(clock.now()),
        recognised_by=text.recognised_by,
        benefit_claimed=_BENEFIT,
    )


def _waiting() -> int:
    """Return how many events wait to be counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_outbox WHERE consumer = 'tally'")
        waiting: int = cursor.fetchone()[0]
    return waiting
