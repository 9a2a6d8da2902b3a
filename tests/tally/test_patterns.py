"""What is unusual, who sees what of it, and what analysis says of a unit: found in the data, nothing invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.core.vietnamese import normalise
from sangkien.initiatives.actions import mark_valid, withdraw
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import BenefitNorm, Initiative
from sangkien.people.categories import Category
from sangkien.people.models import Person, system_actor
from sangkien.tally.analysis import analysis_of, overdue_in, refresh_analysis
from sangkien.tally.fold import fold_all
from sangkien.tally.models import Pattern, PatternKind, PatternUnit
from sangkien.tally.patterns import (
    BURST,
    FEWEST_UNITS,
    TIMES_MEDIAN,
    get_pattern,
    initiatives_behind,
    list_patterns,
    pattern_counts,
    patterns_computed_at,
    refresh_if_due,
    refresh_patterns,
)
from sangkien.tally.queries import field_counts, moments
from sangkien.units.models import RoleGrant, Unit
from tests.factories import World, make_person, make_unit, make_world
from tests.tally.simulation import install_clock, noon

MEDIAN = 1_000_000


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    BenefitNorm.objects.create(
        programme=world.programme, field=world.fields[0], median=MEDIAN, count=30, computed_at=clock.now()
    )
    return world


def sent_at(initiatives: Sequence[Initiative], moments_of: Sequence[datetime]) -> None:
    """Let initiatives have been submitted at these moments."""
    for one, at in zip(initiatives, moments_of, strict=True):
        Initiative.objects.filter(pk=one.pk).update(created_at=at, submitted_at=at)


def many(world: World, count: int, unit: Unit | None = None, actor: Person | None = None) -> list[Initiative]:
    """Submit so many whose texts differ."""
    return [world.submit(unit, actor=actor, title=f"Cải tiến số {n} của {unit}") for n in range(count)]


def total(kind: PatternKind) -> int:
    return Pattern.objects.filter(kind=kind).count()


# --- bursts --------------------------------------------------------------------------------------------------------


def every(minutes: float, count: int, begin: datetime) -> list[datetime]:
    return [begin + timedelta(minutes=minutes * n) for n in range(count)]


def test_fifty_by_one_person_within_an_hour_are_a_burst(world: World) -> None:
    begin = clock.now() - timedelta(days=2)
    sent_at(many(world, BURST), every(1, BURST, begin))
    refresh_patterns()
    burst = Pattern.objects.get(kind=PatternKind.BURST)
    assert (burst.initiatives, burst.units, burst.submitter_id) == (BURST, 1, world.member.pk)
    assert (burst.began_at, burst.ended_at) == (begin, begin + timedelta(minutes=BURST - 1))


def test_forty_nine_are_not_nor_are_fifty_over_more_than_an_hour(world: World) -> None:
    begin = clock.now() - timedelta(days=2)
    other = make_person("other")
    sent_at(many(world, BURST - 1), every(1, BURST - 1, begin))
    sent_at(many(world, BURST, actor=other), every(60.5 / (BURST - 1), BURST, begin))
    refresh_patterns()
    assert total(PatternKind.BURST) == 0


def test_a_burst_that_goes_on_is_one_and_one_on_another_day_is_another(world: World) -> None:
    begin = clock.now() - timedelta(days=3)
    sent_at(many(world, 90), [*every(1, 90, begin)])
    sent_at(many(world, BURST), every(0.5, BURST, begin + timedelta(days=1)))
    refresh_patterns()
    assert sorted(Pattern.objects.filter(kind=PatternKind.BURST).values_list("initiatives", flat=True)) == [BURST, 90]


def test_bursts_of_two_people_at_once_are_two_and_history_is_nobodys(world: World) -> None:
    begin = clock.now() - timedelta(days=2)
    for actor in (world.member, make_person("other")):
        sent_at(many(world, BURST, actor=actor), every(1, BURST, begin))
    old = many(world, BURST)
    sent_at(old, every(1, BURST, begin + timedelta(days=1)))
    Initiative.objects.filter(pk__in=[one.pk for one in old]).update(submitter=system_actor("earlier portal"))
    refresh_patterns()
    assert total(PatternKind.BURST) == 2


# --- one text ------------------------------------------------------------------------------------------------------


def in_units(world: World, count: int, **changes: str) -> list[Initiative]:
    """Submit one text in so many units."""
    units = [make_unit(f"HNI-001-1{n:03}", world.districts[0]) for n in range(count)]
    return [world.submit(unit, **changes) for unit in units]


def test_one_text_in_five_units_is_found_whatever_its_blanks_and_capitals(world: World) -> None:
    sent = in_units(world, FEWEST_UNITS - 1)
    title = normalise("CẢI TIẾN  cơ cấu gạt-than.")
    sent.append(world.submit(world.grassroots[1], title=title))
    refresh_patterns()
    found = Pattern.objects.get(kind=PatternKind.SAME_TEXT)
    assert (found.initiatives, found.units, found.first_id) == (5, 5, sent[0].pk)


def test_four_units_another_solution_or_a_withdrawn_one_are_not(world: World) -> None:
    in_units(world, FEWEST_UNITS - 1)
    world.submit(world.grassroots[1], solution="Thay băng tải bằng máng trượt.")
    gone = world.submit(world.grassroots[2])
    withdraw(actor=world.member, initiative_id=gone.pk, note="Nhầm")
    refresh_patterns()
    assert total(PatternKind.SAME_TEXT) == 0


def test_many_times_in_one_unit_is_not_many_units(world: World) -> None:
    for _n in range(FEWEST_UNITS + 1):
        world.submit()
    refresh_patterns()
    assert total(PatternKind.SAME_TEXT) == 0


# --- benefits ------------------------------------------------------------------------------------------------------


def test_a_benefit_of_a_thousand_times_the_median_is_found_and_one_below_is_not(world: World) -> None:
    high = world.submit(benefit_claimed=TIMES_MEDIAN * MEDIAN)
    world.submit(benefit_claimed=TIMES_MEDIAN * MEDIAN - 1)
    world.submit(field=world.fields[1], benefit_claimed=TIMES_MEDIAN * MEDIAN)  # nothing is known of that field
    refresh_patterns()
    found = Pattern.objects.get(kind=PatternKind.BENEFIT)
    assert (found.first_id, found.benefit, found.median) == (high.pk, TIMES_MEDIAN * MEDIAN, MEDIAN)


def test_of_few_claims_no_median_is_known(world: World) -> None:
    BenefitNorm.objects.update(count=29)
    world.submit(benefit_claimed=TIMES_MEDIAN * MEDIAN)
    refresh_patterns()
    assert total(PatternKind.BENEFIT) == 0


# --- who sees what -------------------------------------------------------------------------------------------------


def test_each_unit_sees_its_part_of_a_pattern_and_how_much_lies_elsewhere(world: World) -> None:
    here = in_units(world, FEWEST_UNITS)
    world.submit(world.grassroots[1])
    refresh_patterns()
    for unit, count in ((world.top, 6), (world.unions[0], 5), (world.unions[1], 1), (here[0].unit, 1)):
        counts = pattern_counts(world.programme, unit)
        assert counts[PatternKind.SAME_TEXT] == 1
        (row,) = list_patterns(world.officer, world.programme, unit, PatternKind.SAME_TEXT, total=1).rows
        assert (row.here, row.elsewhere) == (count, 6 - count)
        behind, following = initiatives_behind(world.officer, unit, row.pattern)
        assert (len(behind), following) == (count, None)
        assert all(unit.pk in one.unit_path for one in behind)
    assert pattern_counts(world.programme, world.unions[2])[PatternKind.SAME_TEXT] == 0
    assert get_pattern(world.officer, world.unions[2], PatternKind.SAME_TEXT, here[0].pk) is None


def test_initiatives_behind_a_pattern_go_on_page_by_page(world: World) -> None:
    sent = in_units(world, FEWEST_UNITS)
    refresh_patterns()
    pattern = Pattern.objects.get(kind=PatternKind.SAME_TEXT)
    seen, after = [], 0
    while True:
        page, following = initiatives_behind(world.officer, world.top, pattern, after=after, limit=2)
        seen += [one.pk for one in page]
        if following is None:
            break
        after = following
    assert seen == [one.pk for one in sent]


def test_the_largest_come_first_and_a_page_beyond_the_last_is_the_last(world: World) -> None:
    for times in (1_000, 5_000, 3_000):
        world.submit(benefit_claimed=times * MEDIAN, title=f"Sáng kiến {times}")
    refresh_patterns()
    kind = PatternKind.BENEFIT
    first = list_patterns(world.officer, world.programme, world.top, kind, total=3, limit=2)
    assert ([row.times for row in first.rows], first.pages) == ([5_000, 3_000], 2)
    last = list_patterns(world.officer, world.programme, world.top, kind, total=3, limit=2, page=9)
    assert ([row.times for row in last.rows], last.page) == ([1_000], 2)


def test_found_anew_they_are_as_if_found_for_the_first_time(world: World) -> None:
    in_units(world, FEWEST_UNITS)
    refresh_patterns()
    before = list(Pattern.objects.values()), sorted(PatternUnit.objects.values_list())
    refresh_patterns()
    assert (list(Pattern.objects.values()), sorted(PatternUnit.objects.values_list())) == before


def test_the_worker_makes_them_once_a_day(world: World) -> None:
    assert patterns_computed_at() is None
    assert refresh_if_due()
    assert not refresh_if_due()
    made = patterns_computed_at()
    assert made is not None
    assert analysis_of(world.programme, world.top).computed_at is not None


@pytest.mark.parametrize("kind", PatternKind)
def test_the_number_of_queries_does_not_depend_on_how_many_there_are(world: World, kind: PatternKind) -> None:
    counted = []
    for _round in range(2):
        world.submit(benefit_claimed=TIMES_MEDIAN * MEDIAN)
        refresh_patterns()
        n = pattern_counts(world.programme, world.top)[kind]
        with CaptureQueriesContext(connection) as queries:
            list_patterns(world.officer, world.programme, world.top, kind, total=n)
        counted.append(len(queries))
    assert counted[0] == counted[1]


# --- analysis of a unit ----------------------------------------------------------------------------------------------


def test_analysis_tells_who_entered_and_the_median_of_every_unit(world: World) -> None:
    himself = [AuthorInput(name="Tự", category=Category.ENTERPRISE_WORKER, share=100, person_id=world.member.pk)]
    world.submit(world.grassroots[0], authors=himself, benefit_claimed=5)
    world.submit(world.grassroots[0], benefit_claimed=9)
    world.submit(world.grassroots[1], benefit_claimed=0)
    old = world.submit(world.grassroots[1], benefit_claimed=7)
    Initiative.objects.filter(pk=old.pk).update(submitter=system_actor("earlier portal"))
    assert analysis_of(world.programme, world.top).computed_at is None
    refresh_analysis()
    top = analysis_of(world.programme, world.top)
    assert (top.by_author, top.for_others, top.as_history, top.entered) == (1, 2, 1, 4)
    assert (top.benefits, top.median) == (3, 7)
    here = analysis_of(world.programme, world.districts[0])
    assert (here.by_author, here.for_others, here.as_history, here.benefits, here.median) == (1, 1, 0, 2, 5)
    nothing = analysis_of(world.programme, world.districts[2])
    assert (nothing.entered, nothing.median) == (0, None)


def test_fields_of_a_unit_below_the_unions_are_those_that_the_tally_counts_above_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_clock(monkeypatch, noon(1))
    RoleGrant.objects.update(since=world.programme.starts_at)
    for number in range(5):
        one = world.submit(world.grassroots[0], field=world.fields[number % 2])
        if number == 3:
            mark_valid(actor=world.officer, initiative_id=one.pk)
    fold_all()
    refresh_analysis()
    above = field_counts(world.programme, moments(world.programme), unit=world.unions[0])
    assert analysis_of(world.programme, world.districts[0]).fields == above
    assert analysis_of(world.programme, world.unions[0]).fields == ()


def test_overdue_work_is_counted_now_where_it_is_little_and_once_a_day_where_it_is_much(world: World) -> None:
    late = world.submit(world.grassroots[0])
    Initiative.objects.filter(pk=late.pk).update(due_at=clock.now() - timedelta(days=1))
    world.submit(world.grassroots[0])
    children = [unit.pk for unit in world.unions]
    analysis = analysis_of(world.programme, world.top)
    now = overdue_in(world.programme, world.top, children, waiting=2, analysis=analysis)
    assert (now.total, now.by_child, now.computed_at) == (1, {world.unions[0].pk: 1, **_others(now.by_child)}, None)
    refresh_analysis()
    analysis = analysis_of(world.programme, world.top)
    counted = overdue_in(world.programme, world.top, children, waiting=5_001, analysis=analysis)
    assert (counted.total, counted.by_child) == (1, {world.unions[0].pk: 1})
    assert counted.computed_at == analysis.computed_at is not None
    here = overdue_in(world.programme, world.grassroots[0], [], waiting=2, analysis=analysis)
    assert (here.total, here.by_child) == (1, {})


def _others(by_child: dict[int, int]) -> dict[int, int]:
    """The children without overdue work, if they are named at all."""
    return {pk: n for pk, n in by_child.items() if not n}
