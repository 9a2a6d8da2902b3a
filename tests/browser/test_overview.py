"""The overview of a unit in a real browser: its figures, sorting and filtering, what is unusual, and the sheet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from sangkien.core import clock
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import BenefitNorm, Initiative
from sangkien.tally.fold import fold_all
from sangkien.tally.patterns import FEWEST_UNITS, refresh_patterns
from tests.browser.conftest import Visit
from tests.factories import World, make_target, make_unit

OVERVIEW = "/ban-lam-viec/tong-quan/"
BOARD = "/bang-xep-hang/"


@pytest.fixture
def sent(world: World) -> list[Initiative]:
    """One text from five units of the first federation and one of the second; one of them is valid. Targets of both."""
    units = [make_unit(f"HNI-001-1{number:03}", world.districts[0]) for number in range(FEWEST_UNITS)]
    sent = [world.submit(unit) for unit in (*units, world.grassroots[1])]
    mark_valid(actor=world.officer, initiative_id=sent[0].pk)
    for unit, value in zip(world.unions, (4, 20), strict=False):
        make_target(world.programme, unit, value, phase=world.phase)
    BenefitNorm.objects.create(
        programme=world.programme, field=world.fields[0], median=10, count=30, computed_at=clock.now()
    )
    fold_all()
    refresh_patterns()
    return sent


def rows(page: Page, kind: str) -> dict[str, tuple[str, str]]:
    """How many each unit of a board has submitted, and its progress, as they are written there, by its name."""
    found = {}
    for row in page.locator(f"{kind} tbody tr:has(.c-u a)").all():
        cells = [row.locator(cell).inner_text().strip() for cell in (".c-u a", ".c-s", ".c-p")]
        found[cells[0]] = (cells[1], cells[2])
    return found


def names(page: Page) -> list[str]:
    """The units of the overview's table that are shown, in their order."""
    return page.locator(".ov-children tbody tr[data-name]:visible .c-u a").all_inner_texts()


def test_its_figures_are_those_of_the_public_board_and_of_the_sheet(
    world: World, sent: list[Initiative], visit: Visit
) -> None:
    page = visit(world.officer, width=1280)
    page.goto(OVERVIEW)
    here = rows(page, ".ov-children")
    assert sorted(here.values()) == [("0", "–"), ("1", "5,0%"), ("5", "125,0%")]
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bảng tính").click()
    sheet = CalamineWorkbook.from_path(str(download.value.path())).get_sheet_by_index(1).to_python()
    for name, (submitted, _progress) in here.items():
        row = next(one for one in sheet if name in one[:2])
        assert int(submitted) in row[2:4]
    page.goto(BOARD)
    assert rows(page, ".board") == here


def test_the_units_below_sort_and_filter_at_once(world: World, sent: list[Initiative], visit: Visit) -> None:
    page = visit(world.officer, width=1280)
    page.goto(OVERVIEW)
    hanoi, thanh_hoa, hcm = (unit.name_vi for unit in world.unions)
    assert names(page) == [hanoi, thanh_hoa, hcm]
    page.locator(".ov-children thead [data-by=name]").click()
    assert names(page) == sorted((hanoi, thanh_hoa, hcm))
    page.locator("#ov-only").select_option("behind")
    assert names(page) == [thanh_hoa]
    expect(page.locator("[data-count]")).to_contain_text("1")
    page.reload()  # the address remembers it
    assert names(page) == [thanh_hoa]
    page.locator("#ov-only").select_option("")
    page.locator(".ov-filter button").click()
    page.locator("#ov-words").fill("hni")
    expect(page.locator(".ov-children tbody tr[data-name]:visible")).to_have_count(1)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_pattern_leads_to_the_initiatives_behind_it(
    world: World, sent: list[Initiative], visit: Visit, scripts: bool
) -> None:
    page = visit(world.officer, scripts=scripts)
    page.goto(OVERVIEW)
    page.locator(".ov-patterns a").first.click()
    page.wait_for_url(f"**{OVERVIEW}bat-thuong/**")
    codes = page.locator(".ov-behind .code").all_inner_texts()
    assert sorted(codes) == sorted(code_of(one.pk) for one in sent)
    page.locator(".ov-behind th a").first.click()
    page.wait_for_url("**/sang-kien/SK-**")
