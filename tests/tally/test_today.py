"""Under today's tree: whatever merges and moves, rows add up, and what stood stays as it stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import ranks
from sangkien.initiatives import actions
from sangkien.initiatives.models import Event
from sangkien.people.categories import Category
from sangkien.tally.figures import FIGURE_NAMES, Board, Counts, Tree
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import board, field_counts, moments, summary, timeline
from sangkien.units.actions import merge_units, move_unit
from sangkien.units.models import ClusterMembership, Role, Unit
from sangkien.units.today import children_today, followers_of, is_reorganised, place_today
from tests.factories import World, grant, make_target, make_unit
from tests.tally.simulation import Clock, install_clock, make_past_world, noon, rolled_back
from tests.tally.test_laws import Deed, Life, deeds, law

RIGHT = {"reason": "Sắp xếp lại tổ chức."}


class Recount:
    """All events, added up one by one by the path that the unit of each has today."""

    def __init__(self) -> None:
        paths = dict(Unit.objects.values_list("pk", "today_path"))
        self.events: list[dict[str, Any]] = [
            {**row, "path": paths[row["unit_path"][-1]]} for row in Event.objects.values()
        ]

    def of(self, unit: Unit, asked: Callable[[dict[str, Any]], bool], *, own: bool = False) -> Counts:
        """Return what counts for ``unit`` today (``own``: for it alone) of the events asked for."""
        total = Counts()
        for event in self.events:
            if asked(event) and (event["path"][-1] == unit.pk if own else unit.pk in event["path"]):
                total += Counts(*(event[name] for name in FIGURE_NAMES))
        return total


class Reorganised(Life):
    """A life in which units also merge and move."""

    def __init__(self, world: World, moved: Clock) -> None:
        super().__init__(world, moved)
        self.stood: list[tuple[datetime, int, list[tuple[Any, ...]]]] = []
        self.reorganised = 0

    def live(self, deeds: list[Deed]) -> None:
        for deed in deeds:
            if deed.verb in ("move", "merge"):
                self.clock.wait(days=1)
                self._remember()
                self._reorganise(deed)
            else:
                self.places = list(Unit.objects.filter(closed_on=None).order_by("pk"))
                super().live([deed])

    def _remember(self) -> None:
        """Write down the boards at the end of yesterday: no reorganisation from now on may change them."""
        fold_all()
        before = clock.floor_day(self.clock.at)
        for parent in Unit.objects.filter(pk__in=Unit.objects.values("parent_id")):
            found = board(self.world.programme, moments(self.world.programme, before), parent=parent)
            self.stood.append((before, parent.pk, as_shown(found)))

    def _reorganise(self, deed: Deed) -> None:
        on = clock.day_of(self.clock.at)
        units = list(Unit.objects.filter(closed_on=None, parent__isnull=False).order_by("pk"))
        one = units[deed.which % len(units)]
        try:
            if deed.verb == "merge":
                beside = [u for u in units if u.parent_id == one.parent_id and u.pk != one.pk]
                other = beside[deed.place % len(beside)] if beside else units[deed.place % len(units)]
                merge_units(actor=self.world.officer, units=[one], into=other, on=on, **RIGHT)
            else:
                places = [self.world.top, *units]
                to = places[deed.place % len(places)]
                move_unit(actor=self.world.officer, unit=one, to=to, on=on, **RIGHT)
            self.reorganised += 1
        except InvalidInput:
            pass  # a circle, or where it stands already: nothing has changed


def as_shown(found: Board) -> list[tuple[Any, ...]]:
    """Return all that a board says, apart from the names."""
    return [
        (found.total, found.own, found.since),
        *((r.unit.pk, r.rank, r.rank_in_group, r.rank_change, r.counts, r.targets, r.cluster) for r in found.rows),
    ]


def check_today(world: World, as_of: datetime, *, known_now: bool = False) -> None:
    """Compare every figure under today's tree at a moment with a recount, and rows with their head in both trees."""
    now = moments(world.programme, as_of, known_now=known_now)
    recount = Recount()
    units = list(Unit.objects.all())

    def counted(event: dict[str, Any]) -> bool:
        if known_now:
            return bool(event["submitted_at"] < as_of and event["at"] < now.published)
        return bool(event["at"] < as_of)

    for unit in units:
        wanted = recount.of(unit, counted)
        found = board(world.programme, now, parent=unit, tree=Tree.TODAY)
        assert found.total == wanted, unit.code
        assert found.own == recount.of(unit, counted, own=True), unit.code
        below = {u.pk: recount.of(u, counted) for u in units if u.today_path == [*unit.today_path, u.pk]}
        shown = {u.pk for u in units if u.pk in below and (u.closed_on is None or below[u.pk].submitted)}
        shown = shown if unit.today_path[-1] == unit.pk else set()
        assert {row.unit.pk: row.counts for row in found.rows} == {pk: below[pk] for pk in shown}, unit.code
        assert [row.rank for row in found.rows] == sorted(ranks([row.counts.submitted for row in found.rows]))
        then = board(world.programme, now, parent=unit)
        for one in (found, then):
            assert sum((row.counts for row in one.rows), one.own) == one.total, unit.code
        answer = summary(world.programme, now, unit=unit, tree=Tree.TODAY)
        assert answer.counts == wanted, unit.code
        assert sum(share.count for share in answer.categories) == wanted.submitted
        days = timeline(world.programme, now, unit=unit, tree=Tree.TODAY)
        assert not days or (days[-1].submitted, days[-1].valid) == (wanted.submitted, wanted.valid)


@pytest.fixture
def world(db: None) -> World:
    made = make_past_world()
    grant(made.officer, made.top, Role.UNIT_ADMINISTRATOR)
    return made


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return install_clock(monkeypatch, noon(90))


submissions = deeds.map(lambda deed: replace(deed, verb="submit"))
reorganisations = st.builds(
    Deed,
    verb=st.sampled_from(("move", "merge")),
    which=st.integers(0, 99),
    place=st.integers(0, 99),
    category=st.just(Category.UNION_OFFICER),
    benefit=st.none(),
    minutes=st.just(0),
)


@settings(law, max_examples=8)
@given(
    first=st.lists(submissions, min_size=3, max_size=6),
    middle=st.lists(st.one_of(deeds, deeds, reorganisations), min_size=4, max_size=10),
    last=reorganisations,
    moment=st.integers(0, 999),
)
def test_rows_add_up_to_their_head_in_both_trees_and_what_stood_stays_as_it_stood(
    world: World, moved: Clock, first: list[Deed], middle: list[Deed], last: Deed, moment: int
) -> None:
    moved.at = began = noon(90)
    with rolled_back():
        life = Reorganised(world, moved)
        life.live([*first, *middle, last])
        fold_all()
        ended = moved.horizon()
        between = began + (ended - began) * moment / 1000
        for as_of in (between, ended):
            check_today(world, as_of)
        check_today(world, between, known_now=True)
        for at, parent, shown in life.stood:
            now = moments(world.programme, at)
            assert as_shown(board(world.programme, now, parent=Unit.objects.get(pk=parent))) == shown


def test_what_merged_counts_for_the_unit_that_follows_and_what_moved_for_its_new_place(
    world: World, moved: Clock
) -> None:
    for n, times in enumerate((3, 2, 1)):
        for _ in range(times):
            world.submit(world.grassroots[n])
    moved.wait(hours=5)
    fold_all()
    before = moments(world.programme)
    stood = as_shown(board(world.programme, before))
    hni, tha, hcm = world.unions
    on = clock.day_of(moved.at) + timedelta(days=1)
    merge_units(actor=world.officer, units=[hni], into=tha, on=on, **RIGHT)
    district = Unit.objects.get(parent=tha, other_names__contains=["HNI-001"])
    move_unit(actor=world.officer, unit=district, to=hcm, on=on, **RIGHT)
    hni, tha, hcm = (Unit.objects.get(pk=unit.pk) for unit in (hni, tha, hcm))
    assert as_shown(board(world.programme, before)) == stood
    found = board(world.programme, before, tree=Tree.TODAY)
    assert {row.unit.code: row.counts.submitted for row in found.rows} == {"HCM": 4, "THA": 2}
    assert [row.rank for row in found.rows] == [1, 2]
    inside = board(world.programme, before, parent=hcm, tree=Tree.TODAY)
    assert sorted(row.counts.submitted for row in inside.rows) == [1, 3]
    assert (inside.total.submitted, inside.own.submitted) == (4, 0)
    assert summary(world.programme, before, unit=hni, tree=Tree.TODAY).counts == Counts()
    assert board(world.programme, before, parent=hni, tree=Tree.TODAY).rows == ()
    assert place_today(hni) == tha
    assert followers_of([hni, tha, hcm]) == {hni.pk: [tha]}
    assert [unit.code for unit in children_today(tha)] == ["THA-001"]
    assert is_reorganised(world.top)
    assert is_reorganised(hcm)
    assert not is_reorganised(world.districts[2])


def test_a_unit_under_todays_tree_competes_in_its_own_cluster_against_its_own_targets(
    world: World, moved: Clock
) -> None:
    for _ in range(4):
        world.submit(world.grassroots[0])
    moved.wait(hours=1)
    fold_all()
    now = moments(world.programme)
    hni, _tha, hcm = world.unions
    for unit, target in ((hni, 1), (hcm, 3)):
        make_target(world.programme, unit, target, phase=world.phase)
    merge_units(actor=world.officer, units=[hni], into=hcm, on=clock.day_of(moved.at), **RIGHT)
    ClusterMembership.objects.filter(unit=hcm).delete()
    ClusterMembership.objects.create(cluster=world.clusters[0], unit=hcm, since=clock.day_of(clock.now()))
    rows = {row.unit.code: row for row in board(world.programme, now, tree=Tree.TODAY).rows}
    assert [t.value for t in rows["HCM"].targets] == [3]
    assert rows["HCM"].cluster == world.clusters[0]
    progress = summary(world.programme, now, unit=Unit.objects.get(pk=hcm.pk), tree=Tree.TODAY).phase
    assert progress is not None
    assert progress.progress is not None
    assert (progress.counts.submitted, progress.progress.value) == (4, 3)
    assert progress.met_on == clock.day_of(moved.at)
    assert rows["THA"].counts == Counts()


def test_the_day_a_target_was_met_is_found_for_what_several_units_reached_together(world: World, moved: Clock) -> None:
    hni, tha, _hcm = world.unions
    days = []
    for unit in (0, 1, 0, 1):
        world.submit(world.grassroots[unit])
        days.append(clock.day_of(moved.at))
        moved.wait(days=2)
    fold_all()
    make_target(world.programme, tha, 3, phase=world.phase)
    merge_units(actor=world.officer, units=[hni], into=tha, on=clock.day_of(moved.at), **RIGHT)
    found = summary(world.programme, moments(world.programme), unit=tha, tree=Tree.TODAY).phase
    assert found is not None
    assert found.met_on == days[2]
    grown = timeline(world.programme, moments(world.programme), unit=tha, first_day=days[0], tree=Tree.TODAY)
    assert [day.submitted for day in grown[:7]] == [1, 1, 2, 2, 3, 3, 4]


def test_the_number_of_questions_under_todays_tree_does_not_depend_on_what_merged(moved: Clock, db: None) -> None:
    world = make_past_world()
    grant(world.officer, world.top, Role.UNIT_ADMINISTRATOR)
    on = clock.day_of(moved.at)
    calls: list[Callable[[], Any]] = [
        lambda: summary(world.programme, now, unit=world.unions[1], tree=Tree.TODAY),
        lambda: board(world.programme, now, tree=Tree.TODAY),
        lambda: board(world.programme, now, parent=world.unions[1], tree=Tree.TODAY),
        lambda: timeline(world.programme, now, unit=world.unions[1], tree=Tree.TODAY),
        lambda: field_counts(world.programme, now, unit=world.unions[1], tree=Tree.TODAY),
    ]

    def merge(code: str, units: int) -> None:
        union = make_unit(code, world.top)
        for n in range(units):
            world.submit(make_unit(f"{code}-{n}", union))
        merge_units(actor=world.officer, units=[union], into=world.unions[1], on=on, **RIGHT)

    def questions() -> list[int]:
        numbers = []
        for call in calls:
            with CaptureQueriesContext(connection) as captured:
                call()
            numbers.append(len(captured))
        return numbers

    merge("M", 1)
    fold_all()
    now = moments(world.programme)
    few = questions()
    for n in range(3):
        merge(f"N{n}", 3)
    fold_all()
    now = moments(world.programme)
    assert questions() == few
    assert max(few) <= 12


# --- what is known now, day by day and by field -------------------------------------------------------------------


def test_each_day_of_a_timeline_holds_what_is_known_now_of_what_was_submitted_by_then(
    world: World, moved: Clock
) -> None:
    first = world.submit()
    moved.wait(days=1)
    world.submit()
    moved.wait(days=3)
    actions.mark_valid(actor=world.officer, initiative_id=first.pk, benefit_verified=5_000_000)
    fold_all()
    began = clock.day_of(noon(90))
    for as_of in (None, clock.start_of_day(began + timedelta(days=2)), noon(89) + timedelta(seconds=1)):
        now = moments(world.programme, as_of, known_now=True)
        days = timeline(world.programme, now, first_day=began)
        assert [(day.submitted, day.valid) for day in days[:2]] == [(1, 1), (2, 1)]
    then = timeline(world.programme, moments(world.programme), first_day=began)
    assert [(day.submitted, day.valid) for day in then] == [(1, 0), (2, 0), (2, 0), (2, 0), (2, 1)]


def test_fields_are_those_known_now_of_what_was_submitted_before(world: World, moved: Clock) -> None:
    one, other = (field.pk for field in world.fields)
    changed = world.submit()
    world.submit()
    moved.wait(hours=30)
    before = moved.horizon()
    moved.wait(hours=30)
    world.submit(field=world.fields[1])
    actions.return_initiative(
        actor=world.officer, initiative_id=changed.pk, reason="incomplete", note="Chọn lại lĩnh vực."
    )
    actions.resubmit(actor=world.member, initiative_id=changed.pk, content=world.content(field=world.fields[1]))
    moved.wait(hours=30)
    fold_all()

    def fields(as_of: datetime | None, *, known_now: bool, unit: Unit | None = None) -> dict[int, int]:
        now = moments(world.programme, as_of, known_now=known_now)
        return {f.field_id: f.submitted for f in field_counts(world.programme, now, unit=unit)}

    for unit in (None, world.unions[0]):
        assert fields(before, known_now=False, unit=unit) == {one: 2}
        assert fields(before, known_now=True, unit=unit) == {one: 1, other: 1}
        assert fields(None, known_now=True, unit=unit) == fields(None, known_now=False, unit=unit) == {one: 1, other: 2}


def test_fields_go_with_unions_that_merged_and_are_not_told_where_something_below_moved(
    world: World, moved: Clock
) -> None:
    for unit in world.grassroots[:2]:
        world.submit(unit)
    moved.wait(hours=30)
    fold_all()
    now = moments(world.programme)
    hni, tha, hcm = world.unions
    on = clock.day_of(moved.at)
    merge_units(actor=world.officer, units=[hni], into=tha, on=on, **RIGHT)
    assert [f.submitted for f in field_counts(world.programme, now, unit=tha, tree=Tree.TODAY)] == [2]
    assert [f.submitted for f in field_counts(world.programme, now, unit=tha)] == [1]
    assert field_counts(world.programme, now, unit=Unit.objects.get(pk=hni.pk), tree=Tree.TODAY) == ()
    move_unit(actor=world.officer, unit=world.districts[1], to=hcm, on=on, **RIGHT)
    assert field_counts(world.programme, now, unit=hcm, tree=Tree.TODAY) == ()
    assert [f.submitted for f in field_counts(world.programme, now, tree=Tree.TODAY)] == [2]


def test_a_unit_closed_with_nothing_after_it_stays_a_row_under_what_follows_the_unit_above_it(
    world: World, moved: Clock
) -> None:
    hni, tha, _hcm = world.unions
    gone = make_unit("HNI-X", hni, closed_on=clock.day_of(moved.at) + timedelta(days=1))
    world.submit(gone)
    moved.wait(days=2)
    fold_all()
    merge_units(actor=world.officer, units=[hni], into=tha, on=clock.day_of(moved.at), **RIGHT)
    found = board(world.programme, moments(world.programme), parent=tha, tree=Tree.TODAY)
    assert {row.unit.code: row.counts.submitted for row in found.rows if row.counts.submitted} == {"HNI-X": 1}
    assert found.own == Counts()
