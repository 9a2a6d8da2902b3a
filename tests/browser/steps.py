"""What people do at the portal, step by step, told once for every journey."""

from __future__ import annotations

import re
import time
from datetime import timedelta

from django.core import mail
from playwright.sync_api import Page, expect

from sangkien.core import clock
from sangkien.initiatives.models import Draft

PASSWORD = "mat-khau-thu"  # as tests.factories gives it to everybody
SUBMIT = "#sheet .form-bar [value=submit]"
RECEIPT = re.compile(r"/sang-kien/SK-[^/]+/bien-nhan/$")
SAVED = "[data-saved]:not(.unsaved) b"
UNSAVED = "[data-saved].unsaved"

TITLE = "Cải tiến cơ cấu gạt than rơi vãi"
PROBLEM = "Băng tải hay kẹt, phải dừng ca để dọn."
SOLUTION = "Lắp lưỡi gạt hai tầng có lò xo nén, gia công tại xưởng."


def first_used() -> str:
    """Return a day of first use that counts in the world of the tests, as people type it."""
    return (clock.day_of(clock.now()) - timedelta(days=30)).strftime("%d/%m/%Y")


def sign_in(page: Page, username: str) -> None:
    """Sign in through the form, wherever it has been come upon."""
    if "/dang-nhap/" not in page.url:
        page.goto("/dang-nhap/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=login]) .btn-primary").click()
    page.wait_for_url(re.compile(r"^(?!.*/dang-nhap/(\?.*)?$)"))


def code_sent_to(address: str) -> str:
    """Return the code of the newest letter to this address."""
    letter = next(one for one in reversed(mail.outbox) if address in one.to)
    found = re.search(r"\b\d{8}\b", str(letter.body))
    assert found, letter.body
    return found[0]


def sign_up(page: Page, name: str, address: str) -> None:
    """Sign up by e-mail with the code that was sent; it leads to the form."""
    page.goto("/dang-ky/")
    page.fill("[name=full_name]", name)
    page.fill("[name=contact]", address)
    page.check("[name=consent]")
    page.locator("form:has([name=contact]) .btn-primary").click()
    page.locator("[name=code]").wait_for()
    page.fill("[name=code]", code_sent_to(address))
    page.locator("form:has([name=code]) .btn-primary").click()
    page.wait_for_url("**/gui/**")


def go_on(page: Page) -> None:
    """Go to the next step, where the form is shown in steps."""
    button = page.locator("[data-next]")
    if button.is_visible():
        button.click()


def fill_who(page: Page, unit: str = "") -> None:
    """Say who made it; a unit is typed as people who have no list to choose from do: by its name or code."""
    page.check("[name=author1_category][value=enterprise_worker]")
    if unit:
        page.fill("#id_unit", unit)


def fill_what(page: Page, **changes: str) -> None:
    """Say what the solution is."""
    for name in ("title", "problem", "solution", "applied_on"):
        typed = {"title": TITLE, "problem": PROBLEM, "solution": SOLUTION, "applied_on": first_used()} | changes
        page.fill(f"[name={name}]", typed[name])
    page.check("[name=kind][value=technical_solution]")
    page.select_option("select[name=field]", index=1)


def fill_effect(page: Page, benefit: str = "12,5 triệu") -> None:
    """Say what it has brought and who recognised it."""
    page.fill("[name=benefit]", benefit)
    page.fill("[name=recognised_by]", "Hội đồng sáng kiến Công ty Than")


def fill_all(page: Page, unit: str = "", **changes: str) -> None:
    """Fill everything that is asked, up to the button that sends it."""
    fill_who(page, unit)
    go_on(page)
    fill_what(page, **changes)
    go_on(page)
    fill_effect(page)
    go_on(page)


def submit(page: Page) -> None:
    """Send the form and be led to the receipt."""
    page.click(SUBMIT)
    page.wait_for_url(RECEIPT)


def wait_for_count(page: Page, count: str) -> None:
    """Look at the front page until it shows this count: a second or two."""
    for _try in range(40):
        page.goto("/")
        shown = page.locator(".count-num").inner_text().strip()
        if shown == count:
            return
        time.sleep(0.25)
    raise AssertionError(f"the front page shows {shown}, not {count}")


def wait_until_saved(page: Page, **typed: str) -> Draft:
    """Wait until this has been saved in the only draft there is, and the bar says so; return the draft."""
    for _try in range(80):
        draft = Draft.objects.first()
        if draft and typed.items() <= draft.typed.items():
            expect(page.locator(SAVED)).to_be_visible()
            return draft
        page.wait_for_timeout(250)
    raise AssertionError(f"saved is {draft and draft.typed}")


class Line:
    """The network of one page, as a phone far from a mast has it: slow, or gone."""

    def __init__(self, page: Page, *, latency: int = 400, kilobits: int = 400) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Network.enable")
        self._slowness = {
            "latency": latency,  # ms
            "downloadThroughput": kilobits * 125,  # bytes/s
            "uploadThroughput": kilobits * 125,
        }
        self.restore()

    def cut(self) -> None:
        """Lose the connection."""
        self._devtools.send("Network.emulateNetworkConditions", {"offline": True, **self._slowness})

    def restore(self) -> None:
        """Have it back, as slow as it was."""
        self._devtools.send("Network.emulateNetworkConditions", {"offline": False, **self._slowness})
