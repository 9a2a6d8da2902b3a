"""The overview as a spreadsheet: read back, its figures are the page's, numbers are numbers, texts stay texts."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.models import BenefitNorm, Initiative
from sangkien.tally.fold import fold_all
from sangkien.tally.patterns import refresh_if_due, refresh_patterns
from sangkien.tally.queries import board, moments
from tests.factories import World, grant, make_person, make_target, make_unit
from tests.tally.simulation import install_clock, make_past_world, noon
from tests.web.desk.test_unit_requests import browser_of

LARGE = 9_000_000_000_000
ADDRESS = "/ban-lam-viec/tong-quan/tai-ve/"
TRICKS = ("=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://a.example")', "http://a.example", "007")


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Units whose names look like formulas, one with an initiative of an immense benefit; all of it of yesterday."""
    world = make_past_world()
    install_clock(monkeypatch, noon(1))
    for number, name in enumerate(TRICKS):
        make_unit(f"T{number}", world.top, name_vi=name)
    one = world.submit(world.grassroots[0], title="=cmd|' /C calc'!A0", benefit_claimed=LARGE)
    mark_valid(actor=world.officer, initiative_id=one.pk)
    world.submit(world.grassroots[1])
    make_target(world.programme, world.top, 4, phase=world.phase)
    fold_all()
    refresh_if_due()
    return world


def taken(client: Client, **query: str) -> bytes:
    answer = client.get(ADDRESS, query)
    assert answer.status_code == 200
    assert answer.streaming
    return answer.getvalue()


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture
def client_vi(world: World) -> Client:
    client = browser_of(world.officer)
    del client.cookies["django_language"]
    return client


def test_read_back_its_units_are_the_boards_rows(client_vi: Client, world: World) -> None:
    rows = list(sheets(taken(client_vi)).values())[1]
    shown = {
        row[0]: (row[3], row[4], row[13])
        for row in rows
        if row[0] in {"HNI", "THA", "HCM", *map("T{}".format, range(7))}
    }
    expected = {
        row.unit.code: (row.counts.submitted, row.counts.valid, row.counts.benefit_claimed)
        for row in board(world.programme, moments(world.programme)).rows
    }
    assert shown == expected
    assert len(expected) == 3 + len(TRICKS)
    total = next(row for row in reversed(rows) if row[3] == 2)
    assert (total[4], total[13]) == (1, LARGE + 12_500_000)


def test_texts_that_look_like_formulas_are_texts_and_nothing_is_a_formula(client_vi: Client, world: World) -> None:
    content = taken(client_vi)
    names = {row[1] for row in list(sheets(content).values())[1] if len(row) > 1}
    assert set(TRICKS) <= names
    with ZipFile(BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                xml = parts.read(name).decode()
                assert "<f>" not in xml
                assert "<hyperlink" not in xml


def test_an_initiatives_title_in_the_list_of_patterns_is_a_text_too(client_vi: Client, world: World) -> None:
    known = {"median": 1_000_000, "count": 30, "computed_at": clock.now()}
    BenefitNorm.objects.update_or_create(programme=world.programme, field=world.fields[0], defaults=known)
    refresh_patterns()
    unusual = list(sheets(taken(client_vi)).values())[4]
    row = next(row for row in unusual if "=cmd|' /C calc'!A0" in row)
    assert LARGE // 1_000_000 in row  # times the median: a number
    heads = next(row for row in unusual if "Ví dụ" in row)
    assert len(set(heads)) == len(heads), "no two columns are called the same"
    begun = row[heads.index("Gửi đầu tiên")]
    assert isinstance(begun, datetime)
    assert begun.hour == 12, "in Vietnam's time: it is of yesterday's noon"


def test_it_says_of_which_moment_the_figures_are_and_where_they_come_from(client_vi: Client, world: World) -> None:
    for rows in sheets(taken(client_vi, **{"don-vi": "HNI"})).values():
        texts = [cell for row in rows[:4] for cell in row if isinstance(cell, str)]
        assert any("Liên đoàn Lao động HNI" in text and "(HNI)" in text for text in texts)
        assert any(re.fullmatch(r"\d{1,2}h\d\d ngày \d{1,2}/\d{1,2}/\d{4}", text) for text in texts)
        assert "http://testserver/ban-lam-viec/tong-quan/?don-vi=HNI" in texts


def test_headings_are_in_the_readers_language(client_vi: Client, world: World) -> None:
    assert "Đã gửi" in str(sheets(taken(client_vi)))
    english = browser_of(world.officer)
    assert "Submitted" in str(sheets(taken(english)))


def test_days_are_days_and_the_last_of_them_holds_the_total(client_vi: Client, world: World) -> None:
    rows = list(sheets(taken(client_vi)).values())[3]
    last = next(row for row in reversed(rows) if isinstance(row[0], date))
    assert (last[2], last[3]) == (2, 1)


def test_after_the_last_day_on_which_anything_changed_only_the_day_of_the_figures_follows(
    client_vi: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_clock(monkeypatch, noon(-30))
    fold_all()
    days = [row[0] for row in list(sheets(taken(client_vi)).values())[3] if isinstance(row[0], date)]
    assert len(days) == 2
    assert days[1] - days[0] > timedelta(days=20)


def test_what_is_overdue_stands_in_its_column_down_to_the_total(client_vi: Client, world: World) -> None:
    Initiative.objects.filter(unit=world.grassroots[1]).update(due_at=clock.now() - timedelta(hours=1))
    rows = list(sheets(taken(client_vi)).values())[1]
    column = next(row for row in rows if "Quá hạn" in row).index("Quá hạn")
    assert [row[column] for row in rows if row[1] in ("Liên đoàn Lao động THA", "Tổng")] == [1, 1]


def test_taking_it_away_stands_in_the_record(client_vi: Client, world: World) -> None:
    taken(client_vi, **{"don-vi": "HNI"})
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor, entry.subject, entry.unit_path) == (world.officer, "HNI", world.unions[0].path)
    assert entry.details["rows"] == 1


def test_of_another_unit_nothing_is_given_and_nothing_recorded(world: World) -> None:
    person = make_person("reader")
    grant(person, world.unions[0])
    assert browser_of(person).get(ADDRESS, {"don-vi": "THA"}).status_code == 404
    assert not AuditEntry.objects.filter(action="export").exists()
