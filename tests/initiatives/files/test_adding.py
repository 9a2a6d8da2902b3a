from __future__ import annotations

import hashlib
import io
import threading
import tracemalloc
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from sangkien.core.errors import InvalidInput, NotFound
from sangkien.initiatives.files import Limits, add_file, files_of_draft, remove_file
from sangkien.initiatives.models import Draft, DraftFile
from sangkien.people.models import Person
from tests.factories import World, make_person, make_world
from tests.initiatives.files import samples as s
from tests.initiatives.files.services import refused

MB = 1024 * 1024


def add(draft: Draft, content: bytes, name: str = "Quyết định.pdf", limits: Limits | None = None) -> DraftFile:
    return add_file(actor=draft.owner, draft_id=draft.pk, name=name, stream=io.BytesIO(content), limits=limits)


def refusal(draft: Draft, content: bytes, name: str = "a.pdf", limits: Limits | None = None) -> str:
    before = DraftFile.objects.count()
    with pytest.raises(InvalidInput) as caught:
        add(draft, content, name, limits)
    assert caught.value.field == "file"
    assert DraftFile.objects.count() == before
    return caught.value.code


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_pdf_is_kept_as_it_is_under_its_hash(draft: Draft, storage_folder: Path) -> None:
    content = s.pdf(100_000)
    file = add(draft, content)
    sha256 = hashlib.sha256(content).hexdigest()
    assert (file.name, file.media_type, file.size, file.sha256) == (
        "Quyết định.pdf", "application/pdf", len(content), sha256,
    )  # fmt: skip
    assert (storage_folder / sha256[:2] / sha256).read_bytes() == content
    assert files_of_draft(draft) == [file]


def test_a_photo_is_kept_without_its_place(draft: Draft, storage_folder: Path) -> None:
    file = add(draft, s.photo(), "ảnh.jpg")
    content = (storage_folder / file.sha256[:2] / file.sha256).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file.sha256
    assert len(content) == file.size
    assert b"Hon Gai" not in content


def test_a_webp_picture_becomes_a_jpeg_by_name_and_type(draft: Draft) -> None:
    file = add(draft, s.picture("WEBP"), "ảnh.webp")
    assert (file.name, file.media_type) == ("ảnh.jpg", "image/jpeg")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (s.SVG, "drawing.svg", "unaccepted_kind"),
        (s.SVG, "photo.png", "unaccepted_kind"),
        (s.PDF, "photo.jpg", "lying_name"),
        (s.office("docx"), "report.pdf", "lying_name"),
        (s.office("docx", {"word/vbaProject.bin": b"x"}), "report.docx", "macros"),
        (s.bomb_document(), "report.docx", "unpacks_too_far"),
        (s.bomb_picture(), "photo.png", "picture_too_large"),
        (b"", "a.pdf", "empty_file"),
    ],
)
def test_what_is_not_wanted_is_refused_and_nothing_is_stored(
    draft: Draft, storage_folder: Path, content: bytes, name: str, code: str
) -> None:
    assert refusal(draft, content, name) == code
    assert not storage_folder.exists()


def test_a_file_that_is_too_large_is_refused_before_and_while_it_is_read(draft: Draft) -> None:
    with refused("file_too_large"):
        add_file(actor=draft.owner, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(), size=20 * MB + 1)
    assert refusal(draft, bytes(20 * MB + 1)) == "file_too_large"


def test_a_stream_without_end_is_left_after_the_largest_size(draft: Draft) -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return bytes(size)

    stream = Endless()
    tracemalloc.start()
    with refused("file_too_large"):
        add_file(actor=draft.owner, draft_id=draft.pk, name="a.pdf", stream=stream)
    assert tracemalloc.get_traced_memory()[1] < 2 * MB
    tracemalloc.stop()
    assert stream.given <= 20 * MB + 64 * 1024


def test_a_sixth_file_is_refused(draft: Draft) -> None:
    for _number in range(5):
        add(draft, s.pdf())
    assert refusal(draft, s.pdf()) == "too_many_files"


def test_more_than_50_mb_in_all_is_refused(draft: Draft) -> None:
    for _number in range(2):
        add(draft, s.pdf(19 * MB))
    assert refusal(draft, s.pdf(19 * MB)) == "files_too_large"
    add(draft, s.pdf(11 * MB))


def test_limits_may_be_others(draft: Draft) -> None:
    limits = Limits(files=1, file_bytes=1000, total_bytes=1500)
    assert refusal(draft, s.pdf(1001), limits=limits) == "file_too_large"
    add(draft, s.pdf(500), limits=limits)
    assert refusal(draft, s.pdf(10), limits=limits) == "too_many_files"


def test_nobody_fills_the_disk_by_adding_and_removing(draft: Draft, world: World) -> None:
    limits = Limits(files=5, file_bytes=2_000, total_bytes=2_000)
    for _number in range(10):
        file = add(draft, s.pdf(1_900), limits=limits)
        remove_file(actor=draft.owner, draft_id=draft.pk, file_id=file.pk)
    assert refusal(draft, s.pdf(1_900), limits=limits) == "day_full"
    add(world.make_draft(owner=make_person("somebody")), s.pdf(1_900), limits=limits)


def test_the_same_file_twice_is_one_file(draft: Draft, storage_folder: Path) -> None:
    first = add(draft, s.photo(6), "ảnh.jpg")
    again = add(draft, s.photo(6), "ảnh khác.jpg")
    assert again == first
    assert stored(storage_folder) == [first.sha256]


def test_one_content_in_two_drafts_is_stored_once(world: World, draft: Draft, storage_folder: Path) -> None:
    content = s.pdf()
    first, second = add(draft, content), add(world.make_draft(), content)
    assert first.sha256 == second.sha256
    assert stored(storage_folder) == [first.sha256]


def test_two_files_of_one_name_are_told_apart(draft: Draft) -> None:
    names = [add(draft, s.pdf(), name).name for name in ("a.pdf", "A.pdf", "a.pdf")]
    assert names == ["a.pdf", "A (2).pdf", "a (3).pdf"]


def test_nobody_adds_to_or_takes_from_another_persons_draft(draft: Draft) -> None:
    file = add(draft, s.pdf())
    stranger = make_person()
    with pytest.raises(NotFound):
        add_file(actor=stranger, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(s.PDF))
    with pytest.raises(NotFound):
        remove_file(actor=stranger, draft_id=draft.pk, file_id=file.pk)
    assert files_of_draft(draft) == [file]


def test_a_draft_that_is_not_there_takes_no_file(world: World) -> None:
    with pytest.raises(NotFound):
        add_file(actor=world.member, draft_id=uuid4(), name="a.pdf", stream=io.BytesIO(s.PDF))


def test_a_removed_file_is_gone_and_makes_room(draft: Draft) -> None:
    files = [add(draft, s.pdf()) for _number in range(5)]
    remove_file(actor=draft.owner, draft_id=draft.pk, file_id=files[2].pk)
    assert files_of_draft(draft) == [*files[:2], *files[3:]]
    add(draft, s.pdf())
    with pytest.raises(NotFound):
        remove_file(actor=draft.owner, draft_id=draft.pk, file_id=files[2].pk)


def test_a_file_of_another_draft_of_mine_is_not_removed_through_this_one(world: World, draft: Draft) -> None:
    file = add(world.make_draft(), s.pdf())
    with pytest.raises(NotFound):
        remove_file(actor=draft.owner, draft_id=draft.pk, file_id=file.pk)


def test_a_scanner_sees_the_file_as_it_came(draft: Draft) -> None:
    seen = []

    class Watching:
        def check(self, file: io.BufferedIOBase) -> None:
            file.seek(0)
            seen.append(file.read())

    photo = s.photo()
    add_file(
        actor=draft.owner,
        draft_id=draft.pk,
        name="a.jpg",
        stream=io.BytesIO(photo),
        scanner=Watching(),  # type: ignore[arg-type]
    )
    assert seen == [photo]


def test_a_storage_that_fails_leaves_no_row(draft: Draft, storage_folder: Path) -> None:
    storage_folder.parent.mkdir(exist_ok=True)
    storage_folder.write_text("a file where a folder should be")
    assert refusal(draft, s.pdf()) == "not_stored"


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_do_not_pass_the_limit_together() -> None:
    world = make_world()
    draft = world.make_draft()
    for _number in range(4):
        add(draft, s.pdf())
    codes: list[str] = []
    gate = threading.Barrier(4)

    def one(owner: Person) -> None:
        content = s.pdf(200_000)
        gate.wait()
        try:
            add_file(actor=owner, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(content))
        except InvalidInput as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(world.member,)) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DraftFile.objects.filter(draft=draft).count() == 5
    assert codes == ["too_many_files"] * 3


@pytest.mark.django_db(transaction=True)
def test_one_file_sent_twice_at_once_is_one_file() -> None:
    draft = make_world().make_draft()
    content, gate, found = s.photo(), threading.Barrier(3), []

    def one() -> None:
        gate.wait()
        try:
            found.append(add(draft, content, "a.jpg").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
