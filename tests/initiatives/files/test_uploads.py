from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.fixtures import Settings

from sangkien.core.errors import NotFound
from sangkien.initiatives.files import (
    WrongPlace,
    cancel_upload,
    files_of_draft,
    finish_upload,
    receive_part,
    start_upload,
    sweep,
)
from sangkien.initiatives.models import Draft, Upload, UploadPart
from tests.factories import World, make_person, make_world
from tests.initiatives.files import samples as s
from tests.initiatives.files.services import refused

MB = 1024 * 1024


def start(draft: Draft, content: bytes, name: str = "a.pdf", mark: str = "") -> Upload:
    return start_upload(actor=draft.owner, draft_id=draft.pk, name=name, size=len(content), mark=mark)


def give(upload: Upload, content: bytes, place: int) -> int:
    draft = upload.draft
    return receive_part(actor=draft.owner, draft_id=draft.pk, upload_id=upload.pk, start=place, content=content)


def finish(upload: Upload) -> str:
    return finish_upload(actor=upload.draft.owner, draft_id=upload.draft_id, upload_id=upload.pk).sha256


def test_parts_one_after_another_become_the_file(draft: Draft) -> None:
    content = s.pdf(3 * MB)
    upload = start(draft, content)
    place = 0
    while place < len(content):
        place = give(upload, content[place : place + 700_000], place)
    finish(upload)
    (file,) = files_of_draft(draft)
    assert (file.name, file.size) == ("a.pdf", len(content))
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


def test_a_broken_upload_goes_on_where_it_was(draft: Draft) -> None:
    content = s.pdf(100_000)
    give(start(draft, content, mark="1653999999"), content[:60_000], 0)
    again = start(draft, content, mark="1653999999")
    assert again.received == 60_000
    give(again, content[60_000:], 60_000)
    finish(again)
    assert files_of_draft(draft)[0].size == len(content)


def test_a_file_that_was_changed_meanwhile_begins_anew(draft: Draft) -> None:
    content = s.pdf(100_000)
    give(start(draft, content, mark="1"), content[:60_000], 0)
    assert start(draft, content, mark="2").received == 0


def test_a_part_that_came_before_is_not_taken_again(draft: Draft) -> None:
    content = s.pdf(10_000)
    upload = start(draft, content)
    assert give(upload, content[:4_000], 0) == 4_000
    assert give(upload, content[:4_000], 0) == 4_000
    assert give(upload, content[4_000:], 4_000) == len(content)
    assert give(upload, content[:4_000], 0) == len(content)
    finish(upload)


@pytest.mark.parametrize("place", [1, 3_999, 4_001, 8_000])
def test_a_part_out_of_order_is_told_where_to_go_on(draft: Draft, place: int) -> None:
    content = s.pdf(10_000)
    upload = start(draft, content)
    give(upload, content[:4_000], 0)
    with pytest.raises(WrongPlace) as caught:
        give(upload, content[place : place + 1_000], place)
    assert caught.value.received == 4_000


@pytest.mark.parametrize(("place", "length"), [(0, 0), (0, MB + 1), (0, 20_000), (9_500, 10_000), (-1, 10)])
def test_a_part_that_is_empty_too_long_or_beyond_the_end_is_refused(draft: Draft, place: int, length: int) -> None:
    upload = start(draft, s.pdf(10_000)[:10_000])
    with refused("bad_part"):
        give(upload, bytes(length), place)
    assert not UploadPart.objects.exists()


def test_an_upload_with_something_missing_is_not_finished(draft: Draft) -> None:
    content = s.pdf(10_000)
    upload = start(draft, content)
    give(upload, content[:4_000], 0)
    with pytest.raises(WrongPlace) as caught:
        finish(upload)
    assert caught.value.received == 4_000
    assert Upload.objects.exists()


def test_a_file_that_is_refused_in_the_end_leaves_no_parts(draft: Draft) -> None:
    upload = start(draft, s.SVG, "a.svg")
    give(upload, s.SVG, 0)
    with refused("unaccepted_kind"):
        finish(upload)
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


def test_a_file_that_could_not_be_checked_may_be_finished_later(draft: Draft, settings: Settings) -> None:
    upload = start(draft, s.PDF)
    give(upload, s.PDF, 0)
    settings.CLAMD = "/nowhere/clamd.ctl"
    with refused("not_checked"):
        finish(upload)
    settings.CLAMD = ""
    finish(upload)
    assert len(files_of_draft(draft)) == 1


@pytest.mark.parametrize(("size", "code"), [(0, "empty_file"), (-5, "empty_file"), (20 * MB + 1, "file_too_large")])
def test_a_file_of_a_wrong_size_is_not_begun(draft: Draft, size: int, code: str) -> None:
    with refused(code):
        start_upload(actor=draft.owner, draft_id=draft.pk, name="a.pdf", size=size)


def test_nobody_takes_part_in_another_persons_upload(draft: Draft) -> None:
    upload = start(draft, s.PDF)
    stranger = make_person()
    where = {"actor": stranger, "draft_id": draft.pk}
    with pytest.raises(NotFound):
        start_upload(**where, name="a.pdf", size=10)
    with pytest.raises(NotFound):
        receive_part(**where, upload_id=upload.pk, start=0, content=b"x")
    with pytest.raises(NotFound):
        finish_upload(**where, upload_id=upload.pk)
    with pytest.raises(NotFound):
        cancel_upload(**where, upload_id=upload.pk)
    assert Upload.objects.get().received == 0


def test_an_upload_of_another_draft_of_mine_is_not_reached_through_this_one(world: World, draft: Draft) -> None:
    upload = start(world.make_draft(), s.PDF)
    with pytest.raises(NotFound):
        receive_part(actor=draft.owner, draft_id=draft.pk, upload_id=upload.pk, start=0, content=b"x")
    with pytest.raises(NotFound):
        receive_part(actor=draft.owner, draft_id=draft.pk, upload_id=uuid4(), start=0, content=b"x")


def test_a_cancelled_upload_is_forgotten(draft: Draft) -> None:
    upload = start(draft, s.PDF)
    give(upload, s.PDF, 0)
    cancel_upload(actor=draft.owner, draft_id=draft.pk, upload_id=upload.pk)
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


def test_of_unfinished_uploads_a_draft_keeps_the_newest_five(draft: Draft) -> None:
    for number in range(7):
        upload = start(draft, s.PDF, f"{number}.pdf")
        give(upload, s.PDF[:5], 0)
    assert sorted(Upload.objects.values_list("name", flat=True)) == [f"{number}.pdf" for number in range(2, 7)]
    assert UploadPart.objects.count() == 5


def test_of_unfinished_uploads_a_person_keeps_the_newest_five_in_all_drafts(world: World, draft: Draft) -> None:
    other = world.make_draft(owner=draft.owner)
    somebody = world.make_draft(owner=make_person("somebody"))
    start(somebody, s.PDF, "theirs.pdf")
    for number in range(7):
        start(other if number % 2 else draft, s.PDF, f"{number}.pdf")
    kept = [f"{number}.pdf" for number in range(2, 7)]
    assert sorted(Upload.objects.values_list("name", flat=True)) == [*kept, "theirs.pdf"]


def test_stale_uploads_are_swept_away(draft: Draft) -> None:
    old, new = start(draft, s.PDF, "old.pdf"), start(draft, s.PDF, "new.pdf")
    give(old, s.PDF[:5], 0)
    Upload.objects.filter(pk=old.pk).update(started_at=F("started_at") - timedelta(days=2))
    assert sweep().uploads == 1
    assert list(Upload.objects.values_list("pk", flat=True)) == [new.pk]
    assert not UploadPart.objects.exists()


class Laws(TestCase):
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(["next", "again", "beyond"]), st.integers(1, 400)), max_size=8))
    def test_however_parts_come_the_file_is_what_was_sent(self, moves: list[tuple[str, int]]) -> None:
        draft = make_world().make_draft()
        content = s.pdf(2_000)
        upload = start(draft, content)
        received = 0
        for what, length in moves:
            place = {"next": received, "again": 0, "beyond": received + 1}[what]
            if what == "beyond" or (what == "again" and not received):
                with pytest.raises(WrongPlace):
                    give(upload, content[place + 1 : place + 1 + length], place + 1)
            elif place < len(content):
                received = give(upload, content[place : place + length], place)
        if received < len(content):
            give(upload, content[received:], received)
        assert finish(upload) == hashlib.sha256(content).hexdigest()
