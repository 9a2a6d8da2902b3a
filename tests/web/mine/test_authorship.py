"""Confirming or declining to be a co-author."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.audit.models import AuditEntry
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.models import Author, Initiative
from tests.factories import World, make_person
from tests.web.mine.conftest import address, browser_of, with_co_author


def answer_of(initiative: Initiative) -> str:
    return Author.objects.get(initiative=initiative, number=2).response


def entries() -> int:
    return AuditEntry.objects.filter(action="answer_authorship").count()


@pytest.mark.parametrize("response", ["confirmed", "declined"])
def test_a_co_author_answers(world: World, response: str) -> None:
    one, person = with_co_author(world)
    answer = browser_of(person).post(address(one, "dong-tac-gia"), {"response": response, "share": "30"})
    assert (answer.status_code, answer.url) == (303, address(one, "dong-tac-gia").removesuffix("dong-tac-gia/"))
    assert (answer_of(one), entries()) == (response, 1)


def test_a_second_click_is_harmless(world: World) -> None:
    one, person = with_co_author(world)
    client = browser_of(person)
    sent = {"response": "confirmed", "share": "30"}
    assert [client.post(address(one, "dong-tac-gia"), sent).status_code for _ in range(2)] == [303, 303]
    assert entries() == 1


def test_an_answer_can_be_changed_until_it_is_decided(world: World) -> None:
    one, person = with_co_author(world)
    client = browser_of(person)
    for response in ("declined", "confirmed"):
        client.post(address(one, "dong-tac-gia"), {"response": response, "share": "30"})
        assert answer_of(one) == response
    mark_valid(actor=world.officer, initiative_id=one.pk)
    late = client.post(address(one, "dong-tac-gia"), {"response": "declined", "share": "30"})
    assert (late.status_code, answer_of(one)) == (409, "confirmed")


def test_a_share_that_has_changed_meanwhile_is_not_confirmed(world: World) -> None:
    one, person = with_co_author(world, share=30)
    answer = browser_of(person).post(address(one, "dong-tac-gia"), {"response": "confirmed", "share": "50"})
    assert (answer.status_code, answer_of(one)) == (409, "")


def test_what_is_no_answer_is_refused(world: World) -> None:
    one, person = with_co_author(world)
    for sent in ({}, {"response": "maybe", "share": "30"}):
        assert browser_of(person).post(address(one, "dong-tac-gia"), sent).status_code == 422
    assert answer_of(one) == ""


def test_only_who_is_named_by_somebody_else_answers(world: World, member: Client) -> None:
    one, _person = with_co_author(world)
    for client in (member, browser_of(make_person()), browser_of(world.officer)):
        assert client.post(address(one, "dong-tac-gia"), {"response": "declined", "share": "30"}).status_code == 403
    assert answer_of(one) == ""


def test_a_link_that_was_kept_leads_to_the_initiative(world: World) -> None:
    one, person = with_co_author(world)
    assert browser_of(person).get(address(one, "dong-tac-gia")).status_code == 303
