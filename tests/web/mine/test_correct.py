"""Beginning to correct what was returned."""

from __future__ import annotations

from django.test import Client

from sangkien.core import clock
from sangkien.initiatives.actions import answer_authorship
from sangkien.initiatives.models import Attachment, Draft, DraftFile, Initiative, Response
from sangkien.initiatives.states import State
from tests.factories import World, make_person
from tests.web.mine.conftest import address, browser_of, returned, with_co_author


def attach(initiative: Initiative) -> None:
    Attachment.objects.create(
        initiative=initiative,
        number=1,
        name="quyet-dinh.pdf",
        media_type="application/pdf",
        size=1_000,
        sha256="a" * 64,
        uploaded_at=clock.now(),
        uploaded_by=initiative.submitter,
    )


def test_a_draft_begins_with_what_the_initiative_says_and_its_files(world: World, member: Client) -> None:
    one = returned(world, world.submit(novelty="Lưỡi tự bù mòn"))
    attach(one)
    answer = member.post(address(one, "sua"))
    draft = Draft.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/gui/{draft.pk}/")
    assert (draft.owner, draft.corrects) == (world.member, one.pk)
    assert {name: draft.typed[name] for name in ("title", "novelty", "field")} == {
        "title": one.title,
        "novelty": one.novelty,
        "field": one.field.code,
    }
    assert [file.name for file in DraftFile.objects.filter(draft=draft)] == ["quyet-dinh.pdf"]


def test_a_second_click_leads_to_the_same_draft(world: World, member: Client) -> None:
    one = returned(world, world.submit())
    attach(one)
    first, second = (member.post(address(one, "sua")) for _ in range(2))
    assert first.url == second.url
    assert (Draft.objects.count(), DraftFile.objects.count()) == (1, 1)


def test_each_of_its_people_has_a_draft_of_their_own_and_only_the_submitter_the_contacts(
    world: World, member: Client
) -> None:
    one, person = with_co_author(world)
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.CONFIRMED)
    returned(world, one)
    for client in (member, browser_of(person)):
        assert client.post(address(one, "sua")).status_code == 303
    typed = {draft.owner: str(draft.typed) for draft in Draft.objects.all()}
    assert "dong.tac.gia@example.vn" in typed[world.member]
    assert "dong.tac.gia@example.vn" not in typed[person]


def test_what_was_not_returned_is_not_corrected(world: World, member: Client) -> None:
    one = world.submit()
    assert member.post(address(one, "sua")).status_code == 409
    assert not Draft.objects.exists()


def test_a_link_that_was_kept_leads_to_the_initiative(world: World, member: Client) -> None:
    one = returned(world, world.submit())
    answer = member.get(address(one, "sua"))
    assert (answer.status_code, answer.url) == (303, address(one, "sua").removesuffix("sua/"))


def test_strangers_and_who_has_declined_may_not(world: World) -> None:
    one, person = with_co_author(world)
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.DECLINED)
    returned(world, one)
    for who in (person, make_person(), world.officer):
        assert browser_of(who).post(address(one, "sua")).status_code == 403
    assert not Draft.objects.exists()


def test_the_draft_can_be_sent_again_and_leads_back_to_the_receipt(world: World, member: Client) -> None:
    one, person = with_co_author(world, novelty="Lưỡi tự bù mòn")
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.CONFIRMED)
    returned(world, one, solution="Rõ hơn")
    attach(one)
    form = member.post(address(one, "sua")).url
    assert "Rõ hơn" in member.get(form).content.decode()
    draft = Draft.objects.get()
    sent = draft.typed | {"solution": "Viết rõ hơn", "action": "submit", "version": str(draft.version)}
    answers = [member.post(form, sent) for _ in range(2)]  # a double click
    assert [(answer.status_code, answer.url) for answer in answers] == [(303, address(one, "bien-nhan"))] * 2
    one.refresh_from_db()
    assert (one.state, one.solution, one.events.count()) == (State.SUBMITTED, "Viết rõ hơn", 3)
    assert [(a.person_id, a.response) for a in one.authors.all()] == [
        (world.member.pk, Response.CONFIRMED),
        (person.pk, Response.CONFIRMED),
    ]
    assert [file.name for file in one.attachments.all()] == ["quyet-dinh.pdf"]
    assert not Draft.objects.exists()
