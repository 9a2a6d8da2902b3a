"""What people do, in a real browser, on a phone and on a PC, without JavaScript."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SUBMIT, TITLE, fill_all, sign_in, submit, wait_for_count
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_submits_one_and_the_count_rises_by_one(page: Page, world: World, folding: None) -> None:
    world.submit()
    wait_for_count(page, "1")
    sign_in(page, "member")
    page.goto("/gui/")
    fill_all(page)
    submit(page)
    expect(page.locator("main")).to_contain_text(TITLE)
    page.locator("main .btn-line[href^='/sang-kien/']").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("main")).to_contain_text("12,5 triệu")
    wait_for_count(page, "2")


def test_a_mistake_is_named_at_its_field_and_everything_typed_is_kept(page: Page, world: World) -> None:
    sign_in(page, "member")
    page.goto("/gui/")
    fill_all(page, applied_on="31/02/2026")
    page.fill("[name=benefit]", "nhiều lắm")
    page.click(SUBMIT)
    assert "/gui/" in page.url
    for name in ("applied_on", "benefit"):
        expect(page.locator(f"#faults a[href='#id_{name}']")).to_be_visible()
        expect(page.locator(f"[name={name}]")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#id_{name}_error .note-no")).to_be_visible()
    assert page.input_value("[name=benefit]") == "nhiều lắm"
    assert page.input_value("[name=solution]").startswith("Lắp lưỡi gạt")
    assert page.input_value("[name=applied_on]") == "31/02/2026"


def test_an_officer_finds_an_initiative_valid_and_the_board_says_so(page: Page, world: World, folding: None) -> None:
    from sangkien.initiatives.codes import code_of

    initiative = world.submit()
    sign_in(page, "officer")
    page.goto(f"/sang-kien/{code_of(initiative.pk)}/")
    page.click("main form button.btn-ok, main form button[value=valid]")
    expect(page.locator("main")).to_contain_text("Hợp lệ")
    for _try in range(40):
        page.goto("/bang-xep-hang/HNI/")
        if "1" in page.locator("main").inner_text() and page.locator("table").count():
            break
        time.sleep(0.25)
    expect(page.locator("main")).to_contain_text("HNI-001")


def test_a_visitor_asks_for_another_moment_and_a_mistyped_one_is_explained(page: Page, world: World) -> None:
    page.goto("/?den=32/13/2022")
    expect(page.locator("main")).to_contain_text(re.compile("không", re.I))
    page.goto("/?den=24h00 31/12/2099")
    expect(page.locator("main")).to_contain_text("chưa đến")


@pytest.mark.parametrize(
    "address", ["/", "/bang-xep-hang/", "/don-vi/HNI/", "/sang-kien/", "/gui/", "/dang-nhap/", "/cach-tinh/"]
)
def test_no_page_is_wider_than_the_screen(page: Page, world: World, address: str) -> None:
    for _n in range(2):
        world.submit()
    page.goto(address)
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], f"{address} is {widths[0]} px wide on a screen of {widths[1]} px"
