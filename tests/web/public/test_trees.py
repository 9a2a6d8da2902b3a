"""Boards and units as they stood, or under today's tree."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import published
from sangkien.units.actions import merge_units, rename_unit
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_unit
from tests.web.public.conftest import Page
from tests.web.public.test_boards import units_in

SWITCH = 'class="tree"'


def submitted_in(shown: str) -> dict[str, str]:
    """How many each unit on the board has submitted, as written."""
    rows = shown.split('<tr role="row">')
    pairs = [(units_in(row), re.search(r'class="c-s n big"[^>]*>([^<]*)<', row)) for row in rows]
    return {codes[0]: found[1] for codes, found in pairs if codes and found}


def merge(world: World, units: list[Unit], into: Unit) -> None:
    """Let ``into`` follow these units from today on."""
    today = clock.day_of(clock.now())
    merge_units(actor=world.officer, units=units, into=into, on=today, reason="Sắp xếp lại tổ chức.")


@pytest.fixture
def merged(world: World) -> World:
    """THA follows HNI from today on."""
    grant(world.officer, world.top, Role.UNIT_ADMINISTRATOR)
    merge(world, [world.unions[0]], world.unions[1])
    return world


def test_nothing_is_offered_where_nothing_was_reorganised(world: World, page: Page) -> None:
    for path in ("/bang-xep-hang/", "/bang-xep-hang/HNI/", "/don-vi/HNI/"):
        assert SWITCH not in page(path)
        assert SWITCH not in page(path, cay="hom-nay")


def test_the_board_stands_as_it_stood_unless_todays_tree_is_asked_for(merged: World, page: Page) -> None:
    as_it_stood = page("/bang-xep-hang/", cum="tat-ca", language="en")
    assert submitted_in(as_it_stood) == {"HNI": "3", "THA": "2", "HCM": "0"}
    assert submitted_in(page("/bang-xep-hang/", cum="tat-ca", cay="hom-qua")) == submitted_in(as_it_stood)
    today = page("/bang-xep-hang/", cum="tat-ca", cay="hom-nay", language="en")
    assert submitted_in(today) == {"THA": "5", "HCM": "0"}
    assert "counts here for the unit that follows it" in today
    assert "A figure of a past moment never changes." in as_it_stood
    for shown, name in ((as_it_stood, "as it stood"), (today, "under today’s tree")):
        switch = shown.split(SWITCH)[1].split("</nav>")[0]
        assert re.findall(r'aria-current="true">([^<]*)<', switch) == [name]


def test_todays_tree_holds_on_along_the_links_and_in_the_form(merged: World, page: Page) -> None:
    shown = page("/bang-xep-hang/", cay="hom-nay")
    assert 'href="/don-vi/THA/?cay=hom-nay"' in shown
    assert '<input type="hidden" name="cay" value="hom-nay">' in shown
    assert 'name="cay"' not in page("/bang-xep-hang/")
    unit = page("/don-vi/THA/", cay="hom-nay")
    assert 'href="/don-vi/HNI/"' in unit  # what it follows, as it stood: under today's tree that leads back here
    assert '<input type="hidden" name="cay" value="hom-nay">' in unit
    assert 'href="/bang-xep-hang/THA/?cay=hom-nay"' in unit
    moment = published()
    assert moment is not None
    chosen = page("/bang-xep-hang/", cay="hom-nay", den=clock.format_cutoff(moment, seconds=True))
    assert re.search(r'href="/don-vi/THA/\?den=[^"]+&(amp;)?cay=hom-nay"', chosen)


def test_a_row_whose_unit_has_closed_names_what_followed_it(merged: World, page: Page) -> None:
    row = page("/bang-xep-hang/", language="en").split('href="/don-vi/HNI/"')[1].split("</tr>")[0]
    assert re.search(r'followed by <a href="/don-vi/THA/">[^<]+THA</a>', row)
    assert "followed by" not in page("/bang-xep-hang/", cay="hom-nay", language="en")


def test_what_another_unit_follows_leads_to_that_unit_under_todays_tree(merged: World, client: Client) -> None:
    for path in ("/don-vi", "/bang-xep-hang"):
        answer = client.get(f"{path}/HNI/?cay=hom-nay&giai-doan=1")
        assert (answer.status_code, answer["Location"]) == (302, f"{path}/THA/?cay=hom-nay&giai-doan=1")
        assert client.get(f"{path}/HNI/").status_code == 200
        assert client.get(f"{path}/THA/?cay=hom-nay").status_code == 200


def test_a_unit_shows_what_counts_for_it_today(merged: World, page: Page) -> None:
    for language, figure in (("vi", "sáng kiến đã gửi"), ("en", "initiatives submitted")):
        for tree, count in (("", 2), ("hom-nay", 5)):
            shown = page("/don-vi/THA/", cay=tree, language=language)
            assert f"<dt>{figure}</dt><dd>{count}</dd>" in shown
    shown = page("/don-vi/THA/", cay="hom-nay")
    assert submitted_in(shown)["THA-001"] == "2"
    assert sorted(submitted_in(shown).values()) == ["2", "3"]


def test_a_unit_names_what_it_was_called_what_it_followed_and_what_followed_it(merged: World, page: Page) -> None:
    rename_unit(
        actor=merged.officer,
        unit=merged.unions[1],
        name_vi="Liên đoàn Lao động tỉnh Hà Thanh",
        name_en="Ha Thanh Federation of Labour",
        reason="Sắp xếp lại tổ chức.",
    )
    shown = page("/don-vi/THA/", language="en")
    assert "Called “Federation THA” before" in shown
    assert 'href="/don-vi/HNI/"' in shown.split("Follows")[1]
    assert "Liên đoàn Lao động THA" in page("/don-vi/THA/")
    old = page("/don-vi/HNI/", language="en")
    assert 'href="/don-vi/THA/"' in old
    assert "<dt>initiatives submitted</dt><dd>3</dd>" in old


def test_the_number_of_questions_does_not_depend_on_what_merged(merged: World, client: Client) -> None:
    def questions() -> list[int]:
        numbers = []
        for path in ("/bang-xep-hang/", "/bang-xep-hang/?cay=hom-nay", "/don-vi/THA/?cay=hom-nay", "/don-vi/THA/"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            numbers.append(len(captured))
        return numbers

    client.get("/bang-xep-hang/")
    few = questions()
    for n in range(3):
        union = make_unit(f"M{n}", merged.top)
        below = [make_unit(f"M{n}-{m}", union) for m in range(2)]
        for unit in below:
            merged.submit(unit)
        fold_all()
        merge(merged, [union], merged.unions[1])
    assert questions() == few


def test_a_past_board_is_not_changed_by_what_merges_later(world: World, page: Page) -> None:
    moment = clock.start_of_day(clock.day_of(clock.now()))
    asked = {"den": clock.format_cutoff(moment), "cum": "tat-ca"}
    before = submitted_in(page("/bang-xep-hang/", **asked))
    grant(world.officer, world.top, Role.UNIT_ADMINISTRATOR)
    merge(world, [world.unions[0]], world.unions[1])
    assert submitted_in(page("/bang-xep-hang/", **asked)) == before != {}
