"""Statements that the database keeps ready."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoAssertNumQueries

from sangkien.core.statements import numbered_cursor, prepared_cursor


def _kept(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{text}%"])
        found: int = cursor.fetchone()[0]
    return found


def _ask(kind: Callable[[], CursorWrapper], sql: str, values: object) -> object:
    with kind() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_what_is_asked_again_and_again_is_kept_whatever_the_size_of_a_number(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    numbers = [1, 40_000, 3_000_000_000, -1, 0, 5, 6, 7]
    with django_assert_num_queries(2 * len(numbers)) as captured:
        for number in numbers:
            assert _ask(prepared_cursor, "SELECT %(number)s AS named", {"number": number}) == number
            assert _ask(numbered_cursor, "SELECT $1 AS numbered", [number]) == number
    assert all("SELECT" in query["sql"] for query in captured)
    assert (_kept("AS named"), _kept("AS numbered")) == (1, 1)


@pytest.mark.django_db
def test_nothing_is_kept_behind_a_pooler_that_does_not_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    for number in range(8):
        assert _ask(prepared_cursor, "SELECT %(number)s AS unkept", {"number": number}) == number
    assert _kept("AS unkept") == 0
