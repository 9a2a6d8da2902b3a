"""A worker with a cheap phone: signs up, fills the form, loses the network, comes back, submits, and is counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sangkien.initiatives.models import Author, Draft, Initiative
from tests.browser.conftest import Visit
from tests.browser.steps import (
    RECEIPT,
    SAVED,
    SOLUTION,
    SUBMIT,
    TITLE,
    UNSAVED,
    Line,
    code_sent_to,
    fill_all,
    fill_effect,
    fill_what,
    first_used,
    go_on,
    sign_up,
    submit,
    wait_for_count,
    wait_until_saved,
)
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "hoa@example.vn"
LATER = " Thêm chốt hãm để thay lưỡi nhanh."


def choose_unit(page: Page) -> None:
    """Find the unit by typing a part of its name without diacritics."""
    page.locator("#id_unit").press_sequentially("cong ty hni", delay=20)
    page.get_by_role("option").filter(has_text="HNI-001-0001").click()


def sent_initiative() -> Initiative:
    """Return the one initiative that was sent under the title of these journeys, as it is stored."""
    initiative = Initiative.objects.get(title=TITLE)
    assert initiative.submitter.full_name == "Nguyễn Thị Hoa"
    assert initiative.unit.code == "HNI-001-0001"
    assert initiative.benefit_claimed == 12_500_000
    author = Author.objects.get(initiative=initiative)
    assert (author.name, author.share) == ("Nguyễn Thị Hoa", 100)
    return initiative


def test_on_a_slow_network_that_is_lost_meanwhile(visit: Visit, world: World, folding: None) -> None:
    world.submit()
    page = visit()
    line = Line(page)
    wait_for_count(page, "1")
    sign_up(page, "Nguyễn Thị Hoa", ADDRESS)
    expect(page.locator("[name=author1_name]")).to_have_value("Nguyễn Thị Hoa")
    page.check("[name=author1_category][value=enterprise_worker]")
    choose_unit(page)
    go_on(page)
    fill_what(page)
    wait_until_saved(page, solution=SOLUTION)
    line.cut()
    page.locator("[name=solution]").press("End")
    page.locator("[name=solution]").press_sequentially(LATER)
    expect(page.locator(UNSAVED)).to_be_visible(timeout=10_000)
    go_on(page)
    fill_effect(page)
    go_on(page)
    page.click(SUBMIT)
    expect(page.locator(UNSAVED)).to_be_visible()
    assert "/gui/" in page.url
    assert Draft.objects.get().typed["solution"] == SOLUTION
    line.restore()
    wait_until_saved(page, solution=SOLUTION + LATER, benefit="12,5 triệu")
    submit(page)
    assert sent_initiative().solution == SOLUTION + LATER
    assert not Draft.objects.exists()
    wait_for_count(page, "2")


@pytest.mark.parametrize("width", [360, 1280])
def test_without_scripts(visit: Visit, world: World, folding: None, width: int) -> None:
    world.submit()
    page = visit(width=width, scripts=False)
    wait_for_count(page, "1")
    sign_up(page, "Nguyễn Thị Hoa", ADDRESS)
    fill_all(page, unit="CĐCS Công ty HNI-001")
    submit(page)
    sent_initiative()
    wait_for_count(page, "2")


class Keyboard:
    """Somebody who uses nothing but the keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def has(self, selector: str) -> bool:
        """Say whether the focus is on an element like this."""
        found: bool = self.page.evaluate("selector => document.activeElement.matches(selector)", selector)
        return found

    def tab_to(self, selector: str) -> None:
        """Press Tab until the focus is there: on what can be seen, and not too far away."""
        for _press in range(40):
            if self.has(selector):
                assert self.page.locator(f"{selector}:focus").first.bounding_box()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    def type_into(self, selector: str, text: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.type(text)

    def press_at(self, selector: str, key: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press(key)


def test_with_the_keyboard_alone(visit: Visit, world: World) -> None:
    page = visit()
    keys = Keyboard(page)
    page.goto("/")
    keys.press_at("details.menu summary", "Enter")
    keys.press_at('details.menu a[href="/dang-ky/"]', "Enter")
    page.wait_for_url("**/dang-ky/")
    keys.type_into("[name=full_name]", "Nguyễn Thị Hoa")
    keys.type_into("[name=contact]", ADDRESS)
    keys.press_at("[name=consent]", "Space")
    page.keyboard.press("Enter")
    page.locator("[name=code]").wait_for()
    assert keys.has("[name=code]")
    page.keyboard.type(code_sent_to(ADDRESS))
    page.keyboard.press("Enter")
    page.wait_for_url("**/gui/**")
    fill_by_keys(page, keys)
    keys.press_at(SUBMIT, "Enter")
    page.wait_for_url(RECEIPT)
    sent_initiative()


def fill_by_keys(page: Page, keys: Keyboard) -> None:
    """Fill the form in its four steps."""
    keys.press_at("[name=author1_category]", "Space")
    page.keyboard.press("ArrowDown")
    keys.type_into("#id_unit", "cong ty hni")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#id_unit")).to_have_value("CĐCS Công ty HNI-001")
    keys.press_at("[data-next]", "Enter")
    expect(page.locator("#h-2")).to_be_focused()
    keys.type_into("[name=title]", TITLE)
    keys.press_at("[name=kind]", "Space")
    keys.press_at("[name=field]", "ArrowDown")
    keys.type_into("[name=problem]", "Băng tải hay kẹt.")
    keys.type_into("[name=solution]", SOLUTION)
    keys.type_into("[name=applied_on]", first_used())
    keys.press_at("[data-next]", "Space")
    expect(page.locator("#h-3")).to_be_focused()
    keys.type_into("[name=benefit]", "12,5 triệu")
    keys.type_into("[name=recognised_by]", "Hội đồng sáng kiến Công ty Than")
    keys.press_at("[data-next]", "Enter")
    expect(page.locator("#h-4")).to_be_focused()
    expect(page.locator("[data-review] .missing")).to_have_count(0)
    expect(page.locator(SAVED)).to_be_visible()
