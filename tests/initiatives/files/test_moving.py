from __future__ import annotations

import io
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from sangkien.core import clock
from sangkien.initiatives.files import add_file, copy_to_draft, files_of_draft, move_to_initiative, remove_file
from sangkien.initiatives.models import Attachment, Draft, Initiative
from sangkien.people.models import Person
from tests.factories import World, make_person
from tests.initiatives.files import samples as s


@pytest.fixture
def initiative(world: World) -> Initiative:
    return world.submit()


def add(draft: Draft, name: str) -> None:
    add_file(actor=draft.owner, draft_id=draft.pk, name=name, stream=io.BytesIO(s.pdf()))


def move(draft: Draft, initiative: Initiative, actor: Person | None = None) -> int:
    return move_to_initiative(draft.pk, initiative, actor or draft.owner, clock.now())


def names(initiative: Initiative) -> list[tuple[int, str, str]]:
    rows = Attachment.objects.filter(initiative=initiative).order_by("number")
    return [(row.number, row.name, row.uploaded_by.username) for row in rows]


def test_files_become_attachments_numbered_from_1(draft: Draft, initiative: Initiative) -> None:
    for name in ("b.pdf", "a.pdf"):
        add(draft, name)
    files = files_of_draft(draft)
    assert move(draft, initiative) == 2
    assert names(initiative) == [(1, "b.pdf", "member"), (2, "a.pdf", "member")]
    first = Attachment.objects.get(initiative=initiative, number=1)
    for field in ("media_type", "size", "sha256", "uploaded_at"):
        assert getattr(first, field) == getattr(files[0], field)


@pytest.mark.parametrize("exists", [True, False])
def test_a_draft_without_files_costs_one_query(
    draft: Draft, initiative: Initiative, exists: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner = draft.owner
    with django_assert_num_queries(1):
        assert move_to_initiative(draft.pk if exists else uuid4(), initiative, owner, clock.now()) == 0


def test_another_persons_draft_gives_nothing(draft: Draft, initiative: Initiative) -> None:
    add(draft, "a.pdf")
    assert move(draft, initiative, make_person()) == 0
    assert names(initiative) == []


def test_a_correction_takes_the_place_of_what_was_there(world: World, draft: Draft, initiative: Initiative) -> None:
    for name in ("a.pdf", "b.pdf"):
        add(draft, name)
    move(draft, initiative)
    colleague = make_person("colleague")
    correcting = world.make_draft(colleague)
    Draft.objects.filter(pk=correcting.pk).update(corrects=initiative.pk)
    assert copy_to_draft(initiative, correcting, clock.now()) == 2
    copies = files_of_draft(correcting)
    assert [(c.name, c.uploaded_at) for c in copies] == [
        (a.name, a.uploaded_at) for a in Attachment.objects.filter(initiative=initiative)
    ]
    remove_file(actor=colleague, draft_id=correcting.pk, file_id=copies[0].pk)
    add(correcting, "c.pdf")
    assert move(correcting, initiative) == 2
    assert names(initiative) == [(1, "b.pdf", "member"), (2, "c.pdf", "colleague")]


def test_a_correction_from_which_all_files_were_taken_leaves_none(
    world: World, draft: Draft, initiative: Initiative
) -> None:
    add(draft, "a.pdf")
    move(draft, initiative)
    correcting = world.make_draft()
    Draft.objects.filter(pk=correcting.pk).update(corrects=initiative.pk)
    assert move(correcting, initiative) == 0
    assert names(initiative) == []


def test_without_a_draft_the_attachments_stay(draft: Draft, initiative: Initiative) -> None:
    add(draft, "a.pdf")
    move(draft, initiative)
    assert move_to_initiative(uuid4(), initiative, draft.owner, clock.now()) == 0
    assert len(names(initiative)) == 1


def test_copying_twice_copies_once(draft: Draft, initiative: Initiative, world: World) -> None:
    add(draft, "a.pdf")
    move(draft, initiative)
    correcting = world.make_draft()
    for _time in range(2):
        copy_to_draft(initiative, correcting, clock.now())
    assert len(files_of_draft(correcting)) == 1
