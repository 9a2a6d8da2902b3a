"""What scripts add to the pages of targets and of the tree: a sum that is told at once, units found by typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sangkien.units.models import Role
from tests.factories import World, grant, make_person, make_target

TREE = "/ban-lam-viec/to-chuc/"


@pytest.fixture
def officer(world: World, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone with scripts, on which the administrator of everything has signed in."""
    person = make_person("quantri")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    client = Client()
    client.force_login(person)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 780}, locale="en-GB")
    context.set_default_timeout(10_000)
    for name, value in (
        (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value),
        (settings.LANGUAGE_COOKIE_NAME, "en"),
    ):
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_the_sum_is_told_while_one_types(officer: Page, world: World) -> None:
    make_target(world.programme, world.top, 1000, phase=world.phase)
    make_target(world.programme, world.unions[1], 300, phase=world.phase)
    officer.goto("/ban-lam-viec/chi-tieu/")
    said, tick = officer.locator("[data-sum]"), officer.locator("[data-uneven]")
    expect(said).to_have_text("They add up to 300: 700 less than the 1,000 assigned to the unit itself.")
    expect(tick).to_be_visible()
    officer.locator(f"#id_value_{world.unions[0].pk}").fill("700")
    expect(said).to_have_text("They add up to 1,000.")
    expect(tick).to_be_hidden()
    officer.locator(f"#id_value_{world.unions[2].pk}").fill("1.200")
    expect(said).to_have_text("They add up to 2,200: 1,200 more than the 1,000 assigned to the unit itself.")
    officer.locator(f"#id_value_{world.unions[2].pk}").fill("abc")
    expect(said).to_have_text("Not all of these are numbers.")


def test_a_unit_found_by_typing_is_gone_to_at_once(officer: Page) -> None:
    officer.goto(TREE)
    officer.get_by_role("combobox").first.press_sequentially("cong ty tha", delay=10)
    officer.get_by_role("option").first.click()
    officer.wait_for_url(f"**{TREE}THA-001-0001/")


def test_units_found_by_typing_join_the_list_of_those_that_merge(officer: Page) -> None:
    officer.goto(f"{TREE}sap-nhap/?don-vi=HNI")
    expect(officer.locator("#id_name_vi")).to_be_hidden()
    for _turn in range(2):  # the second time it is in the list already
        officer.locator("#id_add").press_sequentially("cong ty tha", delay=10)
        officer.get_by_role("option").first.click()
        expect(officer.locator("#id_add")).to_have_value("")
    assert [line.split()[0] for line in officer.locator("#id_units").input_value().splitlines()] == [
        "HNI",
        "THA-001-0001",
    ]
    officer.get_by_label("A new unit").check()
    expect(officer.locator("#id_name_vi")).to_be_visible()
    expect(officer.locator("#id_into")).to_be_hidden()
