"""The list of one's own initiatives, and what one has to do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.core.clock import format_cutoff_long
from sangkien.initiatives.actions import (
    answer_authorship,
    appeal,
    decide_appeal,
    mark_invalid,
    mark_valid,
    reinstate,
    withdraw,
    withdraw_appeal,
)
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.queries import get_by_number, whereabouts
from sangkien.initiatives.rules import appealable_until, finding_of
from sangkien.initiatives.states import ReasonCode
from sangkien.people.models import Person
from sangkien.tally.fold import fold_all
from sangkien.web.mine import appeals, views
from tests.factories import World, grant, make_person
from tests.web.mine.conftest import address, browser_of, returned, with_co_author


def listed(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"/cua-toi/{query}")
    assert answer.status_code == 200
    return [row.initiative.pk for row in answer.context["rows"]]


def tasks(client: Client) -> list[tuple[int, int | None]]:
    return [(task.initiative.pk, task.share) for task in client.get("/cua-toi/").context["tasks"]]


def moment_of(initiative: Initiative) -> str:
    return format_cutoff_long(whereabouts(initiative).since, "en")


def test_who_has_sent_nothing_is_called_to_submit(world: World, member: Client) -> None:
    page = member.get("/cua-toi/").content.decode()
    assert "You have not sent anything yet" in page
    assert 'href="/gui/"' in page


def test_the_newest_stand_first_and_every_one_exactly_once(
    world: World, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    made = [world.submit().pk for _ in range(5)]
    found, after = [], ""
    for _ in range(3):
        answer = member.get("/cua-toi/", {"sau": after})
        found += [row.initiative.pk for row in answer.context["rows"]]
        after = answer.context["next"]
    assert (found, after) == (made[::-1], "")


def test_a_place_that_is_none_is_refused_in_words(world: World, member: Client) -> None:
    assert member.get("/cua-toi/?sau=nowhere").status_code == 422


def test_others_initiatives_are_not_mine(world: World, member: Client) -> None:
    world.submit(actor=make_person())
    assert listed(member) == []


def test_it_says_who_has_it_now_and_since_when(world: World, member: Client) -> None:
    verifier = make_person()
    grant(verifier, world.districts[0])
    waiting, decided, back, gone = (world.submit() for _ in range(4))
    mark_valid(actor=verifier, initiative_id=decided.pk)
    returned(world, back)
    withdraw(actor=world.member, initiative_id=gone.pk, note="Nhầm")
    says = {row.initiative.pk: row.standing for row in member.get("/cua-toi/").context["rows"]}
    assert says == {
        waiting.pk: f"Waiting for {world.districts[0].short_name} to verify it, since {moment_of(waiting)}",
        decided.pk: f"Verified as valid at {moment_of(decided)}",
        back.pk: f"Waiting for you to complete it, since {moment_of(back)}",
        gone.pk: f"Withdrawn at {moment_of(gone)}",
    }


@pytest.mark.django_db(transaction=True)
def test_each_has_its_code_and_its_number_once_it_is_counted(world: World, member: Client) -> None:
    first, second = world.submit(), world.submit()
    assert "in a second or two" in member.get("/cua-toi/").content.decode()
    fold_all()
    answer = member.get("/cua-toi/")
    numbers = {row.initiative.pk: row.ordinal.ordinal for row in answer.context["rows"]}
    assert numbers == {first.pk: 1, second.pk: 2}
    for one in (first, second):
        assert code_of(one.pk) in answer.content.decode()


def test_what_was_returned_waits_first_with_all_that_the_officer_asked(world: World, member: Client) -> None:
    one = returned(world, world.submit(), attachments="Trang ký", novelty="")
    page = member.get("/cua-toi/").content.decode()
    assert tasks(member) == [(one.pk, None)]
    for said in ("Thiếu trang ký", "A document is missing", "<b>Files</b>: Trang ký", "<b>What is new</b>"):
        assert said in page
    assert f'action="/sang-kien/{code_of(one.pk)}/sua/"' in page


def test_a_co_author_is_asked_until_they_answer(world: World, member: Client) -> None:
    one, person = with_co_author(world)
    co_author = browser_of(person)
    assert (tasks(co_author), tasks(member), listed(co_author)) == ([(one.pk, 30)], [], [one.pk])
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.CONFIRMED)
    assert tasks(co_author) == []
    returned(world, one)
    assert tasks(co_author) == [(one.pk, None)]


def test_who_has_declined_has_nothing_to_do(world: World) -> None:
    one, person = with_co_author(world)
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.DECLINED)
    returned(world, one)
    client = browser_of(person)
    assert tasks(client) == []
    assert "Waiting for the authors to complete it" in client.get("/cua-toi/").content.decode()


def test_drafts_stand_with_their_title_or_without_one(world: World, member: Client) -> None:
    world.make_draft(problem="Than bám")
    world.make_draft(title="Gạt than")
    world.make_draft(make_person(), title="Lạ")
    answer = member.get("/cua-toi/")
    page = answer.content.decode()
    assert [draft.title for draft in answer.context["drafts"]] == ["Gạt than", ""]
    assert "without a title yet" in page
    for draft in answer.context["drafts"]:
        assert f'href="/gui/{draft.id}/"' in page
        assert f'action="/gui/{draft.id}/bo/"' in page


def found_invalid(world: World, actor: Person | None = None) -> Initiative:
    one = world.submit(actor=actor)
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    return one


def said_of_appeals(client: Client) -> dict[int, tuple[str, str]]:
    rows = client.get("/cua-toi/").context["rows"]
    return {row.initiative.pk: (row.appeal.says, row.appeal.address) for row in rows if row.appeal}


def test_what_was_found_invalid_says_until_when_one_can_appeal_and_is_no_task(world: World, member: Client) -> None:
    one = get_by_number(found_invalid(world).pk, world.member)
    finding = finding_of(one)
    assert finding is not None
    day = clock.format_date(clock.day_of_cutoff(appealable_until(one, finding)), "en")
    assert said_of_appeals(member) == {one.pk: (f"You can appeal until the end of {day}", address(one, "khieu-nai"))}
    assert tasks(member) == []
    assert f"You can appeal until the end of {day}" in member.get("/cua-toi/").content.decode()


def test_it_says_how_an_appeal_stands(world: World, member: Client) -> None:
    other = make_person()
    grant(other, world.top)
    waiting, dismissed, back, allowed, again, untouched = (found_invalid(world) for _ in range(6))
    found = (waiting, dismissed, back, allowed, again)
    made = {one.pk: appeal(actor=world.member, initiative_id=one.pk, note="Không trùng") for one in found}
    for one in (dismissed, allowed):
        decide_appeal(actor=other, appeal_id=made[one.pk].pk, allow=one == allowed, answer="Đã xem lại")
    withdraw_appeal(actor=world.member, appeal_id=made[back.pk].pk)
    decide_appeal(actor=other, appeal_id=made[again.pk].pk, allow=False, answer="Đã xem lại")
    reinstate(actor=other, initiative_id=again.pk, note="Có quyết định mới")
    says = {number: said for number, (said, _address) in said_of_appeals(member).items()}
    assert says.pop(untouched.pk).startswith("You can appeal until")
    assert says == {
        waiting.pk: f"An appeal waits for the answer of {made[waiting.pk].unit.short_name}",
        dismissed.pk: "The appeal was dismissed",
        back.pk: "The appeal was taken back",
        allowed.pk: "The appeal was allowed",
    }


def test_who_cannot_appeal_is_not_told_that_one_can(world: World) -> None:
    one, person = with_co_author(world)
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    assert said_of_appeals(browser_of(person)) == {}


def test_once_the_days_are_over_nothing_is_said_of_an_appeal(
    world: World, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = get_by_number(found_invalid(world).pk, world.member)
    finding = finding_of(one)
    assert finding is not None
    monkeypatch.setattr(appeals, "appeals_close", lambda _findings: {(one.pk, finding.at): finding.at})
    assert said_of_appeals(member) == {}


def test_what_people_typed_is_never_markup(world: World, member: Client) -> None:
    world.submit(title="<script>alert(1)</script>")
    assert "<script>alert" not in member.get("/cua-toi/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_one_and_three_of_everything_take_the_same_number_of_queries(world: World) -> None:
    counts = []
    for number in (1, 3):
        person = make_person()
        client = browser_of(person)
        for _ in range(number):
            world.submit(actor=person)
            returned(world, world.submit(actor=person), title="Rõ hơn")
            named, _other = with_co_author(world)
            named.authors.filter(number=2).update(person=person)
            world.make_draft(person)
            for has_appealed in (True, False):
                found = found_invalid(world, actor=person)
                if has_appealed:
                    appeal(actor=person, initiative_id=found.pk, note="Không trùng")
        fold_all()
        client.get("/cua-toi/")  # what a process reads once and keeps
        with CaptureQueriesContext(connection) as captured:
            answer = client.get("/cua-toi/")
        assert [len(answer.context[part]) for part in ("rows", "tasks", "drafts")] == [5 * number, 2 * number, number]
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 30
