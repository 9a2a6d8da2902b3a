"""axe finds nothing serious on any page of the journey, on a phone and on a PC."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from sangkien.initiatives.actions import return_initiative
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.files import add_file
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.notices.consumer import take_all
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.tally.fold import fold_all
from sangkien.units.actions import request_unit
from tests.browser.conftest import Visit
from tests.browser.steps import SUBMIT, Line, code_sent_to, fill_what, go_on, sign_in
from tests.factories import World, make_person
from tests.initiatives.files.samples import pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Axe()
OPEN_EVERYTHING = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
WIDTHS = pytest.mark.parametrize("width", [360, 1280])


@dataclass
class Inspector:
    """Looks at one state of a page after another, and keeps what is wrong."""

    page: Page
    found: list[str] = field(default_factory=list)

    def look(self, state: str, address: str = "") -> None:
        """Open the address, if one is given, and note every fault that is serious or worse."""
        if address:
            answer = self.page.goto(address)
            assert answer
            assert answer.ok, f"{address} answers {answer.status}"
            assert urlsplit(self.page.url).path == urlsplit(address).path, f"{address} leads to {self.page.url}"
        self.page.wait_for_load_state("load")
        self.page.evaluate(OPEN_EVERYTHING)
        results: dict[str, Any] = AXE.run(self.page).response
        assert results["testEngine"]["name"] == "axe-core"
        for rule in results["violations"]:
            if rule["impact"] in ("serious", "critical"):
                places = [" ".join(map(str, node["target"])) + ": " + node["failureSummary"] for node in rule["nodes"]]
                self.found.append(f"{state}: {rule['id']} ({rule['impact']})\n    " + "\n    ".join(places[:4]))
        widths = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if widths[0] > widths[1]:
            self.found.append(f"{state} is {widths[0]} px wide on a screen of {widths[1]} px")

    def report(self) -> str:
        return "\n".join(self.found)


@pytest.fixture
def person(world: World) -> Person:
    """A worker with an address, a unit and a category."""
    Person.objects.filter(pk=world.member.pk).update(category=Category.ENTERPRISE_WORKER)
    return world.member


@pytest.fixture
def sent(world: World, person: Person) -> Initiative:
    """An initiative with two authors, a file and everything that can be said of one; its member has a draft, too."""
    colleague = AuthorInput(name="Lê Văn Nam", category=Category.ENTERPRISE_WORKER, share=40, contact="nam@example.vn")
    principal = AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=60)
    draft = world.make_draft()
    add_file(actor=person, draft_id=draft.pk, name="Quyết định.pdf", stream=BytesIO(pdf(5_000)))
    initiative = world.submit(
        authors=[principal, colleague], key=draft.pk, novelty="Chưa ai làm.", confidential_parts="Bản vẽ số 2."
    )
    world.make_draft()
    fold_all()
    take_all()
    return initiative


@WIDTHS
def test_signing_up_and_in(visit: Visit, world: World, width: int) -> None:
    page = visit(width=width)
    eye = Inspector(page)
    eye.look("sign-up", "/dang-ky/")
    page.locator("form:has([name=contact]) .btn-primary").click()
    expect(page.locator("[name=contact][aria-invalid]")).to_be_visible()
    eye.look("sign-up, with errors")
    page.fill("[name=full_name]", "Nguyễn Thị Hoa")
    page.fill("[name=contact]", "hoa@example.vn")
    page.check("[name=consent]")
    page.locator("form:has([name=contact]) .btn-primary").click()
    page.locator("[name=code]").wait_for()
    eye.look("code")
    page.fill("[name=code]", "000000")
    page.locator("form:has([name=code]) .btn-primary").click()
    expect(page.locator("[name=code][aria-invalid]")).to_be_visible()
    eye.look("code, wrong")
    page.fill("[name=code]", code_sent_to("hoa@example.vn"))
    page.locator("form:has([name=code]) .btn-primary").click()
    page.wait_for_url("**/gui/**")
    page.context.clear_cookies()
    eye.look("sign-in", "/dang-nhap/?next=/gui/")
    page.fill("[name=login]", "member")
    page.fill("[name=password]", "sai")
    page.locator("form:has([name=login]) .btn-primary").click()
    page.locator("main .note-no, main .error").first.wait_for()
    eye.look("sign-in, wrong")
    for address in ("/dang-nhap/ma/", "/dang-nhap/quen-mat-khau/"):
        eye.look(address, address)
    assert not eye.found, eye.report()


@WIDTHS
def test_the_form(visit: Visit, world: World, width: int) -> None:
    page = visit(make_person("worker"), width=width)
    line = Line(page, latency=0, kilobits=100_000)
    eye = Inspector(page)
    eye.look("a new form", "/gui/")
    if width < 768:
        page.locator("details.menu summary").click()
        eye.look("the menu")
        page.locator("details.menu summary").click()
    page.locator("#id_unit").press_sequentially("cong ty hni")
    expect(page.locator(".units-list [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    eye.look("units that fit")
    page.keyboard.press("Escape")
    page.click("[value=more_authors]")
    eye.look("two authors")
    go_on(page)
    eye.look("step 2")
    go_on(page)
    eye.look("step 3")
    go_on(page)
    eye.look("step 4")
    page.click(SUBMIT)
    page.locator("#faults").wait_for()
    for step in range(1, 5):
        page.evaluate("step => { location.hash = `buoc-${step}`; }", step)
        eye.look(f"step {step}, with errors")
    line.cut()
    page.evaluate("location.hash = 'buoc-2'")
    fill_what(page)
    page.locator("[data-saved].unsaved").wait_for()
    eye.look("without a network")
    assert not eye.found, eye.report()


@WIDTHS
def test_a_draft_that_was_saved_elsewhere(visit: Visit, world: World, person: Person, width: int) -> None:
    draft = world.make_draft()
    page = visit(person, width=width, scripts=True)
    eye = Inspector(page)
    page.goto(f"/gui/{draft.pk}/")
    page.evaluate("document.querySelector('[data-conflict]').hidden = false")
    page.evaluate("document.querySelector('[data-restored]').hidden = false")
    eye.look("conflict")
    eye.look("a new form, and a draft", "/gui/")
    assert not eye.found, eye.report()


@WIDTHS
def test_after_sending(visit: Visit, world: World, person: Person, sent: Initiative, width: int) -> None:
    page = visit(person, width=width)
    eye = Inspector(page)
    code = code_of(sent.pk)
    for name, address in {
        "receipt": f"/sang-kien/{code}/bien-nhan/",
        "mine": "/cua-toi/",
        "initiative": f"/sang-kien/{code}/",
        "withdraw": f"/sang-kien/{code}/rut/",
        "notices": "/thong-bao/",
        "preferences": "/thong-bao/tuy-chon/",
        "conditions": "/dieu-kien/",
        "profile": "/ho-so/",
        "workplace": "/ho-so/don-vi/",
    }.items():
        eye.look(name, address)
    page.goto(f"/sang-kien/{code}/rut/")
    page.locator("main .btn-bad").click()
    eye.look("withdraw, with errors")
    page.goto("/ho-so/don-vi/")
    page.locator("main [value=join]").click()
    eye.look("workplace, with errors")
    return_initiative(
        actor=world.officer,
        initiative_id=sent.pk,
        reason=ReasonCode.MISSING_DOCUMENT,
        note="Thiếu trang ký.",
        asked={"solution": "Nêu rõ vật liệu.", "attachments": "Trang có chữ ký."},
    )
    eye.look("mine, returned", "/cua-toi/")
    page.locator("form[action$='/sua/'] button").click()
    page.wait_for_url("**/gui/**")
    for step in range(1, 5):
        page.evaluate("step => { location.hash = `buoc-${step}`; }", step)
        eye.look(f"correction, step {step}")
    assert not eye.found, eye.report()


@WIDTHS
def test_an_account(visit: Visit, world: World, person: Person, width: int) -> None:
    page = visit(width=width)
    eye = Inspector(page)
    sign_in(page, "member")
    for address in (
        "/tai-khoan/",
        "/tai-khoan/email/",
        "/tai-khoan/dien-thoai/",
        "/tai-khoan/mat-khau/",
        "/tai-khoan/phien/",
        "/tai-khoan/bao-mat/",
        "/tai-khoan/bao-mat/ung-dung/",
        "/tai-khoan/bao-mat/khoa/them/",
        "/tai-khoan/lien-ket/",
        "/dang-xuat/",
    ):
        eye.look(address, address)
    assert not eye.found, eye.report()


@WIDTHS
def test_what_an_officer_sees(visit: Visit, world: World, sent: Initiative, width: int) -> None:
    request_unit(actor=make_person("newcomer"), above=world.districts[0], name="CĐCS Công ty May 10", note="")
    colleague = make_person("colleague")
    sent.authors.filter(number=2).update(person=colleague)
    page = visit(world.officer, width=width)
    eye = Inspector(page)
    for address in (f"/sang-kien/{code_of(sent.pk)}/", "/ban-lam-viec/don-vi/"):
        eye.look(f"an officer at {address}", address)
    page.goto(f"/sang-kien/{code_of(sent.pk)}/")
    page.click("#quyet-dinh [value=return]")
    page.locator("#quyet-dinh [role=alert]").wait_for()
    eye.look("a decision, with errors")
    other = visit(colleague, width=width)
    eye = Inspector(other, eye.found)
    eye.look("a co-author", f"/sang-kien/{code_of(sent.pk)}/")
    eye.look("a co-author's own", "/cua-toi/")
    assert not eye.found, eye.report()
