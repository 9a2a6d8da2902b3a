from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.models import Phase
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import published
from sangkien.units.models import Unit
from tests.factories import World

PAGE = "/bao-cao/1trieu/1/"


@pytest.fixture
def closed(world: World) -> Phase:
    """Let the phase have closed just before the newest final moment."""
    newest = published()
    assert newest is not None
    world.phase.closes_at = clock.floor_hour(newest)
    world.phase.save()
    return world.phase


def test_the_sheet_shows_the_figures_of_the_report(world: World, client: Client) -> None:
    client.cookies["django_language"] = "en"
    response = client.get(PAGE)
    page = response.content.decode()
    assert response.status_code == 200
    assert "150.0%" in page
    assert "Live figures, not a published report" in page
    assert re.search(r'<td class="n">6</td>\s*<td class="n">1</td>\s*<td class="n">2/3</td>', page)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_languages_write_figures_in_their_own_way(world: World, client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    page = client.get(PAGE).content.decode()
    assert f'<html lang="{language}"' in page
    assert {"vi": "150,0%", "en": "150.0%"}[language] in page


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(world: World, client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert "style=" not in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_usual_moment_is_the_close_of_the_phase(world: World, closed: Phase, client: Client) -> None:
    answer = client.get(PAGE, {"dang": "json"}).json()
    assert answer["as_of"] == closed.closes_at.astimezone(clock.VIETNAM).isoformat()
    assert answer["submitted"] == 0


def test_an_open_phase_is_shown_as_of_now(world: World, client: Client) -> None:
    assert client.get(PAGE, {"dang": "json"}).json()["submitted"] == 6


def test_another_moment_can_be_asked_for(world: World, client: Client) -> None:
    day = clock.day_of(clock.now()) - timedelta(days=1)
    asked = f"24h00 {day.day}/{day.month}/{day.year}"
    answer = client.get(PAGE, {"den": asked, "dang": "json"}).json()
    assert (answer["as_of_text"], answer["submitted"]) == (asked, 0)


@pytest.mark.parametrize(("asked", "status"), [("tomorrow", 400), ("1/1/2199", 422), ("1/1/1999", 422)])
def test_a_moment_that_cannot_be_shown_is_said_beside_its_field(
    world: World, client: Client, asked: str, status: int
) -> None:
    response = client.get(PAGE, {"den": asked})
    assert response.status_code == status
    assert 'aria-invalid="true"' in response.content.decode()
    assert client.get(PAGE, {"den": asked, "dang": "json"}).status_code == status


@pytest.mark.parametrize(("form", "kind"), [("json", "application/json"), ("txt", "text/plain; charset=utf-8")])
def test_the_report_can_be_taken_along(world: World, client: Client, form: str, kind: str) -> None:
    page = client.get(PAGE).content.decode()
    address = re.search(rf'href="([^"]*dang={form})"', page)
    assert address is not None
    response = client.get(address[1].replace("&amp;", "&"))
    assert response["Content-Type"] == kind
    assert re.search(rf'filename="bao-cao-1trieu-1-[0-9a-z-]+\.{form}"', response["Content-Disposition"])


@pytest.mark.parametrize("path", ["/bao-cao/none/1/", "/bao-cao/1trieu/9/"])
def test_an_unknown_programme_or_phase_is_not_there(world: World, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_bare_address_leads_to_the_phase_that_is_shown_first(world: World, closed: Phase, client: Client) -> None:
    world.programme.headline_phase = closed
    world.programme.save()
    response = client.get("/bao-cao/")
    assert response["Location"].startswith(f"{PAGE}?den=")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.django_db
def test_without_a_programme_there_is_no_report(client: Client) -> None:
    assert client.get("/bao-cao/").status_code == 404


def test_more_units_do_not_take_more_queries(world: World, client: Client) -> None:
    fold_all()
    client.get(PAGE)
    with CaptureQueriesContext(connection) as for_three:
        client.get(PAGE)
    Unit.objects.filter(code__in=["THA", "HCM"]).update(parent=world.unions[0])
    with CaptureQueriesContext(connection) as for_one:
        client.get(PAGE)
    assert len(for_three) == len(for_one)
