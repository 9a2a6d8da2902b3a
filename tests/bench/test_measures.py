"""Every measurement runs on a small demo and makes the rows that it names. What the figures are is not tested."""

from __future__ import annotations

import pytest
from django.db import connection

from bench.databases import SCRATCH
from bench.measures import MEASURES, boards, deciding, desk, finding, folding, recounting, serving, storage, submitting
from bench.plans import as_text
from bench.rows import Row
from sangkien.demo.phase1 import load_demo
from sangkien.initiatives.models import Initiative
from sangkien.tally.rebuild import verify
from sangkien.units.models import Reorganisation, Unit

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = 0.002


@pytest.fixture(autouse=True)
def _small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "CALLS", 3)
    monkeypatch.setattr(deciding, "CALLS", 3)
    load_demo(SMALL)


def _are_measured(rows: list[Row], *names: str) -> None:
    assert tuple(row.name for row in rows) == names
    assert names in [measure.names for measure in MEASURES]
    assert all(row.figure > 0 for row in rows)


def test_boards_and_lists_are_measured() -> None:
    _are_measured(boards.national_board(), "board")
    _are_measured(boards.national_summary(), "summary")
    _are_measured(boards.board_inside_union(), "board_inside_union")
    _are_measured(boards.board_today(), "board_today", "board_today_inside_union")
    assert not Reorganisation.objects.exists()
    _are_measured(boards.api_board(), "api_board")
    _are_measured(boards.initiatives_of_union(), "initiatives_of_union")


def test_the_queue_is_measured() -> None:
    _are_measured(deciding.first_page(), "queue")
    _are_measured(deciding.counts(), "queue_counts")


def test_the_plans_of_the_boards_and_the_queue_are_shown() -> None:
    for explained in (*boards.plans(), *deciding.plans()):
        text = as_text(explained)
        assert text.startswith(f"{explained.name}: {len(explained.statements)} statements")
        assert len(explained.plans) == 2
        assert "Execution Time" in text


def test_pages_of_the_desk_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "CALLS", 3)
    _are_measured(desk.unit_overview(), "unit_overview")


def test_finding_a_unit_is_measured_in_a_scratch_database() -> None:
    before = Unit.objects.count()
    _are_measured(finding.unit_search(), "unit_search")
    assert Unit.objects.count() == before


def test_recounting_and_disk_are_measured() -> None:
    _are_measured(recounting.rebuild_and_verify(), "rebuild", "verify", "rebuild_and_verify")
    _are_measured(storage.disk(), "disk")


def test_what_writes_is_measured_in_a_scratch_database_and_leaves_nothing_behind() -> None:
    before = Initiative.objects.count()
    _are_measured(folding.fold_rate(events=500), "fold")
    _are_measured(deciding.many_at_once(20), "bulk")
    _are_measured(
        submitting.submissions(writers=2, duration=0.5, bare_duration=0.2, coming_up=0.3),
        "submit_action",
        "submit_action_p99",
        "figures_behind",
    )
    _are_measured(
        serving.submissions_over_http(clients=2, duration=0.5, bare_duration=0.2, coming_up=0.3),
        "submit_http",
        "submit_http_p99",
    )
    _are_measured(storage.demo_load(SMALL, processes=1), "demo_load")
    assert Initiative.objects.count() == before
    assert verify().is_clean
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [SCRATCH])
        assert cursor.fetchone()[0] == 0
