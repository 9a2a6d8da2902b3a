"""What people type for a unit means what is open today, or what has followed it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.initiatives.models import Initiative
from sangkien.units.models import Succession, SuccessionKind, Unit
from sangkien.web.member.workplaces import FEW, units_by_text, units_like
from tests.factories import LONG_AGO, World, follow, make_unit
from tests.web.member.conftest import Paper, Typed


@pytest.fixture
def mine(world: World) -> Unit:
    return make_unit("HNI-001-0002", world.districts[0], name_vi="CĐCS Mỏ than Nà Dương")


@pytest.fixture
def renewed(world: World) -> Unit:
    return make_unit("HNI-001-0003", world.districts[0], name_vi="CĐCS Than Lạng Sơn")


def close(unit: Unit) -> None:
    Unit.objects.filter(pk=unit.pk).update(closed_on=clock.day_of(clock.now()))


@pytest.mark.parametrize("typed", ["CĐCS Mỏ than Nà Dương", "cdcs mo than na duong", "hni-001-0002", "mo than"])
def test_a_unit_is_meant_by_its_code_or_name(mine: Unit, typed: str) -> None:
    assert units_like(typed) == [mine]


@pytest.mark.parametrize("typed", ["CĐCS Mỏ than Nà Dương", "mỏ than", "hni-001-0002"])
def test_a_closed_unit_is_not_offered(mine: Unit, typed: str) -> None:
    close(mine)
    assert units_like(typed) == []
    assert units_by_text([typed]) == {}


def test_a_unit_that_opens_tomorrow_is_not_offered(world: World) -> None:
    make_unit("NEW", world.top, name_vi="CĐCS Mới", opened_on=clock.day_of(clock.now()) + timedelta(days=1))
    assert units_like("mới") == []


def test_its_code_means_a_closed_unit_still_because_a_correction_may_leave_it(mine: Unit, renewed: Unit) -> None:
    follow(mine, renewed)
    assert units_like("HNI-001-0002") == [Unit.objects.get(pk=mine.pk)]


@pytest.mark.parametrize("typed", ["CĐCS Mỏ than Nà Dương", "mo than na", "mỏ than"])
def test_whoever_types_the_old_name_means_what_followed_over_however_many_steps(
    world: World, mine: Unit, renewed: Unit, typed: str
) -> None:
    last = make_unit("LAST", world.districts[1], name_vi="CĐCS Khoáng sản")
    follow(mine, renewed)
    follow(renewed, last)
    assert units_like(typed) == [last]


def test_an_old_name_that_several_follow_offers_them_all(world: World, mine: Unit, renewed: Unit) -> None:
    other = make_unit("OTHER", world.districts[1], name_vi="CĐCS Khoáng sản")
    follow(mine, renewed)
    Succession.objects.create(
        predecessor=mine, successor=other, kind=SuccessionKind.SPLIT, on=clock.day_of(clock.now())
    )
    assert set(units_like("cđcs mỏ than nà dương")) == {renewed, other}
    assert units_by_text(["cđcs mỏ than nà dương"]) == {}


def test_what_followed_stands_behind_open_units_that_are_like_it(world: World, mine: Unit, renewed: Unit) -> None:
    open_one = make_unit("HNI-001-0004", world.districts[0], name_vi="CĐCS Mỏ than Núi Béo")
    follow(mine, renewed)
    assert units_like("mỏ than") == [open_one, renewed]
    assert units_like("CĐCS Mỏ than Nà Dương") == [renewed]  # just what it was called


def test_an_open_unit_of_the_name_comes_before_what_followed_a_closed_one(world: World, mine: Unit) -> None:
    follow(mine, world.grassroots[1])
    namesake = make_unit("THA-001-0009", world.districts[1], name_vi=mine.name_vi)
    assert units_like(mine.name_vi) == [namesake]
    assert units_by_text([mine.name_vi, "Mỏ", "Xưởng cơ khí"]) == {mine.name_vi: namesake}


def test_no_more_are_offered_than_can_be_looked_through(world: World) -> None:
    for number in range(FEW + 3):
        make_unit(f"M{number:02}", world.districts[0], name_vi=f"CĐCS Mỏ {number:02}")
    assert len(units_like("mỏ")) == FEW


def test_many_closed_units_take_as_many_queries_as_one(world: World, renewed: Unit) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert units_like("mỏ than") == [renewed]
        return len(queries)

    for number in range(4):
        follow(make_unit(f"M{number}", world.districts[0], name_vi=f"CĐCS Mỏ than {number}"), renewed)
        if not number:
            first = asked()
    assert asked() == first


def test_units_of_one_name_are_told_apart_by_what_stands_above_them(world: World, paper: Paper, typed: Typed) -> None:
    for district in world.districts[:2]:
        make_unit(f"{district.code}-0002", district, name_vi="CĐCS Trường Kim Đồng")
    page = paper.send(typed | {"unit": "trường kim đồng"}).content.decode()
    group = page[page.index('role="radiogroup"') :]
    for district in world.districts[:2]:
        place = f"{district.short_name} · {district.parent.short_name if district.parent else ''}"
        assert f'{place} · <span class="num">{district.code}-0002' in group


def test_what_is_offered_takes_as_many_queries_for_many_as_for_two(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for unit in units_like("cdcs cong ty"):
                assert unit.parent is not None
                assert unit.parent.parent is not None
        return len(queries)

    Unit.objects.filter(pk=world.grassroots[2].pk).update(closed_on=LONG_AGO + timedelta(days=1))
    two = asked()
    for number in range(5):
        make_unit(f"M{number}", world.districts[0], name_vi=f"CĐCS Công ty {number}")
    assert asked() == two


def test_an_initiative_sent_under_an_old_name_counts_for_what_followed(
    world: World, paper: Paper, typed: Typed, mine: Unit, renewed: Unit
) -> None:
    follow(mine, renewed)
    answer = paper.send(typed | {"unit": "mỏ than nà dương", "author2_unit": mine.name_vi})
    assert answer.status_code == 303
    made = Initiative.objects.get()
    assert made.unit == renewed
    assert [author.unit for author in made.authors.all()] == [renewed, renewed]
