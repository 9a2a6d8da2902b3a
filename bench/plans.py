"""What the database does for a question: how many statements, and the plans of the two that take longest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection

MAIN_STATEMENTS = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it was run, with its milliseconds."""

    sql: str
    parameters: Any
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Explained:
    """A question's statements and the plans of its longest ones, as PostgreSQL prints them."""

    name: str
    statements: list[Statement]
    plans: list[str]


def explain(name: str, question: Callable[[], object]) -> Explained:
    """Ask a question twice, the second time watching its statements, and explain those that took longest."""
    question()
    statements: list[Statement] = []

    def watch(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        started = perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            statements.append(Statement(sql, parameters, (perf_counter() - started) * 1_000))

    with connection.execute_wrapper(watch):
        question()
    longest = sorted(statements, key=lambda s: s.milliseconds, reverse=True)[:MAIN_STATEMENTS]
    return Explained(name, statements, [_plan(statement) for statement in longest])


def as_text(explained: Explained) -> str:
    """Return the number of statements, their times and the plans, for a terminal."""
    times = ", ".join(f"{s.milliseconds:.1f}" for s in explained.statements)
    heading = f"{explained.name}: {len(explained.statements)} statements ({times} ms)"
    return "\n\n".join([heading, *explained.plans])


def _plan(statement: Statement) -> str:
    """Return the plan of a statement as it runs now."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement.sql}", statement.parameters)
        return "\n".join(line for (line,) in cursor.fetchall())
