"""Passkeys in a real browser, with an authenticator that the browser pretends to have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone with JavaScript and a screen lock, at an address where passkeys work."""
    context = browser.new_context(
        base_url=live_server.url.replace("127.0.0.1", "localhost"), viewport={"width": 360, "height": 780}
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def sign_in(page: Page, username: str) -> None:
    page.goto("/dang-nhap/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", "mat-khau-thu")
    page.locator("form:has([name=login]) .btn-primary").click()
    page.wait_for_url(re.compile(r"^(?!.*/dang-nhap/$)"))


def add_passkey(page: Page, *, alone: bool) -> None:
    page.goto("/tai-khoan/bao-mat/khoa/them/")
    page.set_checked("[name=passwordless]", alone)
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/ma-du-phong/")


def sign_out(page: Page) -> None:
    page.goto("/dang-xuat/")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"^(?!.*dang-xuat)"))


def test_a_passkey_signs_in_by_itself(phone: Page, world: World) -> None:
    sign_in(phone, "member")
    add_passkey(phone, alone=True)
    sign_out(phone)
    phone.goto("/dang-nhap/?next=/tai-khoan/")
    phone.locator("form[data-passkey] button").click()
    phone.wait_for_url(re.compile(r"/tai-khoan/$"))
    expect(phone.locator("main")).to_contain_text(world.member.full_name)


def test_a_passkey_is_the_second_factor_of_an_officer(phone: Page, world: World, settings: object) -> None:
    settings.OFFICERS_NEED_SECOND_FACTOR = True  # type: ignore[attr-defined]
    sign_in(phone, "officer")
    expect(phone).to_have_url(re.compile("/tai-khoan/bao-mat/$"))
    add_passkey(phone, alone=False)
    sign_out(phone)
    sign_in(phone, "officer")
    expect(phone).to_have_url(re.compile("/dang-nhap/buoc-hai/$"))
    phone.locator("form[data-passkey] button").click()
    phone.wait_for_url(re.compile(r"^(?!.*dang-nhap)"))
    phone.goto("/tai-khoan/")
    expect(phone.locator("main")).to_contain_text(world.officer.full_name)


def test_without_an_answer_of_the_authenticator_it_is_said_and_one_can_go_on(phone: Page, world: World) -> None:
    phone.goto("/dang-nhap/")
    phone.evaluate("void (navigator.credentials.get = () => Promise.reject(new Error('cancelled')))")
    phone.locator("form[data-passkey] button").click()
    expect(phone.locator("form[data-passkey] [role=alert]")).to_be_visible()
    sign_in(phone, "member")
