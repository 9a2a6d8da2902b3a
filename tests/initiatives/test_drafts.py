"""Drafts: kept as they were typed, for their owner alone, and never silently overwritten."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.utils import timezone

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import actions
from sangkien.initiatives.actions import AlreadySent, DraftChanged, discard_draft, save_draft
from sangkien.initiatives.actions.drafts import MAX_DRAFT, MAX_DRAFTS
from sangkien.initiatives.models import Draft, DraftFile, Initiative, Response, SubmissionKey, Upload, UploadPart
from sangkien.initiatives.queries import drafts_of, get_draft, number_sent_under
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.models import Person, system_actor
from sangkien.programmes.models import Phase
from tests.factories import World, make_person, make_world
from tests.initiatives.conftest import MakeIn


def save(world: World, draft_id: UUID, seen: int, actor: Person | None = None, **typed: str) -> Draft:
    return save_draft(
        actor=actor or world.member, draft_id=draft_id, programme=world.programme, typed=typed, seen_version=seen
    )


def add_file(draft: Draft, name: str = "anh.jpg") -> DraftFile:
    return DraftFile.objects.create(
        draft=draft, name=name, media_type="image/jpeg", size=3, sha256=name.ljust(64, "0"), uploaded_at=clock.now()
    )


def test_a_draft_is_kept_just_as_it_was_typed(world: World) -> None:
    typed = {
        "title": "  <b>Cải</b>\u202e =1+1 👩🏽‍🔧 ",
        "benefit": "12,5 triệu",
        "applied_on": "31/2/2022",
        "author2_name": "",
    }
    draft = save(world, uuid4(), 0, **typed)
    assert get_draft(world.member, draft.pk).typed == typed
    assert (draft.version, draft.owner, draft.programme) == (1, world.member, world.programme)


def test_what_no_database_can_keep_is_left_out_of_a_draft(world: World) -> None:
    draft = save(world, uuid4(), 0, title="Cải\0 tiến \ud800 máy")
    assert get_draft(world.member, draft.pk).typed == {"title": "Cải tiến  máy"}


def test_each_save_is_a_version_and_keeps_the_first_moment(world: World) -> None:
    draft = save(world, uuid4(), 0, title="một")
    again = save(world, draft.pk, 1, title="hai")
    assert (again.version, again.typed) == (2, {"title": "hai"})
    assert again.created_at == draft.created_at < again.saved_at
    assert Draft.objects.count() == 1


def test_of_two_tabs_the_second_is_told_how_the_draft_stands(world: World) -> None:
    draft = save(world, uuid4(), 0, title="một")
    save(world, draft.pk, 1, title="thẻ thứ nhất")
    for seen in (0, 1, 7):
        with pytest.raises(DraftChanged) as refusal:
            save(world, draft.pk, seen, title="thẻ thứ hai")
        assert refusal.value.draft.typed == {"title": "thẻ thứ nhất"}
        assert refusal.value.draft.version == 2
    assert get_draft(world.member, draft.pk).typed == {"title": "thẻ thứ nhất"}
    assert save(world, draft.pk, 2, title="gộp lại").version == 3


def test_a_save_whose_answer_was_lost_can_be_repeated(world: World) -> None:
    draft = save(world, uuid4(), 0, title="một")
    assert save(world, draft.pk, 0, title="một").version == 1
    save(world, draft.pk, 1, title="hai")
    assert save(world, draft.pk, 1, title="hai").version == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_devices_that_save_at_once_one_is_told() -> None:
    world = make_world()
    draft = save(world, uuid4(), 0, title="một")
    for draft_id, seen in ((draft.pk, 1), (uuid4(), 0)):
        together = threading.Barrier(2)
        outcomes: list[str] = []

        def one(title: str) -> None:
            try:
                together.wait(20)  # noqa: B023  both threads are over before the next turn
                outcomes.append(save(world, draft_id, seen, title=title).typed["title"])  # noqa: B023
            except DraftChanged as refusal:
                outcomes.append(f"told {refusal.draft.typed['title']}")  # noqa: B023
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(title,)) for title in ("trái", "phải")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        stored = Draft.objects.get(pk=draft_id)
        assert sorted(outcomes) == sorted([stored.typed["title"], f"told {stored.typed['title']}"])
        assert stored.version == seen + 1


def test_nobody_reads_saves_or_discards_a_draft_of_somebody_else(world: World) -> None:
    draft = world.make_draft()
    for stranger in (make_person(), world.officer):
        for attempt in (
            lambda: get_draft(stranger, draft.pk),  # noqa: B023
            lambda: save(world, draft.pk, 1, stranger, title="của tôi"),  # noqa: B023
            lambda: save(world, draft.pk, 0, stranger, **draft.typed),  # noqa: B023
            lambda: discard_draft(actor=stranger, draft_id=draft.pk),  # noqa: B023
        ):
            with pytest.raises(NotFound):
                attempt()
        assert drafts_of(stranger) == []
    assert drafts_of(world.member) == [draft]
    assert get_draft(world.member, draft.pk).version == 1


def test_only_people_with_an_open_account_keep_drafts(world: World) -> None:
    for actor in (make_person(is_active=False), system_actor("demo")):
        with pytest.raises(NotAllowed):
            save(world, uuid4(), 0, actor, title="x")


def test_a_draft_does_not_ask_whether_a_phase_is_open(world: World) -> None:
    Phase.objects.update(closes_at=clock.now() - timedelta(seconds=1))
    draft = world.make_draft()
    save(world, draft.pk, 1, title="để dành")


def test_a_draft_takes_so_much_and_no_more(world: World) -> None:
    name = "problem"
    draft = save(world, uuid4(), 0, **{name: "đ" * (MAX_DRAFT - len(name))})
    for draft_id, seen in ((draft.pk, 1), (uuid4(), 0)):
        with pytest.raises(InvalidInput) as refusal:
            save(world, draft_id, seen, **{name: "đ" * (MAX_DRAFT - len(name) + 1)})
        assert refusal.value.code == "too_large"
    assert get_draft(world.member, draft.pk).version == 1


def test_a_person_has_a_limited_number_of_drafts(world: World) -> None:
    drafts = [world.make_draft() for _n in range(MAX_DRAFTS)]
    with pytest.raises(Conflict) as refusal:
        world.make_draft()
    assert refusal.value.code == "too_many_drafts"
    save(world, drafts[0].pk, 1, title="vẫn lưu được")
    discard_draft(actor=world.member, draft_id=drafts[1].pk)
    world.make_draft()
    world.make_draft(make_person())


def test_a_discarded_draft_is_gone_with_its_files_and_does_not_come_back_by_a_late_save(world: World) -> None:
    draft, other = world.make_draft(), world.make_draft()
    add_file(draft)
    kept = add_file(other)
    upload = Upload.objects.create(pk=uuid4(), draft=draft, name="a", size=9, started_at=timezone.now())
    UploadPart.objects.create(upload=upload, start=0, content=b"abc")
    discard_draft(actor=world.member, draft_id=draft.pk)
    assert drafts_of(world.member) == [other]
    assert list(DraftFile.objects.all()) == [kept]
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()
    with pytest.raises(NotFound):
        save(world, draft.pk, 1, title="đến muộn")
    with pytest.raises(NotFound):
        discard_draft(actor=world.member, draft_id=draft.pk)


def test_drafts_are_listed_with_the_one_saved_last_first(world: World) -> None:
    first, second = world.make_draft(), world.make_draft()
    assert [d.pk for d in drafts_of(world.member)] == [second.pk, first.pk]
    save(world, first.pk, 1, title="sửa")
    assert [d.pk for d in drafts_of(world.member)] == [first.pk, second.pk]


# --- sending -----------------------------------------------------------------------------------------------------


def test_sending_a_draft_uses_it_up_and_its_files_become_attachments(world: World) -> None:
    draft, other = world.make_draft(), world.make_draft()
    add_file(draft, "mot.jpg")
    add_file(draft, "hai.jpg")
    add_file(other)
    initiative = world.submit(key=draft.pk)
    assert [(a.number, a.name, a.uploaded_by) for a in initiative.attachments.all()] == [
        (1, "mot.jpg", world.member),
        (2, "hai.jpg", world.member),
    ]
    assert drafts_of(world.member) == [other]
    assert DraftFile.objects.get().draft_id == other.pk
    assert number_sent_under(world.member, draft.pk) == initiative.pk


def test_what_is_refused_leaves_the_draft_and_its_key_as_they_were(world: World) -> None:
    draft = world.make_draft()
    add_file(draft)
    with pytest.raises(InvalidInput):
        world.submit(key=draft.pk, title="")
    assert drafts_of(world.member) == [draft]
    assert draft.files.count() == 1
    assert number_sent_under(world.member, draft.pk) is None
    assert world.submit(key=draft.pk).attachments.count() == 1


def test_a_key_does_not_reach_for_the_draft_of_somebody_else(world: World) -> None:
    draft = world.make_draft(make_person())
    add_file(draft)
    initiative = world.submit(key=draft.pk)
    assert not initiative.attachments.exists()
    assert draft.files.count() == 1


def test_a_save_after_sending_is_told_so_and_makes_no_new_draft(world: World) -> None:
    draft = world.make_draft()
    initiative = world.submit(key=draft.pk)
    for seen in (0, 1, 2):
        with pytest.raises(AlreadySent) as refusal:
            save(world, draft.pk, seen, title="thẻ khác")
        assert refusal.value.number == initiative.pk
    assert not Draft.objects.exists()


def test_a_draft_that_was_saved_just_while_it_was_sent_is_shown_no_more(world: World) -> None:
    draft = world.make_draft()
    SubmissionKey.objects.create(person=world.member, key=draft.pk, initiative_number=7, at=clock.now())
    assert drafts_of(world.member) == []
    with pytest.raises(NotFound):
        get_draft(world.member, draft.pk)


# --- corrections -------------------------------------------------------------------------------------------------


def test_a_returned_initiative_has_one_correcting_draft_of_each_of_its_people(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.RETURNED)
    draft = world.make_draft(corrects=initiative.pk)
    assert draft.corrects == initiative.pk
    with pytest.raises(DraftChanged) as refusal:
        world.make_draft(corrects=initiative.pk, title="từ thẻ khác")
    assert refusal.value.draft == draft
    author = make_person()
    initiative.authors.update(person=author, response=Response.CONFIRMED)
    assert world.make_draft(author, corrects=initiative.pk).owner == author


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VALID, State.INVALID, State.WITHDRAWN])
def test_only_what_was_returned_is_corrected(world: World, make_in: MakeIn, state: State) -> None:
    with pytest.raises(Conflict) as refusal:
        world.make_draft(corrects=make_in(state).pk)
    assert refusal.value.code == "wrong_state"


def test_only_its_people_correct_an_initiative(world: World, make_in: MakeIn) -> None:
    initiative = make_in(State.RETURNED)
    with pytest.raises(NotAllowed):
        world.make_draft(world.officer, corrects=initiative.pk)
    with pytest.raises(NotFound):
        world.make_draft(corrects=10**9)
    assert not Draft.objects.exists()


def test_sending_a_correction_uses_its_draft_up_and_its_files_take_the_place_of_those_before(
    world: World, make_in: MakeIn
) -> None:
    first = world.make_draft()
    add_file(first, "cu.jpg")
    initiative = world.submit(key=first.pk)
    actions.return_initiative(actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="x")
    draft = world.make_draft(corrects=initiative.pk)
    add_file(draft, "moi.jpg")
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, key=draft.pk)
    assert [a.name for a in initiative.attachments.all()] == ["moi.jpg"]
    assert not Draft.objects.exists()
    assert number_sent_under(world.member, draft.pk) == initiative.pk
    with pytest.raises(AlreadySent):
        actions.resubmit(actor=world.member, initiative_id=initiative.pk, key=draft.pk)
    assert Initiative.objects.count() == 1
