"""An officer with a second factor returns an initiative, and the worker puts right what was asked: without scripts."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect
from pytest_django import Settings

from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
from tests.browser.conftest import Visit
from tests.browser.steps import SOLUTION, SUBMIT, sign_in
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def set_up_app(page: Page) -> None:
    """Set up an authenticator app with the key that the page shows, and type what it shows."""
    page.goto("/tai-khoan/bao-mat/ung-dung/")
    key = page.locator("code.secret").inner_text().replace(" ", "")
    page.fill("[name=code]", format_hotp_value(hotp_value(key, int(time.time()) // 30)))
    page.locator("form:has([name=code]) .btn-primary").click()
    page.wait_for_url("**/ma-du-phong/")


@pytest.mark.parametrize("width", [360, 1280])
def test_what_the_officer_asks_stands_at_the_field_and_is_sent_again(
    visit: Visit, world: World, settings: Settings, width: int
) -> None:
    settings.OFFICERS_NEED_SECOND_FACTOR = True
    initiative = world.submit()
    address = f"/sang-kien/{code_of(initiative.pk)}/"
    officer = visit(width=width, scripts=False)
    sign_in(officer, "officer")
    officer.goto(address)
    expect(officer).to_have_url(re.compile("/tai-khoan/bao-mat/$"))  # nothing before the second factor
    set_up_app(officer)
    officer.locator("main .btn-primary").click()
    officer.wait_for_url(f"**{address}")
    officer.locator("#quyet-dinh summary").click()
    officer.check("[name=asked_solution]")
    officer.fill("[name=asked_solution_note]", "Nêu rõ vật liệu của lưỡi gạt.")
    officer.fill("[name=note]", "Giải pháp chưa đủ rõ.")
    officer.select_option("[name=reason]", ReasonCode.MISSING_DOCUMENT)
    officer.click("#quyet-dinh [value=return]")
    officer.wait_for_load_state()
    initiative.refresh_from_db()
    assert initiative.state == State.RETURNED

    worker = visit(world.member, width=width, scripts=False)
    worker.goto("/cua-toi/")
    worker.locator("form[action$='/sua/'] button").click()
    worker.wait_for_url("**/gui/**")
    expect(worker.locator("#id_solution_error")).to_contain_text("Nêu rõ vật liệu của lưỡi gạt.")
    expect(worker.locator("#id_problem_error")).not_to_contain_text("Nêu rõ")
    worker.fill("[name=solution]", SOLUTION + " Lưỡi gạt bằng thép mangan.")
    worker.click(SUBMIT)
    worker.wait_for_url(re.compile(r"/sang-kien/"))
    again = Initiative.objects.get()
    assert (again.pk, again.state) == (initiative.pk, State.SUBMITTED)
    assert again.solution.endswith("thép mangan.")
    officer.goto(address)
    expect(officer.locator("main")).to_contain_text("thép mangan.")
    expect(officer.locator("#quyet-dinh [value=valid]")).to_be_visible()
