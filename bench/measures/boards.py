"""Boards, summaries and lists, asked for at their worst moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils.http import urlencode

from bench.plans import Explained, explain
from bench.rows import Budget, Row, make_row
from bench.timing import beside_round_trip
from bench.worst import WorstCase, worst_of_all, worst_of_union
from sangkien.initiatives.queries import list_initiatives
from sangkien.tally.figures import Board, Summary
from sangkien.tally.queries import board, moments, summary
from sangkien.units.queries import children_ever

CALLS = 200
WITHIN = Budget(25.0)


def national_board() -> list[Row]:
    """Measure the board of all unions with rank changes, down to its dataclasses."""
    return [_row("board", _boards(worst_of_all(CALLS)))]


def national_summary() -> list[Row]:
    """Measure the whole programme's summary."""
    return [_row("summary", _summaries(worst_of_all(CALLS)))]


def board_inside_union() -> list[Row]:
    """Measure the board inside the biggest union, at the end of its busiest day."""
    return [_row("board_inside_union", _boards(worst_of_union(CALLS)))]


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


def _boards(worst: WorstCase) -> list[Callable[[], object]]:
    """Return one question for a board for each moment."""

    def ask(at: datetime) -> Board:
        return board(worst.programme, moments(worst.programme, at), parent=worst.parent, since=worst.since)

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
