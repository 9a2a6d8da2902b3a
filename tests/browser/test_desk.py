"""The officer's queue in a real browser: cleared by keyboard, shared by two, without scripts, and nothing lost."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from sangkien.initiatives.actions import mark_invalid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Event, Initiative
from sangkien.initiatives.states import EventKind, ReasonCode, State
from tests.browser.conftest import Visit, sign_in_at
from tests.browser.desk_world import make_waiting
from tests.factories import World, grant, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOTE = "Chưa thấy quyết định công nhận; đề nghị gửi kèm bản chụp có chữ ký."


def item(page: Page) -> Locator:
    return page.locator("[data-item]")


def open_code(page: Page) -> str:
    """Return the code of the initiative that is open."""
    return str(item(page).get_attribute("data-code"))


def wait_for_next(page: Page, before: str) -> None:
    """Wait until another initiative, or none, is open."""
    page.wait_for_function(
        "code => document.querySelector('[data-item]')?.dataset.code !== code"
        " && !document.querySelector('[data-desk][aria-busy]')",
        arg=before,
    )


def states() -> dict[str, int]:
    found = list(Initiative.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def test_two_hundred_are_cleared_with_the_keyboard_alone(visit: Visit, world: World) -> None:
    make_waiting(world, 200)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    expect(page.locator("[data-total]")).to_have_text("200")
    slowest, started = 0.0, perf_counter()
    for n in range(200):
        before, began = open_code(page), perf_counter()
        if n % 20 == 10:
            refuse_by_keys(page, "3")
        elif n % 20 == 15:
            refuse_by_keys(page, "2")
        else:
            page.keyboard.press("1")
        wait_for_next(page, before)
        slowest = max(slowest, perf_counter() - began)
    taken = perf_counter() - started
    expect(page.locator(".desk-empty")).to_be_visible()
    assert states() == {State.VALID: 180, State.INVALID: 10, State.RETURNED: 10}
    assert Event.objects.exclude(kind=EventKind.SUBMITTED).count() == 200
    assert slowest < 3
    print(f"200 cleared by keyboard: {taken / 200:.2f} s each, the slowest {slowest:.2f} s")


def refuse_by_keys(page: Page, key: str) -> None:
    """Press 2 or 3, choose a reason where the desk asks for it, write the sentence, send."""
    page.keyboard.press(key)
    expect(page.locator("[name=reason]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[name=note]")).to_be_focused()
    page.keyboard.insert_text(NOTE)
    page.keyboard.press("Control+Enter")


def test_keys_move_write_and_undo_and_never_fire_in_a_field(visit: Visit, world: World) -> None:
    make_waiting(world, 4)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    first = open_code(page)
    page.keyboard.press("j")
    wait_for_next(page, first)
    second = open_code(page)
    page.keyboard.press("ArrowUp")
    wait_for_next(page, second)
    assert open_code(page) == first
    page.keyboard.press("n")
    page.keyboard.type("123 jkzx/?")
    expect(page.locator("[name=note]")).to_have_value("123 jkzx/?")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    wait_for_next(page, first)
    page.keyboard.press("k")
    wait_for_next(page, second)
    expect(page.locator("[name=note]")).to_have_value("123 jkzx/?")
    assert states() == {State.SUBMITTED: 4}
    page.keyboard.press("1")
    wait_for_next(page, first)
    expect(page.locator("[data-undo]")).to_contain_text(first)
    expect(page.locator("[data-total]")).to_have_text("3")
    assert f"vua={first}.2" in page.url
    page.reload()
    expect(page.locator("[data-undo]")).to_contain_text(first)
    second = open_code(page)
    page.keyboard.press("z")
    wait_for_next(page, second)
    assert open_code(page) == first
    assert states() == {State.SUBMITTED: 4}
    expect(page.locator("[data-undo-state]")).to_contain_text(f"Đã hoàn tác: {first}")
    expect(page.locator("[data-undo] button")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("[data-find]")).to_be_focused()


def test_the_bar_says_what_was_undone_and_names_what_would_be_undone_next(visit: Visit, world: World) -> None:
    make_waiting(world, 3)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    first = open_code(page)
    page.keyboard.press("1")
    wait_for_next(page, first)
    second = open_code(page)
    page.keyboard.press("1")
    wait_for_next(page, second)
    third = open_code(page)
    page.keyboard.press("z")
    wait_for_next(page, third)
    expect(page.locator("[data-undo-state]")).to_contain_text(f"Đã hoàn tác: {second}")
    expect(page.locator("[data-undo] button")).to_contain_text(first)
    expect(page.locator("[data-undo-code]")).to_be_empty()
    page.keyboard.press("1")
    wait_for_next(page, second)
    expect(page.locator("[data-undo-code]")).to_have_text(second)
    expect(page.locator("[data-undo-next]")).to_be_empty()


@pytest.mark.parametrize("is_edited", [False, True])
def test_a_note_that_undoing_brought_back_does_not_go_along_with_valid(
    visit: Visit, world: World, *, is_edited: bool
) -> None:
    make_waiting(world, 2)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    first = open_code(page)
    refuse_by_keys(page, "3")
    wait_for_next(page, first)
    second = open_code(page)
    page.reload()
    page.keyboard.press("z")
    wait_for_next(page, second)
    expect(page.locator("[name=note]")).to_have_value(NOTE)
    expect(page.locator("[name=reason]")).not_to_have_value("")
    page.keyboard.press("j")
    wait_for_next(page, first)
    page.keyboard.press("k")
    wait_for_next(page, second)
    expect(page.locator("[name=note]")).to_have_value(NOTE)
    if is_edited:
        page.locator("[name=note]").fill("Đã thấy quyết định.")
        page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("1")
        wait_for_next(page, first)
        page.keyboard.press("z")
        wait_for_next(page, second)
    found = Event.objects.filter(kind=EventKind.VALIDATED).values_list("note", "reason")
    assert list(found) == [("Đã thấy quyết định." if is_edited else "", "")] * 2


def test_what_is_filled_in_is_no_longer_called_wrong(visit: Visit, world: World) -> None:
    make_waiting(world, 2)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    page.keyboard.press("2")
    expect(page.locator("#id_note_error, #id_reason_error")).to_have_count(2)
    page.locator("[name=note]").fill(NOTE)
    expect(page.locator("#id_note_error")).to_have_count(0)
    expect(page.locator("#id_reason_error")).to_have_count(1)
    page.locator("[name=reason]").select_option("duplicate")
    expect(page.locator("#id_reason_error, [aria-invalid]")).to_have_count(0)


def test_the_second_of_two_officers_is_told_and_loses_nothing(visit: Visit, world: World) -> None:
    make_waiting(world, 2)
    colleague = make_person("colleague", full_name="Trần Văn Bình")
    grant(colleague, world.unions[0])
    mine, theirs = visit(world.officer, width=1280), visit(colleague, width=1280)
    for page in (mine, theirs):
        page.goto("/ban-lam-viec/")
    code = open_code(mine)
    assert open_code(theirs) == code
    theirs.keyboard.press("1")
    wait_for_next(theirs, code)
    mine.locator("[name=note]").fill(NOTE)
    mine.locator("[name=reason]").select_option("missing_document")
    mine.locator("button[value=invalid]").click()
    fault = mine.locator("[data-fault]")
    expect(fault).to_be_visible()
    expect(fault).to_contain_text("Trần Văn Bình")
    assert open_code(mine) == code
    expect(item(mine)).to_have_attribute("data-state", "valid")
    expect(mine.locator("[name=note]")).to_have_value(NOTE)
    assert Event.objects.filter(initiative__state=State.VALID).count() == 2


def test_a_double_click_decides_once(visit: Visit, world: World) -> None:
    make_waiting(world, 3)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    code = open_code(page)
    page.locator("button[value=valid]").dblclick()
    wait_for_next(page, code)
    page.wait_for_timeout(300)
    assert Event.objects.filter(kind=EventKind.VALIDATED).count() == 1


def test_a_long_note_outlives_the_session_and_is_sent_after_signing_in_again(
    visit: Visit, world: World, live_server: object
) -> None:
    make_waiting(world, 2)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    code = open_code(page)
    long_note = NOTE * 20
    page.locator("[name=note]").fill(long_note)
    page.locator("[name=reason]").select_option("incomplete")
    Session.objects.all().delete()
    page.locator("button[value=return]").click()
    expect(page.locator("[data-fault] a[href^='/dang-nhap/']")).to_be_visible()
    expect(page.locator("[name=note]")).to_have_value(long_note)
    assert states() == {State.SUBMITTED: 2}
    sign_in_at(page, world.officer, page.url)
    page.locator("button[value=return]").click()
    wait_for_next(page, code)
    assert Event.objects.get(kind=EventKind.RETURNED).note == long_note


def test_a_lost_connection_keeps_everything_in_place(visit: Visit, world: World) -> None:
    make_waiting(world, 2)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    code = open_code(page)
    page.locator("[name=note]").fill(NOTE)
    page.context.set_offline(True)
    page.locator("button[value=valid]").click()
    expect(page.locator("[data-fault]")).to_be_visible()
    expect(page.locator("[name=note]")).to_have_value(NOTE)
    page.context.set_offline(False)
    page.locator("button[value=valid]").click()
    wait_for_next(page, code)
    assert Event.objects.get(kind=EventKind.VALIDATED).note == NOTE


@pytest.mark.parametrize("width", [360, 1280])
def test_the_queue_works_without_scripts(visit: Visit, world: World, width: int) -> None:
    make_waiting(world, 4)
    page = visit(world.officer, width=width, scripts=False)
    page.goto("/ban-lam-viec/?muc=cho")
    first = open_code(page)
    page.locator("button[value=invalid]").click()
    expect(page.locator("#id_note_error, #id_reason_error")).to_have_count(2)
    assert states() == {State.SUBMITTED: 4}
    page.locator("[name=note]").fill(NOTE)
    page.locator("[name=reason]").select_option("duplicate")
    page.locator("button[value=invalid]").click()
    page.wait_for_url(re.compile(rf"/ban-lam-viec/SK-[^/]+/\?muc=cho&vua={first}\.2"))
    assert open_code(page) != first
    page.locator("[data-undo] button").click()
    page.wait_for_url(re.compile(rf"/ban-lam-viec/{first}/\?muc=cho"))
    assert states() == {State.SUBMITTED: 4}
    page.locator("button[value=valid]").click()
    page.get_by_role("link", name=re.compile("Sáng kiến số 3")).click()
    assert item(page).get_attribute("data-title") == "Sáng kiến số 3"


def test_a_stale_form_without_scripts_keeps_the_note(visit: Visit, world: World) -> None:
    make_waiting(world, 1)
    one = Initiative.objects.get()
    page = visit(world.officer, width=1280, scripts=False)
    page.goto(f"/ban-lam-viec/{code_of(one.pk)}/")
    colleague = make_person("colleague", full_name="Trần Văn Bình")
    grant(colleague, world.top)
    mark_invalid(actor=colleague, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    page.locator("[name=note]").fill(NOTE)
    page.locator("button[value=valid]").click()
    expect(page.get_by_text("Trần Văn Bình")).to_be_visible()
    expect(page.locator("textarea[readonly]")).to_have_value(NOTE)
    assert states() == {State.INVALID: 1}


def test_on_a_phone_one_goes_from_the_list_to_the_initiative_and_decides(visit: Visit, world: World) -> None:
    make_waiting(world, 3)
    page = visit(world.officer, width=360)
    page.goto("/ban-lam-viec/")
    page.get_by_role("link", name=re.compile("Sáng kiến số 1")).tap()
    expect(item(page)).to_have_attribute("data-title", "Sáng kiến số 1")
    expect(page.locator("#bai")).to_be_in_viewport()
    button = page.locator("button[value=valid]")
    expect(button).to_be_in_viewport()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    code = open_code(page)
    button.tap()
    wait_for_next(page, code)
    expect(page.locator("#bai")).to_be_in_viewport()
    assert states() == {State.SUBMITTED: 2, State.VALID: 1}
