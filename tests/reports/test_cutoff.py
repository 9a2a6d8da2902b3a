from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.models import Basis, Target
from sangkien.reports.cutoff import build
from sangkien.reports.data import to_json
from sangkien.reports.figures import CutoffReport
from sangkien.tally.queries import moments
from sangkien.units.models import Unit
from tests.factories import World, make_target


@pytest.fixture
def report(world: World) -> CutoffReport:
    return build(world.programme, world.phase, moments(world.programme))


def codes(labels: tuple[object, ...]) -> list[str]:
    return [label.code for label in labels]  # type: ignore[attr-defined]


def test_the_head_has_count_progress_and_excess(report: CutoffReport) -> None:
    assert (report.phase_total.submitted, report.phase_total.valid, report.phase_total.waiting) == (6, 1, 5)
    assert report.phase_result is not None
    assert (str(report.phase_result.percent), report.phase_result.excess) == ("150.0", 2)
    assert report.result is not None
    assert str(report.result.percent) == "0.6"


def test_the_day_on_which_the_target_was_met_is_told_with_how_early(world: World, report: CutoffReport) -> None:
    today = clock.day_of(clock.now())
    assert report.met_on == today
    assert report.days_early == (clock.day_of_cutoff(world.phase.closes_at) - today).days


def test_clusters_and_what_the_owner_entered_add_up_to_the_head(report: CutoffReport) -> None:
    counted = [line.phase_counts.submitted for line in report.clusters]
    assert counted == [5, 0]
    assert report.own.submitted == 1
    assert sum(counted) + report.own.submitted == report.phase_total.submitted
    assert [sum(u.phase_counts.submitted for u in line.units) for line in report.clusters] == counted


def test_a_cluster_names_its_leading_unit_and_how_many_have_met(report: CutoffReport) -> None:
    first, second = report.clusters
    assert first.leading is not None
    assert (first.leading.code, first.met, len(first.units)) == ("HNI", 2, 2)
    assert (second.cluster, second.leading, second.met) == (None, None, 0)


def test_units_that_met_are_named(report: CutoffReport) -> None:
    assert codes(report.units_met_phase) == ["HNI", "THA"]
    assert codes(report.units_met_programme) == ["HNI"]


def test_only_units_above_their_raised_registered_target_count_as_raised(report: CutoffReport) -> None:
    assert codes(report.raised) == ["HNI"]


def test_a_lowered_target_is_not_a_raised_one(world: World) -> None:
    Target.objects.filter(unit=world.unions[0], basis=Basis.REGISTERED, closed_at__isnull=False).update(value=5)
    assert build(world.programme, world.phase, moments(world.programme)).raised == ()


def test_a_target_raised_after_the_cutoff_does_not_count(world: World) -> None:
    before = clock.now() - timedelta(days=20)
    assert build(world.programme, world.phase, moments(world.programme, before)).raised == ()


def test_an_assigned_target_that_was_raised_does_not_count(world: World) -> None:
    Target.objects.filter(unit=world.unions[0], basis=Basis.REGISTERED).delete()
    changed = clock.now() - timedelta(days=10)
    first = make_target(world.programme, world.unions[0], 1, phase=world.phase)
    Target.objects.filter(pk=first.pk).update(closed_at=changed)
    make_target(world.programme, world.unions[0], 2, phase=world.phase, effective_at=changed)
    assert build(world.programme, world.phase, moments(world.programme)).raised == ()


def test_before_anything_happened_the_report_is_all_zeros(world: World) -> None:
    early = world.programme.starts_at + timedelta(days=1)  # before the phase opened
    report = build(world.programme, world.phase, moments(world.programme, early))
    assert report.total.submitted == report.phase_total.submitted == report.own.submitted == 0
    assert (report.phase_result, report.met_on, report.days_early) == (None, None, None)


def test_json_is_plain_and_bears_the_moments_in_vietnam_time(report: CutoffReport) -> None:
    data = json.loads(json.dumps(to_json(report)))
    assert data["as_of"].endswith("+07:00")
    assert data["phase"]["progress_percent"] == 150.0
    assert data["phase"]["target"] == 4
    assert (data["submitted"], data["programme"]["progress_percent"]) == (6, 0.6)
    assert [unit["code"] for unit in data["units_met_programme"]] == ["HNI"]
    assert data["clusters"][0]["rows"][0]["programme"]["progress_percent"] == 100.0
    assert data["clusters"][1]["rows"][0]["progress_percent"] is None


def test_building_takes_as_many_queries_for_three_units_as_for_one(world: World) -> None:
    now = moments(world.programme)
    with CaptureQueriesContext(connection) as for_three:
        assert build(world.programme, world.phase, now).unit_count == 3
    Unit.objects.filter(code__in=["THA", "HCM"]).update(parent=world.unions[0])
    with CaptureQueriesContext(connection) as for_one:
        assert build(world.programme, world.phase, now).unit_count == 1
    assert len(for_three) == len(for_one)
