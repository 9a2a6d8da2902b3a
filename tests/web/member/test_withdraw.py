"""Withdrawing an initiative."""

from __future__ import annotations

from django.test import Client

from sangkien.initiatives.actions import return_initiative
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
from tests.factories import World


def address(initiative: Initiative) -> str:
    return f"/sang-kien/{code_of(initiative.pk)}/rut/"


def test_the_submitter_withdraws_and_others_no_longer_see_it(world: World, member: Client, client: Client) -> None:
    one = world.submit()
    answer = member.post(address(one), {"state": "submitted", "event": "1"})
    one.refresh_from_db()
    assert (answer.status_code, one.state) == (303, State.WITHDRAWN)
    assert member.get(answer.url).status_code == 200
    assert client.get(answer.url).status_code == 404


def test_nothing_is_withdrawn_when_an_officer_decided_first(world: World, member: Client) -> None:
    one = world.submit()
    return_initiative(
        actor=world.officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký"
    )
    answer = member.post(address(one), {"state": "submitted", "event": "1"})
    one.refresh_from_db()
    assert (answer.status_code, one.state) == (409, State.RETURNED)
    assert "Thiếu trang ký" in answer.content.decode()


def test_the_page_offers_it_to_the_submitter_only_while_it_is_possible(
    world: World, member: Client, client: Client
) -> None:
    one = world.submit()
    page = f"/sang-kien/{code_of(one.pk)}/"
    assert address(one) in member.get(page).content.decode()
    assert address(one) not in client.get(page).content.decode()
    member.post(address(one), {"state": "submitted", "event": "1"})
    assert address(one) not in member.get(page).content.decode()
