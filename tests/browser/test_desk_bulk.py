"""Many decided at once, in a real browser, by a worker in a process of its own; and the desk by the rules of axe."""

from __future__ import annotations

from time import perf_counter, sleep

import pytest
from django.db.models import Count
from playwright.sync_api import Page, expect

from sangkien.initiatives.actions import mark_valid, return_initiative
from sangkien.initiatives.bulk import prepare_bulk
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import BulkDecision, Event, Flag, Initiative
from sangkien.initiatives.states import EventKind, ReasonCode, State
from tests.browser.conftest import Visit
from tests.browser.desk_world import make_waiting, worker
from tests.browser.test_accessibility import WIDTHS, Inspector
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLENTY = 120_000  # milliseconds: a busy machine is no reason to fail


def confirm_all(page: Page) -> None:
    """Go from the queue to the confirmation that all of it is valid."""
    page.goto("/ban-lam-viec/?chon=1")
    page.locator("[name=pham-vi][value=tat-ca]").click()
    page.locator("[name=decision][value=valid]").check()
    page.locator("[name=with_benefit]").check()
    page.locator("[name=buoc][value=xem]").click()


def decided_twice() -> int:
    """Return how many initiatives have more than the one event of their decision."""
    found = Event.objects.exclude(kind=EventKind.SUBMITTED).values("initiative_id").annotate(n=Count("*"))
    return found.filter(n__gt=1).count()


def test_five_thousand_are_decided_while_the_bar_goes_on(visit: Visit, world: World) -> None:
    make_waiting(world, 5_000)
    page = visit(world.officer, width=1280)
    confirm_all(page)
    expect(page.locator(".bulk-facts dd").first).to_have_text("5.000")
    assert not Event.objects.filter(kind=EventKind.VALIDATED).exists()
    with worker():
        started = perf_counter()
        page.locator("[name=buoc][value=lam]").click()
        expect(page.get_by_role("progressbar")).to_have_attribute("max", "5000")
        page.wait_for_function("() => document.querySelector('progress').value > 0", timeout=PLENTY)
        expect(page.locator("[data-done]")).to_have_text("5.000", timeout=PLENTY)
        taken = perf_counter() - started
    expect(page.locator("button.btn-bad")).to_have_count(0)
    assert Initiative.objects.filter(state=State.VALID, benefit_verified=12_500_000).count() == 5_000
    assert decided_twice() == 0
    print(f"5,000 decided at once: {taken:.1f} s with the start of the process")


def test_a_worker_killed_in_the_middle_goes_on_without_double_events(visit: Visit, world: World) -> None:
    make_waiting(world, 5_000)
    page = visit(world.officer, width=1280)
    confirm_all(page)
    page.locator("[name=buoc][value=lam]").click()
    made = BulkDecision.objects.get()
    with worker() as first:
        while not Event.objects.filter(kind=EventKind.VALIDATED).exists():
            sleep(0.01)
            assert first.poll() is None
        first.kill()
        first.wait()
    made.refresh_from_db()
    assert 0 < made.done < 5_000
    assert made.finished_at is None
    page.goto(f"/ban-lam-viec/hang-loat/{made.pk}/")
    expect(page.get_by_role("progressbar")).to_be_visible()
    with worker():
        expect(page.locator("[data-done]")).to_have_text("5.000", timeout=PLENTY)
        expect(page.locator("button.btn-bad")).to_have_count(0, timeout=PLENTY)
    assert Initiative.objects.filter(state=State.VALID).count() == 5_000
    assert decided_twice() == 0


def test_marking_with_the_keyboard_and_what_is_left_out(visit: Visit, world: World) -> None:
    make_waiting(world, 4)
    page = visit(world.officer, width=1280)
    page.goto("/ban-lam-viec/")
    for _ in range(3):
        page.keyboard.press("x")
        code = str(page.locator("[data-item]").get_attribute("data-code"))
        page.keyboard.press("j")
        page.wait_for_function("code => document.querySelector('[data-item]').dataset.code !== code", arg=code)
    expect(page.locator("[data-marked]")).to_have_text("3")
    page.locator("[name=pham-vi][value=chon]").click()
    page.locator("[name=decision][value=invalid]").check()
    page.locator("[name=buoc][value=xem]").click()
    expect(page.locator("#id_note_error, #id_reason_error")).to_have_count(2)
    page.locator("[name=reason]").select_option("duplicate")
    page.locator("[name=note]").fill("Trùng với sáng kiến đã gửi.")
    page.locator("[name=buoc][value=xem]").click()
    expect(page.get_by_text("Trùng với sáng kiến đã gửi.")).to_be_visible()
    meanwhile = Initiative.objects.order_by("due_at").first()
    assert meanwhile
    mark_valid(actor=world.officer, initiative_id=meanwhile.pk)
    page.locator("[name=buoc][value=lam]").dblclick()
    with worker():
        expect(page.locator("[data-skipped]")).to_have_text("1", timeout=PLENTY)
        expect(page.get_by_role("link", name=code_of(meanwhile.pk))).to_be_visible(timeout=PLENTY)
    assert BulkDecision.objects.count() == 1
    assert Initiative.objects.filter(state=State.INVALID).count() == 2


@pytest.mark.parametrize("width", [360, 1280])
def test_many_at_once_without_scripts(visit: Visit, world: World, width: int) -> None:
    make_waiting(world, 3)
    page = visit(world.officer, width=width, scripts=False)
    confirm_all(page)
    page.locator("[name=buoc][value=sua]").click()
    expect(page.locator("[name=decision][value=valid]")).to_be_checked()
    page.locator("[name=buoc][value=xem]").click()
    page.locator("[name=buoc][value=lam]").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.locator("button.btn-bad").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    assert BulkDecision.objects.get().stopped
    assert Initiative.objects.filter(state=State.SUBMITTED).count() == 3


@WIDTHS
def test_axe_finds_nothing_serious_at_the_desk(visit: Visit, world: World, width: int) -> None:
    make_waiting(world, 6)
    first, second, third, *_rest = Initiative.objects.order_by("due_at")
    Initiative.objects.filter(pk=third.pk).update(flags=sum(Flag))
    mark_valid(actor=world.officer, initiative_id=first.pk)
    asked = {"authors": "Ghi rõ tỷ lệ"}
    reason = ReasonCode.MISSING_DOCUMENT
    return_initiative(actor=world.officer, initiative_id=second.pk, reason=reason, note="Thiếu", asked=asked)
    made = prepare_bulk(
        actor=world.officer, kind=EventKind.INVALIDATED, reason=ReasonCode.DUPLICATE, note="Trùng", numbers=[third.pk]
    )
    page = visit(world.officer, width=width)
    inspector = Inspector(page)
    inspector.look("the queue", "/ban-lam-viec/")
    inspector.look("the queue, marking", "/ban-lam-viec/?chon=1&muc=cho")
    inspector.look("the queue, just decided", f"/ban-lam-viec/{code_of(third.pk)}/?vua={code_of(first.pk)}.2")
    inspector.look("a filter that cannot be read", "/ban-lam-viec/?don-vi=khong-co&tuoi=x")
    inspector.look("nothing found", "/ban-lam-viec/?tim=khong-co-gi")
    inspector.look("what was returned", "/ban-lam-viec/?muc=bo-sung")
    inspector.look("what was decided", "/ban-lam-viec/?muc=xong")
    inspector.look("how far many have got", f"/ban-lam-viec/hang-loat/{made.pk}/")
    inspector.look("entered for others", "/ban-lam-viec/nhap-thay/")
    page.goto("/ban-lam-viec/?chon=1")
    page.locator("[name=pham-vi][value=tat-ca]").click()
    inspector.look("what to decide about many")
    page.locator("[name=decision][value=invalid]").check()
    page.locator("[name=buoc][value=xem]").click()
    inspector.look("what is missing")
    page.locator("[name=decision][value=valid]").check()
    page.locator("[name=buoc][value=xem]").click()
    inspector.look("what will happen to many")
    assert inspector.found == [], inspector.report()
