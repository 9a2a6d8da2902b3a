"""However often and from wherever it is sent: one form makes one initiative, and nothing that was typed is lost."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from sangkien.initiatives.models import Draft, Initiative
from tests.browser.conftest import Visit
from tests.browser.steps import (
    PASSWORD,
    RECEIPT,
    SOLUTION,
    SUBMIT,
    TITLE,
    UNSAVED,
    Line,
    fill_all,
    fill_what,
    first_used,
    sign_in,
    submit,
    wait_until_saved,
)
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
scripts = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


def whole_draft(world: World) -> Draft:
    """Save a draft in which nothing is missing."""
    return world.make_draft(
        title=TITLE,
        kind="technical_solution",
        field="MOKS",
        problem="Băng tải hay kẹt.",
        solution=SOLUTION,
        applied_on=first_used(),
        benefit="12,5 triệu",
        recognised_by="Hội đồng sáng kiến Công ty Than",
        authors="1",
        author1_name="Nguyễn Văn member",
        author1_category="enterprise_worker",
        author1_share="100",
        step="4",
    )


def open_draft(page: Page, draft: Draft) -> Page:
    page.goto(f"/gui/{draft.pk}/#buoc-4")
    return page


def sent() -> int:
    """Return how many initiatives have been made of the form of these journeys."""
    return Initiative.objects.filter(title=TITLE).count()


@scripts
def test_a_double_click_sends_once(visit: Visit, world: World, scripts: bool) -> None:
    page = visit(world.member, scripts=scripts)
    open_draft(page, whole_draft(world))
    page.dblclick(SUBMIT)
    page.wait_for_url(RECEIPT)
    assert sent() == 1


@scripts
def test_back_and_sent_again_is_still_one(visit: Visit, world: World, scripts: bool) -> None:
    page = visit(world.member, width=1280, scripts=scripts)
    page.goto("/gui/")
    fill_all(page)
    submit(page)
    page.go_back()
    if page.locator(SUBMIT).is_visible():  # without scripts: a new form, with nothing in it
        page.click(SUBMIT)
        expect(page.locator("#faults")).to_be_visible()
    assert sent() == 1


def test_the_same_request_that_comes_twice_leads_to_the_same_receipt(visit: Visit, world: World) -> None:
    page = open_draft(visit(world.member, scripts=False), whole_draft(world))
    with page.expect_request(lambda request: request.method == "POST") as caught:
        submit(page)
    request = caught.value
    headers = {name: request.headers[name] for name in ("content-type", "referer", "origin") if name in request.headers}
    again = page.context.request.post(request.url, data=request.post_data_buffer or b"", headers=headers)
    assert again.url == page.url
    assert sent() == 1


@scripts
def test_a_form_in_two_tabs_that_is_sent_in_both_is_one(visit: Visit, world: World, scripts: bool) -> None:
    draft = whole_draft(world)
    first = open_draft(visit(world.member, scripts=scripts), draft)
    second = open_draft(first.context.new_page(), draft)
    submit(first)
    submit(second)
    assert first.url == second.url
    assert sent() == 1


@scripts
def test_two_devices_with_the_same_draft_make_one(visit: Visit, world: World, scripts: bool) -> None:
    draft = whole_draft(world)
    phone, pc = (visit(world.member, width=width, scripts=scripts) for width in (360, 1280))
    for page in (phone, pc):
        open_draft(page, draft)
    pc.fill("[name=solution]", "Lắp lưỡi gạt ba tầng.")
    phone.click(SUBMIT, no_wait_after=True)
    pc.click(SUBMIT, no_wait_after=True)
    phone.wait_for_url(RECEIPT)
    pc.wait_for_url(RECEIPT)
    assert phone.url == pc.url
    assert sent() == 1


def test_two_tabs_do_not_overwrite_each_other_silently(visit: Visit, world: World) -> None:
    draft = whole_draft(world)
    first = open_draft(visit(world.member, width=1280), draft)
    second = open_draft(first.context.new_page(), draft)
    first.fill("[name=solution]", "Bản của trang thứ nhất.")
    wait_until_saved(first, solution="Bản của trang thứ nhất.")
    second.fill("[name=solution]", "Bản của trang thứ hai.")
    expect(second.locator("[data-conflict]")).to_be_visible(timeout=10_000)
    expect(second.locator("[name=solution]")).to_have_value("Bản của trang thứ hai.")
    assert Draft.objects.get().typed["solution"] == "Bản của trang thứ nhất."
    second.click("[data-keep-mine]")
    wait_until_saved(second, solution="Bản của trang thứ hai.")
    first.fill("[name=problem]", "Băng tải kẹt mỗi ca.")
    expect(first.locator("[data-conflict]")).to_be_visible(timeout=10_000)
    first.click("[data-take-theirs]")
    expect(first.locator("[name=solution]")).to_have_value("Bản của trang thứ hai.")
    expect(first.locator("[data-conflict]")).to_be_hidden()


def test_two_tabs_without_scripts_are_told_before_anything_is_overwritten(visit: Visit, world: World) -> None:
    draft = whole_draft(world)
    first = open_draft(visit(world.member, width=1280, scripts=False), draft)
    second = open_draft(first.context.new_page(), draft)
    for page, text in ((first, "Bản của trang thứ nhất."), (second, "Bản của trang thứ hai.")):
        page.fill("[name=solution]", text)
        page.click(".form-bar [value=save]")
    expect(second.locator("[data-conflict]")).to_be_visible()
    expect(second.locator("[name=solution]")).to_have_value("Bản của trang thứ hai.")
    assert Draft.objects.get().typed["solution"] == "Bản của trang thứ nhất."
    second.click("[data-keep-mine]")
    assert Draft.objects.get().typed["solution"] == "Bản của trang thứ hai."


def test_what_is_typed_after_the_session_has_expired_is_there_again(visit: Visit, world: World) -> None:
    page = visit(world.member, width=1280)
    page.goto("/gui/")
    fill_what(page)
    wait_until_saved(page, solution=SOLUTION)
    Session.objects.all().delete()
    page.fill("[name=novelty]", "Trước đây chưa ai làm.")
    sign_in_again = page.locator(f"{UNSAVED} a")
    expect(sign_in_again).to_be_visible(timeout=10_000)
    sign_in_again.click()
    page.wait_for_url("**/dang-nhap/**")
    sign_in(page, "member")
    page.wait_for_url("**/gui/**")
    expect(page.locator("[name=novelty]")).to_have_value("Trước đây chưa ai làm.")
    expect(page.locator("[name=solution]")).to_have_value(SOLUTION)
    fill_all(page)
    submit(page)
    assert Initiative.objects.get(title=TITLE).novelty == "Trước đây chưa ai làm."


@scripts
def test_a_form_that_is_sent_after_the_session_has_expired_is_not_lost(
    visit: Visit, world: World, scripts: bool
) -> None:
    page = visit(world.member, width=1280, scripts=scripts)
    page.goto("/gui/")
    fill_all(page)
    Session.objects.all().delete()
    page.click(SUBMIT)
    page.wait_for_url("**/dang-nhap/**")
    sign_in(page, "member")
    page.wait_for_url("**/gui/**")
    assert sent() == 0
    submit(page)
    assert sent() == 1


def test_a_shared_computer_keeps_nothing(visit: Visit, world: World) -> None:
    page = visit(width=1280)
    line = Line(page, latency=0, kilobits=100_000)
    page.goto("/dang-nhap/")
    page.fill("[name=login]", "member")
    page.fill("[name=password]", PASSWORD)
    page.check("[name=shared]")
    page.locator("form:has([name=login]) .btn-primary").click()
    page.wait_for_url(re.compile(r"^(?!.*dang-nhap)"))
    page.goto("/gui/")
    fill_what(page)
    wait_until_saved(page, solution=SOLUTION)
    line.cut()
    page.fill("[name=novelty]", "Trước đây chưa ai làm.")
    expect(page.locator(UNSAVED)).to_be_visible(timeout=10_000)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    sessions = [one for one in page.context.cookies() if one["name"] == "sessionid"]
    assert [one["expires"] for one in sessions] == [-1]  # it ends with the browser
