from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sangkien.core import clock
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import published
from tests.factories import World
from tests.web.public.conftest import Page


def units_in(shown: str) -> list[str]:
    """The codes of the units on the board, from top to bottom."""
    return re.findall(r'class="c-u"><a href="/don-vi/([^/]+)/', shown)


def test_the_board_stands_by_cluster_with_the_units_in_none_last(world: World, page: Page) -> None:
    shown = page("/bang-xep-hang/")
    assert units_in(shown) == ["HNI", "THA", "HCM"]
    assert shown.index("Cụm các thành phố") < shown.index("Không thuộc cụm, khối")


def test_a_row_names_the_basis_of_its_target(world: World, page: Page) -> None:
    first, second = page("/bang-xep-hang/").split('<td role="cell" class="c-r n">')[1:3]
    assert "<small>đăng ký</small> 4" in first  # the registered target comes before the assigned one
    assert "75,0%" in first
    assert "<small>giao</small> 2" in second
    assert "100,0%" in second


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("rank", ["HNI", "THA", "HCM"]),
        ("progress", ["THA", "HNI", "HCM"]),
        ("valid", ["HNI", "THA", "HCM"]),
        ("benefit", ["HNI", "THA", "HCM"]),
        ("name", ["HCM", "HNI", "THA"]),
        ("nonsense", ["HNI", "THA", "HCM"]),
    ],
)
def test_one_list_can_be_sorted(world: World, page: Page, sort: str, order: list[str]) -> None:
    shown = page("/bang-xep-hang/", cum="tat-ca", xep=sort)
    assert units_in(shown) == order
    assert shown.count("aria-sort") == 1


def test_one_cluster_can_be_shown_alone(world: World, page: Page) -> None:
    assert units_in(page("/bang-xep-hang/", cum="CUM_TP")) == ["HNI", "THA"]


def test_an_unknown_cluster_or_phase_is_not_found(world: World, page: Page) -> None:
    assert "Không có cụm, khối nào mang mã này" in page("/bang-xep-hang/", status=404, cum="CUM_XX")
    page("/bang-xep-hang/", status=404, giai_doan="7")


def test_links_to_units_keep_the_moment_that_was_chosen(world: World, page: Page) -> None:
    day = clock.day_of(clock.now()) - timedelta(days=1)
    shown = page("/bang-xep-hang/", den=f"{day.day}/{day.month}/{day.year}")
    assert f'href="/don-vi/HNI/?den=24h00+{day.day}%2F{day.month}%2F{day.year}"' in shown
    assert 'href="/don-vi/HNI/"' in page("/bang-xep-hang/")


def test_places_gained_compare_with_the_moment_that_is_asked_for(world: World, page: Page) -> None:
    before = published()
    assert before is not None
    for _ in range(2):
        world.submit(world.grassroots[1])
    fold_all()
    shown = page("/bang-xep-hang/", language="en", so_voi=before.isoformat())
    assert units_in(shown) == ["THA", "HNI", "HCM"]
    up, down, same = re.findall(r'class="c-m">(.*?)</td>', shown, re.DOTALL)
    assert '1<span class="visually-hidden"> places up' in up
    assert '1<span class="visually-hidden"> places down' in down
    assert "unchanged" in same


def test_a_unit_that_nobody_had_heard_of_then_is_new(world: World, page: Page) -> None:
    since = clock.day_of(clock.now()) - timedelta(days=3)
    shown = page("/bang-xep-hang/", language="en", so_voi=f"{since.day}/{since.month}/{since.year}")
    assert f"Places gained or lost since 24:00 on {clock.format_date(since, 'en')}." in shown
    assert shown.count('<span class="move">new</span>') == 3


@pytest.mark.parametrize("asked", ["bao giờ", "1/1/2199", "1/1/1999"])
def test_a_moment_to_compare_with_that_does_not_fit_is_explained_beside_its_field(
    world: World, page: Page, asked: str
) -> None:
    shown = page("/bang-xep-hang/", status=422, so_voi=asked)
    assert 'id="so-voi-error"' in shown
    assert units_in(shown) == ["HNI", "THA", "HCM"]


def test_a_board_opens_downwards_and_adds_up_to_its_head(world: World, page: Page) -> None:
    world.submit(world.unions[0])
    fold_all()
    shown = page("/bang-xep-hang/HNI/", language="en")
    assert units_in(shown) == ["HNI-001"]
    sums = shown.split('class="sums"')[1]
    assert re.findall(r'<td role="cell" class="n[^"]*">(\d+)</td>', sums)[:2] == ["1", "0"]  # entered at HNI itself
    assert re.findall(r'<td role="cell" class="n big">(\d+)</td>', sums) == ["4"]


def test_without_targets_there_are_no_columns_for_progress(world: World, page: Page) -> None:
    assert 'class="c-b' not in page("/bang-xep-hang/HNI/")
    assert 'class="c-b' in page("/bang-xep-hang/")


def test_the_board_of_an_unknown_unit_is_not_found(world: World, page: Page) -> None:
    assert "Không có đơn vị nào mang mã này" in page("/bang-xep-hang/KHONG/", status=404)
