"""A unit is found by typing, with the keyboard or a finger, and what is sent is its code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sangkien.people.models import Person
from sangkien.units.actions import request_unit
from sangkien.units.queries import unit_of
from tests.factories import World, make_person


@pytest.fixture
def worker(world: World, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone with scripts, on which a worker without a unit has signed in."""
    person = make_person("worker")
    client = Client()
    client.force_login(person)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 780}, locale="vi-VN")
    context.set_default_timeout(10_000)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_with_the_keyboard_alone(worker: Page, world: World) -> None:
    worker.goto("/ho-so/don-vi/")
    field = worker.get_by_role("combobox").first
    field.focus()
    expect(field).to_have_attribute("aria-expanded", "false")
    worker.keyboard.type("cong ty hni", delay=10)
    options = worker.get_by_role("option")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("CĐCS Công ty HNI-001")
    expect(options).to_contain_text("HNI-001-0001")
    expect(field).to_have_attribute("aria-expanded", "true")
    worker.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("cong ty hni")
    worker.keyboard.press("ArrowDown")
    worker.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    marked = options.first.get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", str(marked))
    worker.keyboard.press("Enter")
    expect(field).to_have_value("CĐCS Công ty HNI-001")
    expect(worker.locator('input[type=hidden][name="unit"]')).to_have_value("HNI-001-0001")
    expect(field).to_be_focused()
    worker.keyboard.press("Enter")
    worker.wait_for_url("**/ho-so/")
    held = unit_of(account_of("worker"))
    assert held == world.grassroots[0]


def test_with_a_finger_and_a_change_of_mind(worker: Page, world: World) -> None:
    worker.goto("/ho-so/don-vi/")
    field = worker.get_by_role("combobox").first
    sent = worker.locator('input[type=hidden][name="unit"]')
    field.press_sequentially("hni-001", delay=10)
    expect(worker.get_by_role("option")).to_have_count(2)
    worker.get_by_role("option").nth(1).click()
    expect(sent).to_have_value("HNI-001-0001")
    field.press("End")
    field.press("Backspace")
    expect(sent).to_have_value("CĐCS Công ty HNI-00")  # no longer the one that was chosen
    field.fill("không có đâu")
    expect(worker.locator(".units-list .none")).to_be_visible()
    field.fill("T")
    expect(worker.locator(".units-list:visible")).to_have_count(0)


def test_what_is_typed_is_asked_for_once_and_an_old_answer_is_not_shown(worker: Page, world: World) -> None:
    asked: list[str] = []
    worker.on("request", lambda request: asked.append(request.url) if "/api/v1/units" in request.url else None)
    worker.goto("/ho-so/don-vi/")
    field = worker.get_by_role("combobox").first
    field.press_sequentially("cong ty tha", delay=20)
    expect(worker.get_by_role("option")).to_have_count(1)
    assert len(asked) == 1
    assert "limit=8" in asked[0]
    assert "open=true" in asked[0]


def test_both_fields_of_the_page_work_beside_each_other(worker: Page, world: World) -> None:
    worker.goto("/ho-so/don-vi/")
    worker.get_by_text("Đơn vị của tôi chưa có").or_(worker.locator("#chua-co summary")).first.click()
    above = worker.locator("#id_above")
    above.press_sequentially("hni-001", delay=10)
    worker.locator(".units-list:visible [role=option]").first.click()
    expect(worker.locator('input[type=hidden][name="above"]')).to_have_value("HNI-001")
    expect(worker.locator('input[type=hidden][name="unit"]')).to_have_value("")
    worker.locator("#id_name").fill("CĐCS Công ty May 10")
    worker.locator('button[value="request"]').click()
    expect(worker.locator(".note").filter(has_text="CĐCS Công ty May 10")).to_be_visible()


def test_a_page_with_a_code_at_first_shows_the_name(worker: Page, world: World) -> None:
    request_unit(actor=account_of("worker"), above=world.districts[0], name="CĐCS Mới")
    worker.goto("/ho-so/don-vi/")
    worker.evaluate(
        """() => {
        const row = document.createElement("form");
        row.innerHTML = '<input name="u" value="HNI-001" data-unit-name="Quận" data-unit-combobox>';
        document.querySelector("main").append(row);
        row.dispatchEvent(new Event("unit-fields", { bubbles: true }));
        const copy = row.cloneNode(true);
        copy.querySelector("[name]").name = "v";
        document.querySelector("main").append(copy);
        copy.dispatchEvent(new Event("unit-fields", { bubbles: true }));
    }"""
    )
    for name in ("u", "v"):
        expect(worker.locator(f'[name="{name}"]')).to_have_value("HNI-001")
    expect(worker.locator('input[role="combobox"]').nth(1)).to_have_value("Quận")


def account_of(username: str) -> Person:
    """The account with this name."""
    return Person.objects.get(username=username)
