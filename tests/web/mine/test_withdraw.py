"""Withdrawing an initiative, with a reason."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.initiatives.actions import answer_authorship, mark_valid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Response
from sangkien.initiatives.states import State
from tests.factories import World, make_person
from tests.web.mine.conftest import address, browser_of, returned, seen, with_co_author

WHY = {"note": "Gửi nhầm, sẽ gửi lại bản khác"}


def test_the_submitter_withdraws_with_a_reason_and_others_no_longer_see_it(
    world: World, member: Client, client: Client
) -> None:
    one = world.submit()
    answer = member.post(address(one, "rut"), seen(one) | WHY)
    one.refresh_from_db()
    assert (answer.status_code, one.state) == (303, State.WITHDRAWN)
    assert one.events.get(number=2).note == WHY["note"]
    assert member.get(answer.url).status_code == 200
    assert client.get(answer.url).status_code == 404


@pytest.mark.parametrize("note", ["", "  \u200b ", "x" * 2_001])
def test_without_a_reason_that_can_be_kept_nothing_is_withdrawn(world: World, member: Client, note: str) -> None:
    one = world.submit()
    answer = member.post(address(one, "rut"), seen(one) | {"note": note})
    one.refresh_from_db()
    assert (answer.status_code, one.state) == (422, State.SUBMITTED)
    assert 'aria-describedby="id_note_helptext id_note_error"' in answer.content.decode()
    assert note.strip() in answer.content.decode()


def test_a_second_click_changes_nothing_and_says_so(world: World, member: Client) -> None:
    one = world.submit()
    sent = seen(one) | WHY
    answers = [member.post(address(one, "rut"), sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert one.events.count() == 2
    assert "had been withdrawn before" in member.get(answers[1].url).content.decode()


def test_nothing_is_withdrawn_when_an_officer_decided_first(world: World, member: Client) -> None:
    one = world.submit()
    sent = seen(one) | WHY
    returned(world, one)
    answer = member.post(address(one, "rut"), sent)
    one.refresh_from_db()
    assert (answer.status_code, one.state) == (409, State.RETURNED)
    assert "Thiếu trang ký" in answer.content.decode()
    assert WHY["note"] in answer.content.decode()


def test_what_has_been_decided_can_no_longer_be_withdrawn(world: World, member: Client) -> None:
    one = world.submit()
    mark_valid(actor=world.officer, initiative_id=one.pk)
    page = member.get(address(one, "rut"))
    assert (page.status_code, page.context["may_withdraw"]) == (200, False)
    assert "<form class" not in page.content.decode()
    assert member.post(address(one, "rut"), seen(one) | WHY).status_code == 409


def test_the_page_offers_it_to_its_people_only_while_it_is_possible(
    world: World, member: Client, client: Client
) -> None:
    one, person = with_co_author(world)
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.CONFIRMED)
    page = f"/sang-kien/{code_of(one.pk)}/"
    for may in (member, browser_of(person)):
        assert address(one, "rut") in may.get(page).content.decode()
    for may_not in (client, browser_of(make_person())):
        assert address(one, "rut") not in may_not.get(page).content.decode()
    member.post(address(one, "rut"), seen(one) | WHY)
    assert address(one, "rut") not in member.get(page).content.decode()


def test_it_is_nobody_elses_to_withdraw(world: World) -> None:
    one = world.submit()
    stranger = browser_of(make_person())
    assert [stranger.get(address(one, "rut")).status_code, stranger.post(address(one, "rut"), WHY).status_code] == [
        403,
        403,
    ]
