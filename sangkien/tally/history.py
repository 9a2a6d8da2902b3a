"""The one door through which history enters: the demo's phase 1, or the records of another portal.

Live events take their moment from the clock; history brings its own. It may therefore only enter a programme in which
nothing live has happened yet, and it is marked as history for ever. A load that was cut off is taken up where it
stopped: each part is one transaction.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from sangkien.core.clock import day_of, end_of_day
from sangkien.core.copying import copy_in, copy_line, escape
from sangkien.core.errors import Conflict
from sangkien.initiatives.deltas import benefit_change
from sangkien.initiatives.models import Event, Flag
from sangkien.initiatives.norms import refresh_norms
from sangkien.initiatives.states import TRANSITIONS, EventKind, State, Transition
from sangkien.programmes.models import Programme
from sangkien.programmes.verification import verification_terms
from sangkien.tally.fold import fold_all
from sangkien.tally.models import HistoryLoad
from sangkien.tally.rebuild import rebuild

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES = ("initiatives_initiative", "initiatives_author", "initiatives_event")
_TRIGGERS = (
    ("initiatives_initiative", "initiative_starts"),
    ("initiatives_initiative", "initiative_shares"),
    ("initiatives_author", "author_shares"),
)


class PastAuthor(NamedTuple):
    """One author; ``share`` is whole percent, the first of an initiative is the principal author."""

    name: str
    category: str
    title: str
    share: int
    workplace: str


class PastStep(NamedTuple):
    """Something that happened after submission. ``at_us`` is microseconds since 1970, UTC; ``verified`` đồng."""

    kind: EventKind
    at_us: int
    actor_id: int
    verified: int | None = None
    reason: str = ""
    note: str = ""


class PastInitiative(NamedTuple):
    """An initiative with its whole history. ``at_us`` is its submission (microseconds since 1970, UTC)."""

    number: int
    phase_id: int
    unit_path: Sequence[int]
    category: str
    kind: str
    field_id: int
    title: str
    problem: str
    solution: str
    novelty: str
    applied_scope: str
    applied_on: str
    recognised_by: str
    recognition_document: str
    benefit_claimed: int | None
    no_benefit_reason: str
    social_benefit: str
    submitter_id: int
    at_us: int
    authors: Sequence[PastAuthor]
    steps: Sequence[PastStep]


_COLUMNS = {
    "initiatives_initiative": tuple(
        """
        id programme_id phase_id unit_id unit_path category kind field_id title problem solution novelty applied_scope
        applied_on recognised_by recognition_document benefit_claimed benefit_verified no_benefit_reason social_benefit
        is_secret state created_at submitted_at decided_at submitter_id is_historical conditions applicable_scope
        confidential_parts award is_ip_protected due_at flags
        """.split()  # noqa: SIM905  as it stands it can be read beside the rows below
    ),
    "initiatives_author": tuple(
        "initiative_id number name unit_id workplace category title share contact response".split()  # noqa: SIM905
    ),
    "initiatives_event": tuple(
        """
        initiative_id number part kind at submitted_at actor_id programme_id phase_id category field_id initiative_kind
        unit_path union_id submitted valid invalid returned withdrawn benefit_claimed benefit_verified reason note
        is_historical
        """.split()  # noqa: SIM905
    ),
}
PartSource = Callable[[int], Iterable[PastInitiative]]
Progress = Callable[[int, int], None]


def load_history(
    *,
    name: str,
    programme: Programme,
    parts: int,
    source: PartSource,
    processes: int = 1,
    progress: Progress | None = None,
) -> bool:
    """Load a history of ``parts`` parts; ``source(part)`` yields its initiatives in the order of their numbers.

    ``name`` is the history's own: a finished load of that name is not done again (returns False), an unfinished one is
    continued. ``source`` must yield the same whenever it is asked. With ``processes`` above 1 it is called in forked
    processes. ``progress`` is told (parts done, parts). Ends with a rebuild of all figures. Raises Conflict when the
    programme already has live events.
    """
    load, _created = HistoryLoad.objects.get_or_create(
        name=name, defaults={"programme_id": programme.pk, "parts": parts}
    )
    if load.counted_at is not None:
        return False
    if Event.objects.filter(programme=programme, is_historical=False).exists():
        raise Conflict("history cannot enter a programme in which something live has happened", code="history_too_late")
    if load.loaded_at is None:
        _set_aside(load)
        _load_parts(load, programme, source, processes, progress)
        load.loaded_at = datetime.now(UTC)
        load.save(update_fields=["loaded_at"])
    _finish(load, processes)
    return True


def is_loading() -> bool:
    """Say whether a history has begun to load and is not counted yet: until it is, figures are not to be shown."""
    return HistoryLoad.objects.filter(counted_at__isnull=True).exists()


# --- parts ---------------------------------------------------------------------------------------------------------


def _load_parts(
    load: HistoryLoad, programme: Programme, source: PartSource, processes: int, progress: Progress | None
) -> None:
    """Load the parts that are still missing."""
    missing = [part for part in range(load.parts) if part not in set(load.parts_done)]
    done = load.parts - len(missing)
    for _part in _each_loaded(load.pk, programme.pk, source, missing, processes):
        done += 1
        if progress:
            progress(done, load.parts)


def _each_loaded(
    load_id: int, programme_id: int, source: PartSource, parts: Sequence[int], processes: int
) -> Iterator[int]:
    """Load parts, in this process or in forked ones, and yield each when it has been committed."""
    if processes <= 1 or len(parts) <= 1:
        for part in parts:
            _load_part(load_id, programme_id, source, part)
            yield part
        return
    connections.close_all()  # a connection must not be shared with the processes to come
    fork = multiprocessing.get_context("fork")
    with fork.Pool(processes, initializer=_begin_worker, initargs=(load_id, programme_id, source)) as pool:
        yield from pool.imap_unordered(_load_part_in_worker, parts)


_worker: tuple[int, int, PartSource] | None = None
_inherited: list[BaseDatabaseWrapper] = []


def _begin_worker(load_id: int, programme_id: int, source: PartSource) -> None:
    """Keep what the worker's parts have in common."""
    global _worker
    _stand_alone()
    _worker = (load_id, programme_id, source)


def _stand_alone() -> None:
    """Begin a forked process: the pool may end it at once, and it makes connections of its own.

    A connection that was open at the fork belongs to the parent: it is kept aside, neither used nor closed.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for alias in connections:
        _inherited.append(connections[alias])
        del connections[alias]


def _load_part_in_worker(part: int) -> int:
    """Load one part in a forked process."""
    assert _worker is not None
    load_id, programme_id, source = _worker
    _load_part(load_id, programme_id, source, part)
    return part


@transaction.atomic
def _load_part(load_id: int, programme_id: int, source: PartSource, part: int) -> None:
    """Copy one part into the three tables and mark it as done, all in one transaction."""
    rows: dict[str, list[str]] = {table: [] for table in _TABLES}
    now = datetime.now(UTC)
    now_us = int(now.timestamp() * 1_000_000)
    due_days = verification_terms(Programme.objects.get(pk=programme_id), now).due_days
    for past in source(part):
        _append_rows(past, programme_id, rows, now_us, due_days)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT tgenabled <> 'D' FROM pg_trigger WHERE tgname = 'initiative_starts'")
        is_guarded: bool = cursor.fetchone()[0]
        if is_guarded:  # nothing was put aside, and history does not begin with a draft
            cursor.execute("ALTER TABLE initiatives_initiative DISABLE TRIGGER initiative_starts")
        for table, lines in rows.items():
            copy_in(table, _COLUMNS[table], lines)
        if is_guarded:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
            cursor.execute("ALTER TABLE initiatives_initiative ENABLE TRIGGER initiative_starts")
        cursor.execute(
            "UPDATE tally_history_load SET parts_done = parts_done || to_jsonb(%s::int) WHERE id = %s", [part, load_id]
        )


# --- rows ----------------------------------------------------------------------------------------------------------

_DECIDED = {State.VALID, State.INVALID, State.RETURNED}
# The counts of each step as COPY writes them; the sums of benefit depend on the initiative.
_COUNTS = {
    key: f"{step.submitted}\t{step.valid}\t{step.invalid}\t{step.returned}\t{step.withdrawn}"
    for key, step in TRANSITIONS.items()
}
_SUBMISSION = (State.DRAFT, EventKind.SUBMITTED)


def _append_rows(
    past: PastInitiative, programme_id: int, rows: dict[str, list[str]], now_us: int, due_days: int
) -> None:
    """Append the COPY lines of one initiative, its authors and its events. The transition table gives the deltas.

    Raises Conflict for steps that no initiative can have taken, or whose moments fall back or have not come yet,
    and for shares that do not add up to 100.
    """
    moments = [past.at_us, *(step.at_us for step in past.steps), now_us]
    if moments != sorted(moments):
        raise Conflict(f"the moments of initiative {past.number} are not in order, or to come", code="wrong_moments")
    if sum(author.share for author in past.authors) != 100:  # what the triggers would have found
        raise Conflict(f"the shares of initiative {past.number} do not add up to 100", code="shares_total_100")
    path = "{" + ",".join(map(str, past.unit_path)) + "}"
    union = past.unit_path[1] if len(past.unit_path) > 1 else "\\N"
    submitted_at = _moment(past.at_us)
    where = f"{programme_id}\t{past.phase_id}\t{past.category}\t{past.field_id}\t{past.kind}\t{path}\t{union}"
    events = rows["initiatives_event"]
    events.append(
        f"{past.number}\t1\t0\tsubmitted\t{submitted_at}\t{submitted_at}\t{past.submitter_id}\t{where}\t"
        f"{_COUNTS[_SUBMISSION]}\t{past.benefit_claimed or 0}\t0\t\t\tt\n"
    )
    state, verified, decided_at = State.SUBMITTED, None, None
    waits_since = past.at_us
    for number, step in enumerate(past.steps, start=2):
        transition = _transition(state, step.kind)
        at = _moment(step.at_us)
        # A resubmission in history does not change the claim: its delta is nothing.
        change = benefit_change(transition.verified, step.verified, verified)
        events.append(
            f"{past.number}\t{number}\t0\t{step.kind.value}\t{at}\t{submitted_at}\t{step.actor_id}\t{where}\t"
            f"{_COUNTS[state, step.kind]}\t0\t{change}\t{step.reason}\t{escape(step.note)}\tt\n"
        )
        state = transition.target
        verified = step.verified if state is State.VALID else None
        decided_at = at if state in _DECIDED else None
        waits_since = step.at_us if state is State.SUBMITTED else waits_since
    rows["initiatives_initiative"].append(
        copy_line(
            (
                *(past.number, programme_id, past.phase_id, past.unit_path[-1], path),
                *(past.category, past.kind, past.field_id, past.title, past.problem, past.solution, past.novelty),
                *(past.applied_scope, past.applied_on, past.recognised_by, past.recognition_document),
                *(past.benefit_claimed, verified, past.no_benefit_reason, past.social_benefit, "f", state.value),
                *(submitted_at, submitted_at, decided_at, past.submitter_id, "t", "", "", "", "", "f"),
                *(_due(waits_since, due_days) if state is State.SUBMITTED else None, _flags(past)),
            )
        )
    )
    rows["initiatives_author"].extend(
        copy_line(
            (
                *(past.number, n, a.name, past.unit_path[-1] if n == 1 else None, a.workplace),
                *(a.category, a.title, a.share, "", ""),
            )
        )
        for n, a in enumerate(past.authors, start=1)
    )


def _transition(state: State, kind: EventKind) -> Transition:
    """Return a step of the transition table. Raises Conflict for a history that no initiative can have."""
    try:
        return TRANSITIONS[state, kind]
    except KeyError:
        raise Conflict(f"history goes from {state} by {kind}, which cannot be", code="wrong_state") from None


def _moment(at_us: int) -> str:
    """Return a moment as PostgreSQL reads it."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat()


def _due(since_us: int, due_days: int) -> str:
    """Return when a decision is due on what has waited since then, by the terms of today."""
    return _end_of_day_after(day_of(_EPOCH + timedelta(microseconds=since_us)), due_days)


@cache
def _end_of_day_after(day: date, days: int) -> str:
    return end_of_day(day + timedelta(days=days)).isoformat()


def _flags(past: PastInitiative) -> int:
    """Return the flags of what enters; whether its benefit is usual is told when all of the history is there."""
    return 0 if past.recognition_document else int(Flag.NO_DOCUMENT)


# --- what stands aside while a load runs -----------------------------------------------------------------------------


@transaction.atomic
def _set_aside(load: HistoryLoad) -> None:
    """Put indexes, foreign keys and row triggers aside while the tables fill, and write down how to bring them back.

    Only into empty tables: with other programmes' initiatives in them, a load is slower and nothing is put aside.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(_TABLES)} IN SHARE ROW EXCLUSIVE MODE")
        if load.set_aside or load.parts_done:
            return
        cursor.execute("SELECT EXISTS (SELECT FROM initiatives_initiative)")
        if cursor.fetchone()[0]:
            return
        drops, restores = _secondary_objects(cursor)
        load.set_aside = restores
        load.save(update_fields=["set_aside"])
        for statement in drops:
            cursor.execute(statement)


def _secondary_objects(cursor: object) -> tuple[list[str], list[str]]:
    """Return the statements that drop what makes loading slow, and those that bring it back."""
    drops, restores = [], []
    cursor.execute(  # type: ignore[attr-defined]
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
          FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
         WHERE i.indrelid = ANY(%s::regclass[]) AND c.oid IS NULL AND NOT i.indisprimary ORDER BY 1
        """,
        [list(_TABLES)],
    )
    for index, definition in cursor.fetchall():  # type: ignore[attr-defined]
        drops.append(f"DROP INDEX {index}")
        restores.append(definition)
    cursor.execute(  # type: ignore[attr-defined]
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
          FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' ORDER BY 1, 2
        """,
        [list(_TABLES)],
    )
    for table, name, definition in cursor.fetchall():  # type: ignore[attr-defined]
        drops.append(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        restores.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table, trigger in _TRIGGERS:
        drops.append(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        restores.append(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    return drops, restores


def _finish(load: HistoryLoad, processes: int) -> None:
    """Bring back what was put aside and count: side by side, because they do not need each other."""
    if processes > 1:
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        with closing(fork.Pool(1, initializer=_stand_alone)) as pool:
            restored = pool.apply_async(_restore, (load.pk,))
            _count()
            restored.get()
    else:
        _restore(load.pk)
        _count()
    load.refresh_from_db()
    load.counted_at = datetime.now(UTC)
    load.save(update_fields=["counted_at"])


def _count() -> None:
    """Publish an as-of moment after all of the history, and make every figure from its events."""
    fold_all()
    rebuild()


def _restore(load_id: int) -> None:
    """Bring indexes, foreign keys and triggers back, mark unusual benefits, and let the planner know the tables."""
    with transaction.atomic():
        load = HistoryLoad.objects.select_for_update().get(pk=load_id)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            for statement in load.set_aside:
                cursor.execute(statement)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('initiatives_initiative', 'id'),"
                " greatest((SELECT coalesce(max(id), 1) FROM initiatives_initiative),"
                " (SELECT last_value FROM initiatives_initiative_id_seq)))"
            )
        load.set_aside = []
        load.save(update_fields=["set_aside"])
    refresh_norms()
    with connection.cursor() as cursor:
        for table in _TABLES:
            # Marks pages as visible to all, which lets a board read its index alone.
            cursor.execute(f"VACUUM (ANALYZE) {table}")
