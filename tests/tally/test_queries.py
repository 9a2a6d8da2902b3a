"""What the tally answers: ranks, targets of the day, moments, and figures on both sides of every boundary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.core.models import OutboxAside, OutboxEntry
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.models import Author, Event, Initiative
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis, Phase, Programme, Target
from sangkien.programmes.queries import TargetInForce
from sangkien.tally.figures import Board, PhaseProgress, TargetProgress
from sangkien.tally.fold import fold, fold_all
from sangkien.tally.models import LateEvent
from sangkien.tally.queries import (
    board,
    field_counts,
    generation,
    moments,
    ordinal_of,
    published,
    summary,
    timeline,
)
from sangkien.tally.rebuild import verify
from sangkien.units.models import Cluster, ClusterMembership, Unit
from tests.factories import LONG_AGO, World, make_target, make_unit, make_world
from tests.tally.simulation import TICK, Clock, install_clock, make_past_world, noon

DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return make_past_world()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return install_clock(monkeypatch, noon(90))


def count(world: World, as_of: datetime | None = None, unit: Unit | None = None) -> int:
    return summary(world.programme, moments(world.programme, as_of), unit=unit).counts.submitted


def ranks(found: Board) -> dict[str, int]:
    return {row.unit.code: row.rank for row in found.rows}


# --- moments -----------------------------------------------------------------------------------------------------


def test_a_moment_later_than_now_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        moments(world.programme, clock.now() + timedelta(minutes=1))
    assert (refusal.value.code, refusal.value.field) == ("as_of_in_future", "as_of")


def test_a_moment_before_the_programme_is_refused_and_its_beginning_is_not(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        moments(world.programme, world.programme.starts_at - TICK)
    assert (refusal.value.code, refusal.value.field) == ("as_of_before_programme", "as_of")
    assert moments(world.programme, world.programme.starts_at).as_of == world.programme.starts_at


def test_a_moment_after_the_published_one_is_answered_as_of_that_and_says_so(world: World, moved: Clock) -> None:
    world.submit()
    fold()
    asked = moved.at + DAY
    now = moments(world.programme, asked)
    assert now.as_of == now.published == moved.horizon() == published()
    assert now.asked == asked
    assert now.is_earlier_than_asked
    assert not moments(world.programme, moved.at).is_earlier_than_asked
    assert not moments(world.programme).is_earlier_than_asked


def test_before_the_first_fold_every_figure_is_nothing(world: World) -> None:
    world.submit()
    assert published() is None
    now = moments(world.programme)
    assert now.as_of == world.programme.starts_at
    answer = summary(world.programme, now)
    assert (answer.counts.submitted, answer.phase, answer.phases) == (0, None, ())
    assert [row.rank for row in board(world.programme, now).rows] == [1, 1, 1]
    assert timeline(world.programme, now) == ()


def test_the_generation_changes_with_the_figures_and_not_with_the_clock(world: World, moved: Clock) -> None:
    fold()
    before = generation()
    moved.wait(minutes=1)
    fold()
    assert generation() == before
    world.submit()
    fold()
    assert generation() > before


# --- boundaries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["top", "unions", "districts", "grassroots"])
def test_midnight_belongs_to_the_next_day_and_the_microsecond_before_it_to_the_day_it_ends(
    world: World, moved: Clock, unit: str
) -> None:
    day = clock.day_of(moved.at) + timedelta(days=2)
    midnight = clock.end_of_day(day)
    moved.go_to(midnight)
    # An initiative is made a microsecond before it is submitted.
    assert world.submit().submitted_at == midnight
    fold()
    place: Unit = world.top if unit == "top" else getattr(world, unit)[0]
    assert count(world, midnight, place) == 0
    assert count(world, midnight + TICK, place) == 1
    moved.wait(days=2)
    fold()
    assert count(world, midnight, place) == 0
    assert count(world, midnight + TICK, place) == 1
    by_day = {d.day: d.submitted for d in timeline(world.programme, moments(world.programme), unit=place)}
    assert by_day[day] == 0
    assert by_day[day + DAY] == 1
    known_now = moments(world.programme, midnight, known_now=True)
    assert summary(world.programme, known_now, unit=place).counts.submitted == 0


@pytest.mark.parametrize("unit", ["top", "unions", "districts", "grassroots"])
def test_the_last_microsecond_of_a_day_counts_in_it(world: World, moved: Clock, unit: str) -> None:
    day = clock.day_of(moved.at) + timedelta(days=2)
    midnight = clock.end_of_day(day)
    moved.go_to(midnight - TICK)
    assert world.submit().submitted_at == midnight - TICK
    place: Unit = world.top if unit == "top" else getattr(world, unit)[0]
    moved.wait(days=2)
    fold()
    assert count(world, midnight, place) == 1
    assert count(world, midnight - TICK, place) == 0
    by_day = {d.day: d.submitted for d in timeline(world.programme, moments(world.programme), unit=place)}
    assert by_day[day - DAY] == 0
    assert by_day[day] == 1
    known_now = moments(world.programme, midnight, known_now=True)
    assert summary(world.programme, known_now, unit=place).counts.submitted == 1


def test_the_full_hour_belongs_to_the_next_hour(world: World, moved: Clock) -> None:
    hour = clock.floor_hour(moved.at) + timedelta(hours=3)
    moved.go_to(hour - TICK)
    assert world.submit().submitted_at == hour - TICK
    moved.go_to(hour)
    assert world.submit().submitted_at == hour
    moved.wait(hours=2)
    fold()
    assert [count(world, hour + n * TICK) for n in (-1, 0, 1)] == [0, 1, 2]
    assert [count(world, hour + n * TICK, world.unions[0]) for n in (-1, 0, 1)] == [0, 1, 2]
    assert [count(world, hour + n * TICK, world.grassroots[0]) for n in (-1, 0, 1)] == [0, 1, 2]


# --- boards ------------------------------------------------------------------------------------------------------


def test_equal_counts_share_a_rank_and_the_next_one_is_left_out(moved: Clock, db: None) -> None:
    world = make_world(4)
    for place, times in ((0, 3), (1, 1), (2, 2), (3, 2)):
        for _time in range(times):
            world.submit(world.grassroots[place])
    fold()
    found = board(world.programme, moments(world.programme))
    assert [row.rank for row in found.rows] == [1, 2, 2, 4]
    assert [row.unit.code for row in found.rows] == ["HNI", "HCM", "U04", "THA"]
    first, others = found.groups
    assert first.cluster == world.clusters[0]
    assert [(row.unit.code, row.rank_in_group) for row in first.rows] == [("HNI", 1), ("THA", 2)]
    assert others.cluster is None
    assert [(row.unit.code, row.rank_in_group) for row in others.rows] == [("HCM", 1), ("U04", 1)]
    assert (first.counts.submitted, others.counts.submitted, found.total.submitted) == (4, 4, 8)


def test_units_with_equal_counts_stand_in_vietnamese_order(world: World) -> None:
    names = ["Đồng Nai", "An Giang", "Ắng", "Dắk", "Điện Biên", "Ân Thi"]
    parent = make_unit("ORD", world.top)
    for n, name in enumerate(names):
        make_unit(f"ORD-{n}", parent, name_vi=name)
    rows = board(world.programme, moments(world.programme), parent=parent).rows
    assert [row.unit.name_vi for row in rows] == ["An Giang", "Ắng", "Ân Thi", "Dắk", "Điện Biên", "Đồng Nai"]


def test_groups_stand_in_the_order_of_the_clusters_and_those_in_none_come_last(world: World) -> None:
    earlier = Cluster.objects.create(code="A", name_vi="A", name_en="A", short_vi="A", short_en="A", position=-1)
    ClusterMembership.objects.create(cluster=earlier, unit=world.unions[2], since=LONG_AGO)
    make_unit("ZZZ", world.top)
    found = board(world.programme, moments(world.programme))
    assert [g.cluster.code if g.cluster else None for g in found.groups] == ["A", "CUM_TP", None]


def test_places_gained_are_counted_since_an_earlier_moment(world: World, moved: Clock) -> None:
    world.submit(world.grassroots[0])
    world.submit(world.grassroots[0])
    world.submit(world.grassroots[1])
    moved.wait(days=2)
    then = moved.horizon()
    for _time in range(4):
        world.submit(world.grassroots[2])
    fold()
    now = moments(world.programme)
    change = {row.unit.code: row.rank_change for row in board(world.programme, now, since=then).rows}
    assert change == {"HCM": 2, "HNI": -1, "THA": -1}
    before_all = board(world.programme, now)
    assert before_all.since == now.as_of - timedelta(days=40)
    assert {row.rank_change for row in before_all.rows} == {None}


def test_a_unit_that_was_not_on_the_board_then_has_no_change(world: World, moved: Clock) -> None:
    world.submit(world.grassroots[0])
    moved.wait(days=1)
    then = moved.horizon()
    moved.wait(days=5)
    opened = make_unit("NEW", world.top, opened_on=clock.day_of(moved.at) - DAY)
    world.submit(make_unit("NEW-1", opened))
    fold()
    rows = {row.unit.code: row for row in board(world.programme, moments(world.programme), since=then).rows}
    assert rows["NEW"].rank_change is None
    assert rows["HNI"].rank_change == 0


@pytest.mark.parametrize("shift", [timedelta(0), DAY])
def test_ranks_are_compared_with_an_earlier_moment_only(world: World, moved: Clock, shift: timedelta) -> None:
    world.submit()
    fold()
    now = moments(world.programme)
    with pytest.raises(InvalidInput) as refusal:
        board(world.programme, now, since=now.as_of + shift)
    assert (refusal.value.code, refusal.value.field) == ("since_out_of_range", "since")
    with pytest.raises(InvalidInput):
        board(world.programme, now, since=world.programme.starts_at - TICK)


def test_a_closed_unit_with_a_figure_stays_on_the_board_and_in_its_cluster(world: World, moved: Clock) -> None:
    world.submit(world.grassroots[0])
    moved.wait(days=3)
    closing = clock.day_of(moved.at)
    with_figure, without = world.unions[0], world.unions[1]
    for unit in (with_figure, without):
        Unit.objects.filter(pk=unit.pk).update(closed_on=closing)
        ClusterMembership.objects.filter(unit=unit).update(until=closing)
    moved.wait(days=3)
    fold()
    after = board(world.programme, moments(world.programme))
    assert set(ranks(after)) == {"HNI", "HCM"}
    assert next(row for row in after.rows if row.unit == with_figure).cluster == world.clusters[0]
    before = board(world.programme, moments(world.programme, clock.start_of_day(closing)))
    assert set(ranks(before)) == {"HNI", "THA", "HCM"}
    on_closing_day = board(world.programme, moments(world.programme, clock.start_of_day(closing) + TICK))
    assert set(ranks(on_closing_day)) == {"HNI", "HCM"}


def test_a_unit_that_changed_its_cluster_stands_in_the_one_of_that_day(world: World, moved: Clock) -> None:
    other = Cluster.objects.create(code="B", name_vi="B", name_en="B", short_vi="B", short_en="B", position=5)
    day = clock.day_of(moved.at) + DAY
    ClusterMembership.objects.filter(unit=world.unions[0]).update(until=day)
    ClusterMembership.objects.create(cluster=other, unit=world.unions[0], since=day)
    moved.wait(days=10)
    fold()

    def cluster_at(moment: datetime) -> str | None:
        rows = board(world.programme, moments(world.programme, moment)).rows
        found = next(row for row in rows if row.unit == world.unions[0]).cluster
        return found.code if found else None

    assert cluster_at(clock.start_of_day(day)) == "CUM_TP"
    assert cluster_at(clock.start_of_day(day) + TICK) == "B"


@pytest.mark.parametrize(("level", "places"), [(2, "unions"), (3, "districts"), (4, "grassroots")])
def test_a_board_of_each_level_adds_up_to_its_head(world: World, moved: Clock, level: int, places: str) -> None:
    parent: Unit = getattr(world, places)[1]
    child = make_unit(f"{parent.code}-X", parent)
    for unit, times in ((parent, 2), (child, 3), (world.grassroots[1], 1), (world.grassroots[0], 5)):
        for _time in range(times):
            world.submit(unit)
        moved.wait(hours=30)
    fold()
    for as_of in (moved.horizon(), moved.at - timedelta(hours=1)):
        found = board(world.programme, moments(world.programme, as_of), parent=parent)
        own = 3 if level == 4 else 2
        assert parent.level == level
        assert (found.total.submitted, found.own.submitted) == (6, own)
        assert {row.unit.code: row.counts.submitted for row in found.rows}[child.code] == 3
        assert sum(row.counts.submitted for row in found.rows) + own == 6


def test_the_number_of_questions_does_not_depend_on_the_number_of_units(moved: Clock, db: None) -> None:
    world = make_past_world(1)
    world.submit()
    fold()
    now = moments(world.programme)
    calls: list[Callable[[], Any]] = [
        lambda: summary(world.programme, now),
        lambda: board(world.programme, now),
        lambda: board(world.programme, now, parent=world.unions[0]),
        lambda: timeline(world.programme, now),
        lambda: field_counts(world.programme, now),
    ]

    def questions() -> list[int]:
        numbers = []
        for call in calls:
            with CaptureQueriesContext(connection) as captured:
                call()
            numbers.append(len(captured))
        return numbers

    few = questions()
    for n in range(4):
        union = make_unit(f"M{n}", world.top)
        make_target(world.programme, union, 10)
        make_target(world.programme, union, 5, phase=world.phase)
        ClusterMembership.objects.create(cluster=world.clusters[0], unit=union, since=LONG_AGO)
        make_unit(f"M{n}-D", world.unions[0])
        world.submit(make_unit(f"M{n}-1", union))
        moved.wait(days=3)
    fold()
    now = moments(world.programme)
    many = questions()
    assert many == few
    assert max(many) <= 8


# --- targets and phases ------------------------------------------------------------------------------------------


def test_progress_is_cut_to_one_decimal_and_never_rounded_up(world: World) -> None:
    def measured(of: int, value: int) -> TargetProgress:
        return TargetProgress(TargetInForce(world.top.pk, None, Basis.ASSIGNED, value), None, of)

    def percent(of: int, value: int = 10_000) -> Decimal:
        return measured(of, value).progress_percent

    assert percent(9_996) == Decimal("99.9")
    assert percent(9_999) == Decimal("99.9")
    assert percent(10_000) == Decimal("100.0")
    assert percent(696_948, 300_000) == Decimal("232.3")
    assert percent(696_948, 1_000_000) == Decimal("69.6")
    assert (measured(9_999, 10_000).excess, measured(9_999, 10_000).is_met) == (-1, False)
    assert (measured(10_000, 10_000).excess, measured(10_000, 10_000).is_met) == (0, True)


def test_a_target_that_was_raised_later_leaves_the_earlier_board_as_it_was(world: World, moved: Clock) -> None:
    world.submit(world.grassroots[0])
    first = make_target(world.programme, world.unions[0], 1, phase=world.phase)
    moved.wait(days=5)
    raised_at = moved.at
    Target.objects.filter(pk=first.pk).update(closed_at=raised_at)
    make_target(world.programme, world.unions[0], 50, phase=world.phase, effective_at=raised_at)
    moved.wait(days=5)
    fold()

    def target_at(moment: datetime) -> tuple[int, Decimal]:
        found = board(world.programme, moments(world.programme, moment), phase=world.phase)
        row = next(row for row in found.rows if row.unit == world.unions[0])
        assert row.phase_progress is not None
        return row.phase_progress.value, row.phase_progress.progress_percent

    assert target_at(raised_at - TICK) == (1, Decimal("100.0"))
    assert target_at(raised_at) == (1, Decimal("100.0")), "as of its moment, exclusive, it was not in force"
    assert target_at(raised_at + TICK) == (50, Decimal("2.0"))
    answer = summary(world.programme, moments(world.programme, raised_at), unit=world.unions[0])
    assert answer.phase is not None
    assert answer.phase.progress is not None
    assert answer.phase.progress.value == 1


def test_a_phase_is_measured_by_what_was_registered_and_the_programme_by_what_was_assigned(
    world: World, moved: Clock
) -> None:
    for value, phase, basis in (
        (10, world.phase, Basis.ASSIGNED),
        (20, world.phase, Basis.REGISTERED),
        (100, None, Basis.ASSIGNED),
        (200, None, Basis.REGISTERED),
    ):
        make_target(world.programme, world.unions[0], value, phase=phase, basis=basis)
    world.submit(world.grassroots[0])
    fold()
    row = board(world.programme, moments(world.programme)).rows[0]
    assert row.phase_progress is not None
    assert row.programme_progress is not None
    assert (row.phase_progress.value, row.programme_progress.value) == (20, 100)
    assert [t.value for t in row.targets] == [10, 20, 100, 200]


def add_phase(programme: Programme, number: int, opens_at: datetime, closes_at: datetime) -> Phase:
    return Phase.objects.create(
        programme=programme,
        number=number,
        name_vi="Giai đoạn",
        name_en="Phase",
        opens_at=opens_at,
        closes_at=closes_at,
        applied_from=LONG_AGO,
        applied_until=clock.day_of(clock.now()),
    )


def test_a_phase_counts_what_was_submitted_in_it_and_the_programme_everything(world: World, moved: Clock) -> None:
    border = noon(50)
    Phase.objects.filter(pk=world.phase.pk).update(closes_at=border)
    second = add_phase(world.programme, 2, border, border + timedelta(days=100))
    first = world.submit()
    moved.go_to(border)
    world.submit()
    mark_valid(actor=world.officer, initiative_id=first.pk, benefit_verified=1)
    fold()
    assert Initiative.objects.order_by("-pk").values_list("phase__number", "submitted_at").first() == (2, border)
    answer = summary(world.programme, moments(world.programme))
    assert answer.counts.submitted == 2
    assert [(p.phase.number, p.counts.submitted, p.counts.valid) for p in answer.phases] == [(1, 1, 1), (2, 1, 0)]
    assert answer.phase is not None
    assert answer.phase.phase == second
    at_border = summary(world.programme, moments(world.programme, border))
    assert at_border.phase is not None
    assert at_border.phase.phase.number == 1
    assert [p.phase.number for p in at_border.phases] == [1]


@pytest.mark.parametrize("place", ["top", "unions", "grassroots"])
def test_the_day_on_which_a_target_was_met_stays_the_first_one(world: World, moved: Clock, place: str) -> None:
    unit: Unit = world.top if place == "top" else getattr(world, place)[0]
    make_target(world.programme, unit, 2, phase=world.phase)
    world.submit()
    moved.wait(days=3)
    met_at = moved.horizon()
    world.submit()
    fold()

    def phase_at(moment: datetime | None) -> PhaseProgress:
        found = summary(world.programme, moments(world.programme, moment), unit=unit).phase
        assert found is not None
        return found

    assert phase_at(met_at).met_on is None
    assert phase_at(None).met_on == clock.day_of(met_at), "within the day itself"
    moved.wait(days=9)
    world.submit()
    fold()
    found = phase_at(None)
    last_day = clock.day_of_cutoff(world.phase.closes_at)
    assert (found.met_on, found.days_early) == (clock.day_of(met_at), (last_day - clock.day_of(met_at)).days)


def test_shares_of_the_categories_are_whole_and_rounded_half_up(world: World, moved: Clock) -> None:
    for category, times in zip(Category, (11, 5, 3, 1), strict=True):
        for _time in range(times):
            world.submit(category=category)
    fold()
    answer = summary(world.programme, moments(world.programme))
    assert [(s.count, s.share_percent) for s in answer.categories] == [(11, 55), (5, 25), (3, 15), (1, 5)]


# --- a timeline and fields ---------------------------------------------------------------------------------------


def test_a_timeline_has_every_day_once_and_never_falls(world: World, moved: Clock) -> None:
    for pause in (1, 1, 4):
        world.submit(world.grassroots[0])
        moved.wait(days=pause)
    fold()
    days = timeline(world.programme, moments(world.programme), unit=world.unions[0])
    assert days[0].day == clock.day_of(world.phase.opens_at)
    assert days[-1].day == clock.day_of(moved.at)
    assert [d.day for d in days] == [days[0].day + n * DAY for n in range(len(days))]
    assert sorted(d.submitted for d in days) == [d.submitted for d in days]
    assert days[-1].submitted == 3
    part = timeline(
        world.programme, moments(world.programme), unit=world.unions[0], first_day=days[-5].day, last_day=days[-2].day
    )
    assert part == days[-5:-1]


def test_fields_are_counted_for_the_whole_and_for_a_union(world: World, moved: Clock) -> None:
    world.submit(world.grassroots[0], field=world.fields[0])
    moved.wait(days=2)
    for place in (0, 1):
        world.submit(world.grassroots[place], field=world.fields[1])
    fold()
    now = moments(world.programme)
    one, two = (f.pk for f in world.fields)
    assert [(f.field_id, f.submitted) for f in field_counts(world.programme, now)] == [(two, 2), (one, 1)]
    inside = field_counts(world.programme, now, unit=world.unions[1])
    assert [(f.field_id, f.submitted) for f in inside] == [(two, 1)]
    assert field_counts(world.programme, now, unit=world.districts[1]) == ()


# --- what should never happen ------------------------------------------------------------------------------------


def smuggle(initiative: Initiative, at: datetime) -> Event:
    """Write a second submission of somebody's by hand, with a moment that has been published."""
    past = Initiative.objects.get(pk=initiative.pk)
    past.pk, past.submitted_at, past.created_at = None, at, at
    past._state.adding = True
    past.save(force_insert=True)
    Author.objects.create(initiative=past, number=1, name="Trần Thị Hoa", category=past.category, share=100)
    original = Event.objects.get(initiative=initiative, number=1)
    fields = {f.attname: getattr(original, f.attname) for f in Event._meta.concrete_fields if f.attname != "pk"}
    event = Event(**(fields | {"initiative_id": past.pk, "at": at, "submitted_at": at}))
    event.save(force_insert=True)
    OutboxEntry.objects.create(consumer="tally", at=at, subject=past.pk, number=1)
    return event


@pytest.mark.parametrize("hours_late", [0.25, 3, 40])
def test_a_late_event_is_counted_at_the_published_moment_and_listed(
    world: World, moved: Clock, hours_late: float
) -> None:
    kept = world.submit()
    moved.wait(days=3)
    world.submit()
    fold()
    shown_at = published()
    assert shown_at is not None
    between = shown_at - timedelta(hours=hours_late) / 2
    earlier = (shown_at - timedelta(hours=hours_late), between, shown_at)
    places = (world.top, world.unions[0], world.districts[0], world.grassroots[0])
    before = [[count(world, m, unit) for m in earlier] for unit in places]
    late = smuggle(kept, shown_at - timedelta(hours=hours_late))
    moved.wait(minutes=5)
    result = fold()
    assert (result.events, result.late) == (1, 1)
    assert [[count(world, m, unit) for m in earlier] for unit in places] == before
    assert [count(world, shown_at + TICK, unit) for unit in places] == [3] * 4
    assert LateEvent.objects.values_list("initiative_id", "at", "counted_at").get() == (
        late.initiative_id,
        late.at,
        shown_at,
    )
    assert verify().is_clean
    found = ordinal_of(late.initiative_id)
    assert found is not None
    assert found.ordinal == 3
    moved.wait(days=2)
    world.submit()
    fold()
    assert [[count(world, m, unit) for m in earlier] for unit in places] == before
    assert verify().is_clean


@pytest.mark.parametrize("hours_late", [0.25, 40])
def test_a_late_event_is_counted_by_field_at_the_same_moment(world: World, moved: Clock, hours_late: float) -> None:
    kept = world.submit()
    moved.wait(days=3)
    world.submit()
    fold()
    shown_at = published()
    assert shown_at is not None
    smuggle(kept, shown_at - timedelta(hours=hours_late))
    moved.wait(minutes=5)
    fold()

    def by_field(moment: datetime) -> int:
        return sum(f.submitted for f in field_counts(world.programme, moments(world.programme, moment)))

    assert by_field(shown_at) == 2
    assert by_field(shown_at + TICK) == 3


def test_a_late_event_waits_while_the_as_of_moment_stands_still(world: World, moved: Clock) -> None:
    """Otherwise the cells would hold an event that is not before the as-of moment."""
    kept = world.submit()
    moved.wait(days=1)
    fold()
    smuggle(kept, moved.at - timedelta(hours=1))
    stood_still = fold()
    assert (stood_still.events, stood_still.more) == (0, False)
    moved.wait(minutes=1)
    assert fold_all().late == 1
    assert verify().is_clean


def test_a_row_of_the_outbox_without_an_event_is_set_aside_and_stops_nobody(world: World, moved: Clock) -> None:
    world.submit()
    OutboxEntry.objects.create(consumer="tally", at=moved.at, subject=10**9, number=1)
    result = fold()
    assert (result.events, result.aside) == (1, 1)
    assert OutboxAside.objects.values_list("consumer", "subject").get() == ("tally", 10**9)
    assert not OutboxEntry.objects.filter(consumer="tally").exists()
    assert verify().is_clean
