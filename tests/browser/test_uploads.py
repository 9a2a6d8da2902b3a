"""Adding files to a draft: with progress, over a connection that breaks, and without the script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from sangkien.initiatives.files import files_of_draft
from sangkien.initiatives.models import Draft
from tests.browser.conftest import Visit
from tests.factories import World
from tests.initiatives.files import samples as s
from tests.initiatives.files.conftest import storage_folder

pytestmark = pytest.mark.browser
__all__ = ["storage_folder"]


def form(visit: Visit, world: World, draft: Draft | None) -> Page:
    """The step with the files, of a draft or of a new form."""
    page = visit(world.member)
    page.goto(f"/gui/{draft.pk}/#buoc-3" if draft else "/gui/#buoc-3")
    return page


def write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_several_files_go_one_after_another_over_a_connection_that_breaks(
    visit: Visit, world: World, tmp_path: Path
) -> None:
    draft = world.make_draft(title="Bộ gạt than")
    page = form(visit, world, draft)
    broken = []

    def breaking(route: Route) -> None:
        if "tu=262144" in route.request.url and len(broken) < 2:
            broken.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/tep/phan/**", breaking)
    contents = [s.pdf(900_000), s.photo(6)]
    names = [write(tmp_path, "quyết định.pdf", contents[0]), write(tmp_path, "ảnh.jpg", contents[1])]
    page.locator("#id_file").set_input_files(names)
    expect(page.locator("[data-files] li")).to_have_count(2, timeout=30_000)
    expect(page.locator("[data-uploads] li")).to_have_count(0)
    assert len(broken) == 2
    first = files_of_draft(draft)[0]
    assert (first.name, first.size) == ("quyết định.pdf", len(contents[0]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("[data-remove]").first.click()
    expect(page.locator("[data-files] li")).to_have_count(1)
    assert [file.name for file in files_of_draft(draft)] == ["ảnh.jpg"]


def test_what_is_refused_is_said_beside_the_field(visit: Visit, world: World, tmp_path: Path) -> None:
    draft = world.make_draft(title="Bộ gạt than")
    page = form(visit, world, draft)
    page.locator("#id_file").set_input_files(write(tmp_path, "x.pdf", s.SVG))
    expect(page.locator("#id_file_error")).to_contain_text("SVG")
    page.locator("#id_file").set_input_files(write(tmp_path, "y.pdf", bytes(21 * 1024 * 1024)))
    expect(page.locator("#id_file_error")).to_contain_text("20 MB")
    assert files_of_draft(draft) == []


def test_an_upload_is_cancelled(visit: Visit, world: World, tmp_path: Path) -> None:
    draft = world.make_draft(title="Bộ gạt than")
    page = form(visit, world, draft)
    page.route("**/tep/phan/?tep=*", lambda route: None)  # it never answers
    page.locator("#id_file").set_input_files(write(tmp_path, "x.pdf", s.pdf(500_000)))
    button = page.locator("[data-uploads] button")
    expect(button).to_have_count(1)
    button.click()
    expect(page.locator("[data-uploads] li")).to_have_count(0)
    expect(page.locator("#id_file")).to_be_focused()
    assert files_of_draft(draft) == []


def test_a_form_that_was_never_saved_is_saved_with_its_first_file(visit: Visit, world: World, tmp_path: Path) -> None:
    page = form(visit, world, None)
    page.locator("#id_file").set_input_files(write(tmp_path, "x.pdf", s.pdf()))
    expect(page.locator("[data-files] li")).to_have_count(1, timeout=15_000)
    draft = Draft.objects.get(owner=world.member)
    assert len(files_of_draft(draft)) == 1
