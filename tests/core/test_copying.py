"""What COPY writes is what was given, whatever characters are in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sangkien.core.copying import copy_in, copy_line

# Everything that PostgreSQL can hold in a text: not NUL, and no half of a pair of surrogates.
texts = st.text(
    st.one_of(
        st.sampled_from("\\\t\n\rNab.đ'\"{},;\x0b\x0c\x08\u2028😀"),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    max_size=12,
)


@pytest.fixture
def table(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (a text, b text, n bigint, t boolean, list integer[], names text[])")
    return "copied"


def copied(table: str, *rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return what the table holds after these rows alone have been copied into it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        copy_in(table, ["a", "b", "n", "t", "list", "names"], [copy_line(row) for row in rows])
        cursor.execute(f"SELECT a, b, n, t, list, names FROM {table}")
        return list(cursor.fetchall())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(a=st.none() | texts, b=st.none() | texts, n=st.none() | st.integers(-(2**63), 2**63 - 1), t=st.booleans())
@example(a="\\N", b=None, n=0, t=True)
@example(a="\\.", b="", n=0, t=False)
@example(a="một\rhai", b="x", n=1, t=True)
@example(a="tab\tvà\nxuống dòng\\", b="\\\\", n=1, t=True)
def test_what_is_copied_comes_back(table: str, a: str | None, b: str | None, n: int | None, t: bool) -> None:
    row: tuple[object, ...] = (a, b, n, t, [], [])
    assert copied(table, row) == [row]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5), names=st.lists(texts, max_size=4))
@example(numbers=[], names=["", "NULL", "a,b", '"', "{}", "\\"])
def test_arrays_come_back(table: str, numbers: list[int], names: list[str]) -> None:
    assert copied(table, ("x", None, 1, True, numbers, names)) == [("x", None, 1, True, numbers, names)]


def test_a_moment_comes_back_to_the_microsecond(table: str) -> None:
    moment = datetime(2022, 5, 31, 16, 59, 59, 999999, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE moments (at timestamptz)")
        copy_in("moments", ["at"], [copy_line([moment])])
        cursor.execute("SELECT at FROM moments")
        assert cursor.fetchone() == (moment,)


def test_many_rows_keep_their_places(table: str) -> None:
    rows = [(f"dòng {n}", None if n % 2 else "\t", n, n % 3 == 0, [n], [str(n)]) for n in range(200)]
    assert sorted(copied(table, *rows), key=lambda r: int(str(r[2]))) == rows
