"""Finding units: by any name they are known by, with diacritics or without, and by their place in the tree."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sangkien.core.errors import NotFound
from sangkien.core.vietnamese import search_key
from sangkien.units.models import Cluster, ClusterMembership, Succession, SuccessionKind, Unit
from sangkien.units.queries import (
    MAX_QUERY_LENGTH,
    ancestors,
    ancestors_of,
    children_ever,
    clusters_of,
    get_unit,
    is_open_on,
    root,
    search_units,
)
from tests.factories import LONG_AGO, World, make_unit, make_world

DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def daklak(world: World) -> Unit:
    unit = make_unit(
        "DLK", world.top, name_vi="Liên đoàn Lao động tỉnh Đắk Lắk", other_names=["Đắc Lắc", "Buôn Ma Thuột"]
    )
    names = " ".join([unit.code, unit.name_vi, *unit.other_names])
    Unit.objects.filter(pk=unit.pk).update(search_key=search_key(names))
    return unit


@pytest.mark.parametrize(
    "query",
    [
        "Đắk Lắk",
        "dak lak",
        "DAK LAK",
        "đắk",
        "  dak   lak ",
        "Dac Lac",
        "Buôn Ma Thuột",
        "buon ma",
        "dlk",
        "DLK",
        "ĐẮK-LẮK",
        "dak\0 lak",
    ],
)
def test_a_unit_is_found_by_every_name_with_diacritics_or_without(daklak: Unit, query: str) -> None:
    assert search_units(query) == [daklak]
    assert search_units(unicodedata.normalize("NFD", query)) == [daklak]


@pytest.mark.parametrize("query", ["", "   ", "%", "_", "\\", "'", "\0", "không có đâu", "x" * 10_000])
def test_what_nobody_is_called_finds_nothing(daklak: Unit, query: str) -> None:
    assert search_units(query) == []


def test_a_query_is_cut_and_not_refused(daklak: Unit) -> None:
    assert search_units("dak lak" + " " * MAX_QUERY_LENGTH + "nonsense") == [daklak]


def test_the_highest_level_comes_first_and_no_more_than_asked_for(world: World) -> None:
    found = search_units("HNI")
    assert [u.code for u in found] == ["HNI", "HNI-001", "HNI-001-0001"]
    assert search_units("HNI", limit=2) == found[:2]


@pytest.fixture
def named(world: World) -> dict[str, Unit]:
    names = ("CĐCS Nhà máy 10", "CĐCS Công ty May 10", "CĐCS Công ty May 101", "CĐCS Trường Bà Định")
    return {name: make_unit(f"HNI-001-{n:04}", world.districts[0], name_vi=name) for n, name in enumerate(names, 20)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("may 10", ["CĐCS Công ty May 10", "CĐCS Công ty May 101", "CĐCS Nhà máy 10"]),  # by alphabet
        ("máy 10", ["CĐCS Nhà máy 10", "CĐCS Công ty May 10", "CĐCS Công ty May 101"]),  # as it was typed
        ("10 công ty", ["CĐCS Công ty May 10"]),  # in whatever order
        ("may 101", ["CĐCS Công ty May 101"]),
        ("công t", ["CĐCS Công ty May 10", "CĐCS Công ty May 101"]),  # the last word may be begun only
        ("côn ty", []),
        ("bà đ", ["CĐCS Trường Bà Định"]),
        ("đinh ba", ["CĐCS Trường Bà Định"]),
    ],
)
def test_every_word_must_be_there_and_the_likeliest_comes_first(
    named: dict[str, Unit], query: str, found: list[str]
) -> None:
    assert [unit.name_vi for unit in search_units(query) if unit.name_vi in named] == found


def test_a_unit_comes_first_by_its_code(named: dict[str, Unit], world: World) -> None:
    Unit.objects.filter(pk=world.unions[1].pk).update(search_key="lien doan hni 001 0021")
    assert search_units("hni-001-0021")[0] == named["CĐCS Công ty May 10"]


def test_only_units_open_on_a_day_are_found_when_that_is_asked_for(world: World) -> None:
    unit = make_unit("U", world.top, name_vi="CĐCS Một", opened_on=date(2020, 1, 1), closed_on=date(2022, 4, 1))
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2022, 3, 31), date(2022, 4, 1)]
    assert [search_units("một", open_on=day) == [unit] for day in days] == [False, True, True, False]
    assert search_units("một") == [unit]


def test_only_units_at_or_below_some_are_found_however_many_others_there_are(
    named: dict[str, Unit], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sangkien.units.queries.MAX_RANKED", 1)
    last = make_unit("THA-MAY", world.unions[1], name_vi="CĐCS Nhà máy Cuối")
    assert search_units("may", within=[world.unions[1].pk]) == [last]
    assert search_units("tha", 1, within=[world.unions[1].pk]) == [world.unions[1]]
    assert search_units("hni", within=[world.unions[1].pk]) == search_units("may", within=[]) == []


def test_of_very_many_the_upper_levels_are_all_ranked_and_of_the_rest_the_first(
    named: dict[str, Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sangkien.units.queries.MAX_RANKED", 2)
    upper, lower = search_units("HNI")[:2], search_units("HNI")[2:]
    assert [unit.code for unit in upper] == ["HNI", "HNI-001"]
    assert len(lower) == 2  # of five
    assert lower == sorted(lower, key=lambda unit: unit.sort_key) == search_units("HNI")[2:]
    assert search_units("HNI-001", limit=1) == [upper[1]]


def test_an_upper_unit_comes_first_though_it_was_opened_last(named: dict[str, Unit], world: World) -> None:
    late = make_unit("MAY", world.unions[0], name_vi="Công đoàn ngành Dệt May")
    assert search_units("may", limit=1) == search_units("may", limit=3)[:1] == [late]
    assert search_units("máy", limit=2) == [named["CĐCS Nhà máy 10"], late]  # but not before what was typed


def test_a_code_comes_first_however_many_are_called_like_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangkien.units.queries.MAX_RANKED", 1)
    for number in range(3):
        make_unit(f"CTY-{number}", world.districts[0], name_vi="CĐCS Cty May")
    coded = make_unit("CTY", world.districts[1], name_vi="CĐCS Đúc", closed_on=LONG_AGO + DAY)
    assert search_units("cty", limit=1) == [coded]
    assert coded not in search_units("cty", open_on=LONG_AGO + DAY)


def test_a_search_is_one_statement_answered_from_the_indexes(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        search_units("công t", open_on=LONG_AGO)
    assert len(captured) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = str(cursor.fetchall())
    assert "on unit_words " in plan
    assert "on unit_upper_words " in plan
    assert "Seq Scan on units_unit" not in plan


# The commonest words of a portal with many units: every unit has some of them.
ALIKE = st.lists(st.sampled_from(("cong", "công", "ty", "may", "máy", "10", "c", "HNI")), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ALIKE, st.integers(1, 6))
def test_a_shorter_answer_is_the_beginning_of_a_longer_one(
    named: dict[str, Unit], words: list[str], limit: int
) -> None:
    query = " ".join(words)
    assert search_units(query, limit) == search_units(query, 50)[:limit]


def test_ancestors_of_several_take_one_query(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        above = ancestors_of([*world.grassroots, world.top])
    assert len(captured) == 1
    assert above[world.grassroots[2].pk] == ancestors(world.grassroots[2])
    assert above[world.top.pk] == []


def test_ancestors_stand_top_first_without_the_unit_itself(world: World) -> None:
    grassroots = world.grassroots[1]
    assert ancestors(grassroots) == [world.top, world.unions[1], world.districts[1]]
    assert ancestors(world.top) == []
    assert (world.top.level, grassroots.level) == (1, 4)


def test_the_root_is_the_unit_without_a_parent(world: World) -> None:
    assert root() == world.top


def test_there_need_not_be_a_tree(db: None) -> None:
    assert root() is None


def test_a_unit_is_got_by_its_code_alone(world: World) -> None:
    assert get_unit("HNI") == world.unions[0]
    for code in ("hni", "NOPE", "", "HNI\0"):
        with pytest.raises(NotFound) as refusal:
            get_unit(code)
        assert refusal.value.code == "unknown_unit"


def test_children_ever_holds_closed_ones_and_nobody_elses(world: World) -> None:
    closed = make_unit("CLO", world.unions[0], closed_on=LONG_AGO + DAY)
    assert set(children_ever(world.unions[0])) == {world.districts[0], closed}


def test_a_unit_is_open_from_its_first_day_to_the_day_before_it_closes(world: World) -> None:
    unit = make_unit("U", world.top, opened_on=date(2020, 1, 1), closed_on=date(2022, 4, 1))
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2022, 3, 31), date(2022, 4, 1)]
    assert [is_open_on(unit, day) for day in days] == [False, True, True, False]


def test_a_unit_competes_in_the_cluster_of_the_day_and_a_closed_one_keeps_its_last(world: World) -> None:
    first = world.clusters[0]
    second = Cluster.objects.create(code="B", name_vi="B", name_en="B", short_vi="B", short_en="B")
    moving, loose, closed = world.unions
    change = date(2022, 4, 1)
    ClusterMembership.objects.filter(unit=moving).update(until=change)
    ClusterMembership.objects.create(cluster=second, unit=moving, since=change)
    ClusterMembership.objects.filter(unit=loose).update(until=change)
    ClusterMembership.objects.create(cluster=second, unit=closed, since=LONG_AGO, until=change)
    closed.closed_on = change

    def on(day: date) -> list[Cluster | None]:
        found = clusters_of(world.unions, day)
        return [found.get(unit.pk) for unit in world.unions]

    assert on(change - DAY) == [first, first, second]
    assert on(change) == [second, None, second]
    assert on(LONG_AGO - DAY) == [None, None, None]


@pytest.mark.parametrize("changes", [{"closed_on": LONG_AGO - DAY}, {"members": -1}, {"code": "THA"}], ids=str)
def test_a_unit_that_makes_no_sense_is_refused(world: World, changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=world.unions[0].pk).update(**changes)


def test_a_unit_follows_another_once_and_never_itself(world: World) -> None:
    one, two, _three = world.unions
    merger = {"kind": SuccessionKind.MERGER, "on": date(2025, 7, 1)}
    Succession.objects.create(predecessor=one, successor=two, **merger)
    for predecessor, successor in ((one, two), (one, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Succession.objects.create(predecessor=predecessor, successor=successor, **merger)


def test_a_unit_competes_in_one_cluster_at_a_time(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ClusterMembership.objects.create(cluster=world.clusters[0], unit=world.unions[0], since=date(2022, 1, 1))
