"""The list of initiatives."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from sangkien.core.clock import format_cutoff_long
from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import format_count
from sangkien.initiatives.codes import code_of
from sangkien.tally.fold import fold_all
from sangkien.web.initiatives import views
from sangkien.web.initiatives.cursors import EPOCH, read_cursor, write_cursor
from tests.factories import World


def shown(client: Client, address: str) -> list[int]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [row.initiative.pk for row in answer.context["listed"]]


def test_the_newest_stand_first_and_every_one_exactly_once(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    made = [world.submit().pk for _ in range(5)]
    seen, after = [], ""
    for _ in range(3):
        answer = client.get("/sang-kien/", {"sau": after})
        seen += [row.initiative.pk for row in answer.context["listed"]]
        after = answer.context["next"]
    assert seen == made[::-1]
    assert after == ""


def test_the_link_to_older_ones_keeps_what_was_chosen(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 1)
    for _ in range(2):
        world.submit()
    answer = client.get("/sang-kien/", {"don-vi": "HNI", "linh-vuc": "MOKS"})
    assert f"?don-vi=HNI&amp;linh-vuc=MOKS&amp;sau={answer.context['next']}" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_unit_shows_what_is_below_it_and_its_count_from_the_tally(world: World, client: Client) -> None:
    here = [world.submit().pk, world.submit().pk]
    world.submit(world.grassroots[1])
    assert shown(client, "/sang-kien/?don-vi=HNI") == here[::-1]
    assert client.get("/sang-kien/?don-vi=HNI").context["summary"].counts.submitted == 0  # not folded yet
    fold_all()
    summary = client.get("/sang-kien/?don-vi=HNI").context["summary"]
    assert (summary.unit, summary.counts.submitted) == (world.unions[0], 2)


@pytest.mark.django_db(transaction=True)
def test_the_figures_carry_their_moment(world: World, client: Client) -> None:
    world.submit()
    fold_all()
    answer = client.get("/sang-kien/")
    page = answer.content.decode()
    assert f"<dd>{format_count(1, 'vi')}</dd>" in page
    assert format_cutoff_long(answer.context["summary"].moments.as_of, "vi") in page


def test_field_and_kind_narrow_the_list(world: World, client: Client) -> None:
    mine, school = world.submit(), world.submit(field=world.fields[1], kind="management_solution")
    assert shown(client, "/sang-kien/?linh-vuc=GDDT") == [school.pk]
    assert shown(client, "/sang-kien/?loai=technical_solution") == [mine.pk]
    assert shown(client, "/sang-kien/?linh-vuc=GDDT&loai=technical_solution") == []


@pytest.mark.parametrize("query", ["linh-vuc=NOPE", "loai=nope", "sau=nowhere", "sau=1.SK-0000-0001"])
def test_what_there_is_not_is_refused_in_words(world: World, client: Client, query: str) -> None:
    assert client.get(f"/sang-kien/?{query}").status_code == 422


def test_a_name_instead_of_a_code_offers_the_units_that_bear_it(world: World, client: Client) -> None:
    answer = client.get("/sang-kien/?don-vi=cong+ty&loai=technical_solution")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "?don-vi=HNI-001-0001&amp;loai=technical_solution" in page
    assert shown(client, "/sang-kien/?don-vi=hni") == []  # the code in small letters is the code


def test_a_unit_that_nobody_knows_is_said_to_be_unknown(world: World, client: Client) -> None:
    answer = client.get("/sang-kien/", {"don-vi": "<b>không có</b>"})
    assert answer.status_code == 404
    assert "<b>không có</b>" not in answer.content.decode()


def test_the_code_box_leads_to_the_initiative(world: World, client: Client) -> None:
    code = code_of(world.submit().pk)
    assert client.get("/sang-kien/", {"ma": f" {code.lower()} "}).url == f"/sang-kien/{code}/"


def test_the_code_box_keeps_a_code_with_a_typing_error(world: World, client: Client) -> None:
    answer = client.get("/sang-kien/", {"ma": "SK-1111-1112"})
    assert answer.status_code == 404
    assert 'value="SK-1111-1112"' in answer.content.decode()


def test_a_secret_technology_is_listed_by_its_title(world: World, client: Client) -> None:
    world.submit(title="Vật liệu chống đạn", is_secret=True, social_benefit="Nhẹ hơn")
    assert "chống đạn" in client.get("/sang-kien/").content.decode()


def test_an_empty_portal_has_a_list_too(db: None, client: Client) -> None:
    assert client.get("/sang-kien/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_number_of_queries_does_not_grow_with_the_list(world: World, client: Client) -> None:
    client.force_login(world.officer)
    counts = []
    world.submit()
    client.get("/sang-kien/")  # what a process reads once and keeps
    for made in (1, 2):
        for unit in world.grassroots[:made]:
            world.submit(unit)
        fold_all()
        with CaptureQueriesContext(connection) as captured:
            assert len(shown(client, "/sang-kien/")) == made * 2
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 25


class CursorTest(TestCase):
    """A place in the list survives being written into an address."""

    @given(st.integers(0, 4_102_444_800_000_000), st.integers(1, 2**33 - 1))
    def test_a_place_reads_back_as_it_was_written(self, microseconds: int, number: int) -> None:
        place: tuple[datetime, int] = (EPOCH + timedelta(microseconds=microseconds), number)
        assert read_cursor(write_cursor(place)) == place

    @given(st.text(max_size=40).filter(lambda text: not re.fullmatch(r"[0-9]{1,16}\.[0-9A-Za-z-]{8,12}", text)))
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput):
            read_cursor(text)
