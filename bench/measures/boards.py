"""Boards, summaries and lists, asked for at their worst moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client
from django.utils.http import urlencode

from bench.plans import Explained, explain
from bench.rows import Budget, Row, make_row
from bench.timing import beside_round_trip
from bench.worst import WorstCase, worst_of_all, worst_of_union
from sangkien.core.errors import Conflict
from sangkien.demo.mergers import apply_mergers
from sangkien.initiatives.queries import list_initiatives
from sangkien.tally.figures import Board, Summary, Tree
from sangkien.tally.queries import board, moments, summary
from sangkien.units.queries import children_ever, get_unit

CALLS = 200
WITHIN = Budget(25.0)
BIGGEST_MERGED = "HCM25"


def national_board() -> list[Row]:
    """Measure the board of all unions with rank changes, down to its dataclasses."""
    return [_row("board", _boards(worst_of_all(CALLS)))]


def national_summary() -> list[Row]:
    """Measure the whole programme's summary."""
    return [_row("summary", _summaries(worst_of_all(CALLS)))]


def board_inside_union() -> list[Row]:
    """Measure the board inside the biggest union, at the end of its busiest day."""
    return [_row("board_inside_union", _boards(worst_of_union(CALLS)))]


def board_today() -> list[Row]:
    """Measure both boards under today's tree with the mergers of 2025 applied: of all unions, and inside a merged one.

    Takes the mergers back unless they were applied before.
    """
    with transaction.atomic():
        with suppress(Conflict):
            apply_mergers()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE units_unit, units_rolled_unit")
        nation, union = worst_of_all(CALLS), worst_of_union(CALLS)
        merged = replace(union, parent=get_unit(BIGGEST_MERGED))
        rows = [
            _row("board_today", _boards(nation, Tree.TODAY)),
            _row("board_today_inside_union", _boards(merged, Tree.TODAY)),
        ]
        transaction.set_rollback(True)
    return rows


def api_board() -> list[Row]:
    """Measure the board as the API answers it: middleware, view, JSON. Raises RuntimeError if it does not answer."""
    worst = worst_of_all(CALLS)
    client = Client(SERVER_NAME="localhost")
    path = f"/api/v1/programmes/{worst.programme.code}/board"

    def ask(query: str) -> None:
        response = client.get(f"{path}?{query}")
        if response.status_code != 200:
            raise RuntimeError(f"{path}?{query} answered {response.status_code}: {response.content[:200]!r}")

    since = worst.since.isoformat()
    queries = [urlencode({"as_of": at.isoformat(), "group": "unit", "since": since}) for at in worst.moments]
    return [_row("api_board", [partial(ask, query) for query in queries])]


def initiatives_of_union() -> list[Row]:
    """Measure the newest initiatives of each union in turn, the first page of what the public sees."""
    unions = list(children_ever(worst_of_all(1).parent))
    anybody = AnonymousUser()
    turns = [unions[n % len(unions)] for n in range(CALLS)]
    return [_row("initiatives_of_union", [partial(list_initiatives, anybody, unit=unit) for unit in turns])]


def plans() -> list[Explained]:
    """Explain the boards and the summary at their worst moments."""
    return [
        explain("board", _boards(worst_of_all(1))[0]),
        explain("summary", _summaries(worst_of_all(1))[0]),
        explain("board_inside_union", _boards(worst_of_union(1))[0]),
    ]


def _boards(worst: WorstCase, tree: Tree = Tree.THEN) -> list[Callable[[], object]]:
    """Return one question for a board for each moment."""

    def ask(at: datetime) -> Board:
        now = moments(worst.programme, at)
        return board(worst.programme, now, parent=worst.parent, since=worst.since, tree=tree)

    return [partial(ask, at) for at in worst.moments]


def _summaries(worst: WorstCase) -> list[Callable[[], object]]:
    """Return one question for a summary for each moment."""

    def ask(at: datetime) -> Summary:
        return summary(worst.programme, moments(worst.programme, at))

    return [partial(ask, at) for at in worst.moments]


def _row(name: str, calls: Sequence[Callable[[], object]]) -> Row:
    """Return the row of some questions: p95 in milliseconds beside that of a bare round trip."""
    measured = beside_round_trip(calls)
    return make_row(name, measured.p95, "ms p95", budget=WITHIN, reference=measured.reference)
