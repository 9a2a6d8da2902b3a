"""Rows keep their shape and say whether a budget is met."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.rows import Budget, make_row, write_json
from bench.timing import percentile

FIELDS = ["name", "figure", "unit", "budget", "reference", "ratio", "met"]


def test_a_figure_within_its_budget_meets_it() -> None:
    row = make_row("board", 12.5, "ms p95", budget=Budget(25), reference=0.25)
    assert (row.met, row.ratio, row.budget) == (True, 50, 25)
    assert not make_row("board", 25.1, "ms p95", budget=Budget(25)).met


def test_a_rate_must_reach_its_budget() -> None:
    assert make_row("fold", 15_000, "events/s", budget=Budget(15_000, at_least=True)).met
    assert not make_row("fold", 14_999, "events/s", budget=Budget(15_000, at_least=True)).met


def test_a_row_without_a_budget_is_neither_met_nor_missed() -> None:
    row = make_row("rebuild", 9.0, "s")
    assert (row.budget, row.met, row.reference, row.ratio) == (None, None, None, None)


def test_the_file_is_a_list_of_rows_and_keeps_those_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "var" / "bench.json"
    write_json([make_row("board", 30, "ms p95"), make_row("fold", 1, "events/s")], path)
    write_json([make_row("board", 20, "ms p95", budget=Budget(25))], path)
    written = json.loads(path.read_text())
    assert [list(row) for row in written] == [FIELDS, FIELDS]
    assert [(row["name"], row["figure"], row["met"]) for row in written] == [("board", 20, True), ("fold", 1, None)]


@given(st.lists(st.floats(0, 1_000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(v <= found for v in values) * 100 >= percent * len(values)
    assert sum(v < found for v in values) * 100 < percent * len(values)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 95)
