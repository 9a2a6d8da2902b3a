from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.reports.columns import Column, bar, cut, padded, table, width
from sangkien.reports.cutoff import build
from sangkien.reports.texts import LINE, to_text
from sangkien.tally.queries import moments
from tests.factories import World


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_line_is_wider_than_the_page(world: World, language: str) -> None:
    text = to_text(build(world.programme, world.phase, moments(world.programme)), language)
    assert max(width(line) for line in text.splitlines()) <= LINE
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_the_text_tells_what_the_report_tells(world: World) -> None:
    text = to_text(build(world.programme, world.phase, moments(world.programme)), "en")
    assert "150.0%" in text
    assert "0.6%" in text
    assert "2/3" in text
    assert "Entered by Federation TLD itself" in text
    assert "Raised their registered target and still exceeded it (1):\n  Federation HNI" in text


def test_figures_follow_the_language(world: World) -> None:
    report = build(world.programme, world.phase, moments(world.programme))
    assert "150,0%" in to_text(report, "vi")
    assert "Liên đoàn Lao động HNI" in to_text(report, "vi")
    assert "150.0%" in to_text(report, "en")


def test_columns_of_a_table_line_up() -> None:
    lines = table(
        [Column("Đơn vị"), Column("Số", True)], [["Hà Nội", "5"], ["Thanh Hóa", "12.345"]], ["Cộng", "12.350"]
    )
    assert lines == [
        "Đơn vị         Số",
        "─────────────────",
        "Hà Nội          5",
        "Thanh Hóa  12.345",
        "─────────────────",
        "Cộng       12.350",
    ]


def test_a_table_cuts_its_last_column_to_fit_the_page() -> None:
    lines = table([Column("A"), Column("Tên")], [["1", "Công đoàn Thông tin"], ["22", "Hà Nội"]], most=12)
    assert lines == ["A   Tên", "────────────", "1   Công đo…", "22  Hà Nội"]


def test_decomposed_marks_take_no_place() -> None:
    assert width("Ha\u0300 No\u0323\u0302i") == 6


@given(st.text(), st.integers(1, 60))
def test_what_is_cut_fits_and_what_is_padded_fills(text: str, places: int) -> None:
    assert width(cut(text, places)) <= places
    assert width(padded(cut(text, places), places)) == places


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 60))
def test_a_bar_always_fills_its_places(part: int, whole: int, places: int) -> None:
    assert len(bar(part, whole, places)) == places


def test_a_bar_is_full_only_when_the_whole_is_reached() -> None:
    assert bar(999_999, 1_000_000, 30) != bar(1_000_000, 1_000_000, 30) == "█" * 30
