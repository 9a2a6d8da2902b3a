"""Files of an initiative: with progress, over a broken connection, refused when they lie, seen by those who may."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import FilePayload, Page, Request, expect

from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Attachment, DraftFile, Initiative, Upload
from tests.browser.conftest import Visit
from tests.browser.steps import Line, fill_all, fill_effect, fill_what, go_on, submit
from tests.factories import World, make_person
from tests.initiatives.files.samples import SVG, pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "Quyết định công nhận.pdf"


def file_of(content: bytes, name: str = NAME) -> FilePayload:
    """Return a file as somebody picks it on their device."""
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def open_third_step(page: Page) -> None:
    """Open a new form where files are added."""
    page.goto("/gui/")
    page.check("[name=author1_category][value=enterprise_worker]")
    go_on(page)
    fill_what(page)
    go_on(page)


def wait_until_there(page: Page, name: str = NAME) -> None:
    """Wait until the file stands in the list of the draft."""
    expect(page.locator("[data-files] li")).to_contain_text(name, timeout=30_000)


def parts_sent(page: Page) -> list[int]:
    """Return a list that fills with where each part begins that the page sends."""
    begun: list[int] = []

    def note(request: Request) -> None:
        begun.extend(int(start) for start in parse_qs(urlsplit(request.url).query).get("tu", []))

    page.on("request", note)
    return begun


def test_a_file_goes_on_where_the_connection_broke(visit: Visit, world: World) -> None:
    content = pdf(2_000_000)
    page = visit(world.member)
    line = Line(page, latency=50, kilobits=6_000)
    begun = parts_sent(page)
    open_third_step(page)
    page.set_input_files("#id_file", files=[file_of(content)])
    bar = page.locator("[data-uploads] progress")
    expect(bar).to_have_attribute("value", re.compile("[1-9]"))
    line.cut()
    lost = page.locator("[data-upload]").get_attribute("data-t-lost")
    expect(page.locator("[data-uploads] li")).to_contain_text(str(lost))
    received = Upload.objects.get().received
    assert 0 < received < len(content)
    before = len(begun)
    line.restore()
    wait_until_there(page)
    assert begun[before] >= received
    assert begun.count(0) == 1
    assert DraftFile.objects.get().sha256 == hashlib.sha256(content).hexdigest()
    expect(page.locator("[data-uploads] li")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_file_that_lies_is_refused_with_a_sentence_and_the_rest_is_kept(
    visit: Visit, world: World, scripts: bool
) -> None:
    page = visit(world.member, scripts=scripts)
    open_third_step(page)
    fill_effect(page)
    page.set_input_files("#id_file", files=[file_of(SVG)])
    if not scripts:
        page.click("[data-plain]")
    error = page.locator("#id_file_error")
    expect(error).to_be_visible()
    assert len(error.inner_text()) > 20
    assert "id_file_error" in str(page.locator("#id_file").get_attribute("aria-describedby"))
    expect(page.locator("#id_file")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=benefit]")).to_have_value("12,5 triệu")
    assert not DraftFile.objects.exists()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_file_is_added_removed_and_seen_by_those_who_may(visit: Visit, world: World, scripts: bool) -> None:
    content = pdf(60_000)
    page = visit(world.member, scripts=scripts)
    open_third_step(page)
    for name in ("nhầm.pdf", NAME):
        page.set_input_files("#id_file", files=[file_of(pdf(3_000) if name == "nhầm.pdf" else content, name)])
        if not scripts:
            page.click("[data-plain]")
        expect(page.locator("[data-files] li").filter(has_text=name)).to_be_visible()
    page.locator("[data-files] li").filter(has_text="nhầm.pdf").locator("button").click()
    expect(page.locator("[data-files] li")).to_have_count(1)
    if scripts:
        fill_effect(page)
        go_on(page)
    else:
        fill_all(page)
    submit(page)
    initiative = Initiative.objects.get()
    assert [one.name for one in Attachment.objects.filter(initiative=initiative)] == [NAME]
    address = f"/sang-kien/{code_of(initiative.pk)}/"
    page.goto(address)
    link = page.locator("#tep + ul a")
    expect(link).to_contain_text(NAME)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == NAME
    assert download.value.path().read_bytes() == content
    file = str(link.get_attribute("href"))
    for stranger in (None, make_person("stranger")):
        client = Client()
        if stranger:
            client.force_login(stranger)
        assert client.get(file).status_code in (302, 404)
        other = visit(stranger, scripts=scripts)
        other.goto(address)
        expect(other.locator("h1")).to_be_visible()
        expect(other.locator("#tep")).to_have_count(0)
