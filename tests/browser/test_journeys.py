"""What people do, in a real browser, on a phone and on a PC, without JavaScript."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from sangkien.core import clock
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, username: str) -> None:
    """Sign in through the form."""
    page.goto("/dang-nhap/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", "mat-khau-thu")
    page.click("main button[type=submit], main form button")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def shown_count(page: Page) -> str:
    """Return the big figure of the front page, once the fold has had its second."""
    page.goto("/")
    return page.locator(".count-num").inner_text().strip()


def wait_for_count(page: Page, count: str) -> None:
    """Look at the front page until it shows this count: a second or two."""
    for _try in range(40):
        if shown_count(page) == count:
            return
        time.sleep(0.25)
    raise AssertionError(f"the front page shows {shown_count(page)}, not {count}")


def fill_initiative(page: Page, **changes: str) -> None:
    """Fill the form as a worker would."""
    day = clock.day_of(clock.now()) - timedelta(days=30)
    values = {
        "title": "Cải tiến cơ cấu gạt than rơi vãi",
        "problem": "Băng tải hay kẹt, phải dừng ca để dọn.",
        "solution": "Lắp lưỡi gạt hai tầng có lò xo nén, gia công tại xưởng.",
        "applied_on": day.strftime("%d/%m/%Y"),
        "benefit": "12,5 triệu",
        "recognised_by": "Hội đồng sáng kiến Công ty Than",
    } | changes
    for name, value in values.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=kind][value=technical_solution]")
    page.select_option("select[name=field]", index=1)
    page.check("[name=category][value=enterprise_worker]")


def test_a_member_submits_one_and_the_count_rises_by_one(page: Page, world: World, folding: None) -> None:
    world.submit()
    wait_for_count(page, "1")
    sign_in(page, "member")
    page.goto("/gui/")
    fill_initiative(page)
    page.click(".form-bar button")
    page.wait_for_url(re.compile(r"/sang-kien/SK-"))
    expect(page.locator("h1")).to_have_text("Cải tiến cơ cấu gạt than rơi vãi")
    expect(page.locator("main")).to_contain_text("12,5 triệu")
    wait_for_count(page, "2")


def test_a_mistake_is_named_at_its_field_and_everything_typed_is_kept(page: Page, world: World) -> None:
    sign_in(page, "member")
    page.goto("/gui/")
    fill_initiative(page, applied_on="31/02/2026", benefit="nhiều lắm")
    page.click(".form-bar button")
    assert "/gui/" in page.url
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
