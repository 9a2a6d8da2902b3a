from __future__ import annotations

import contextlib
import io
import struct
import unicodedata
import zipfile

import pytest
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import strategies as st

from sangkien.core.errors import InvalidInput
from sangkien.initiatives.files.kinds import KINDS, FileKind, fitting_name
from sangkien.initiatives.files.sniffing import recognise
from tests.initiatives.files import samples as s


def kind_of(content: bytes) -> FileKind:
    return recognise(io.BytesIO(content))


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        kind_of(content)
    assert caught.value.field == "file"
    assert str(caught.value)
    return caught.value.code


GOOD = {
    "pdf": s.PDF,
    "jpg": s.picture("JPEG"),
    "png": s.picture("PNG"),
    "webp": s.picture("WEBP"),
    "docx": s.office("docx"),
    "xlsx": s.office("xlsx"),
    "pptx": s.office("pptx"),
    "odt": s.open_document("text"),
    "ods": s.open_document("spreadsheet"),
    "odp": s.open_document("presentation"),
    "doc": s.compound("WordDocument", "1Table"),
    "xls": s.compound("Workbook"),
    "ppt": s.compound("Current User", "PowerPoint Document"),
}


@pytest.mark.parametrize("ending", GOOD)
def test_an_accepted_kind_is_recognised_by_its_content(ending: str) -> None:
    assert ending in kind_of(GOOD[ending]).endings


def test_every_accepted_kind_has_a_sample() -> None:
    assert {kind_of(content) for content in GOOD.values()} == set(KINDS)


REFUSED = {
    "svg": (s.SVG, "SVG"),
    "svg_without_declaration": (b"\xef\xbb\xbf  <svg onload='x'/>", "SVG"),
    "svg_in_utf16": ("\ufeff<svg/>".encode("utf-16-le"), "SVG"),
    "html": (s.HTML, "web page"),
    "xml": (b"<?xml version='1.0'?><a/>", "XML"),
    "zip": (s.package({"a.txt": b"a"}), "archive"),
    "empty_zip": (s.package({}), "archive"),
    "rar": (b"Rar!\x1a\x07\x00rest", "archive"),
    "gzip": (b"\x1f\x8b\x08rest", "archive"),
    "exe": (b"MZ\x90\x00rest", "program"),
    "elf": (b"\x7fELFrest", "program"),
    "script": (b"#!/bin/sh\nrm -rf /", "script"),
    "php": (b"<?php system('x');", "script"),
    "text": ("Sáng kiến của tôi".encode() * 300, "plain text"),
    "text_cut_within_a_letter": (b"a" * 4095 + "ế".encode(), "plain text"),
    "rtf": (b"{\\rtf1 x}", "RTF"),
    "gif": (b"GIF89a....", "GIF"),
    "tiff": (b"II*\0....", "TIFF"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "mp4": (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
    "noise": (bytes(range(256)), "unknown"),
    "message": (s.compound("__properties_version1.0"), "unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_kind_is_refused_with_what_it_is(name: str) -> None:
    content, what = REFUSED[name]
    with override("en"), pytest.raises(InvalidInput) as caught:
        kind_of(content)
    assert caught.value.code == "unaccepted_kind"
    assert what in str(caught.value)


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "empty_file"


# --- half files, and files that are two things at once ------------------------------------------------------------


def test_a_pdf_without_its_end_is_refused() -> None:
    assert refusal(s.PDF.replace(b"%%EOF", b"")) == "damaged_file"


def test_a_pdf_that_is_an_archive_as_well_is_refused() -> None:
    archive = io.BytesIO(s.PDF)
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr("evil.class", b"x")
    assert b"%%EOF" in archive.getvalue()[-2048:]
    assert refusal(archive.getvalue()) == "unaccepted_kind"


def test_something_in_front_of_a_pdf_is_not_skipped() -> None:
    assert refusal(b"<script>alert(1)</script>" + s.PDF) == "unaccepted_kind"
    assert refusal(b"MZ" + s.PDF) == "unaccepted_kind"


def test_a_document_with_something_after_or_within_its_archive_is_refused() -> None:
    document = s.office("docx")
    assert refusal(document + b"<script>") == "damaged_file"
    at = document.index(b"PK\1\2")
    assert refusal(document[:at] + b"hidden" + document[at:]) == "damaged_file"


def test_a_cut_document_is_refused() -> None:
    assert refusal(s.office("docx")[:-30]) == "damaged_file"


def test_a_document_with_a_broken_part_is_refused() -> None:
    document = bytearray(s.office("docx", {"word/big.xml": b"abcdefghij" * 10_000}))
    at = document.index(b"word/big.xml") + 60
    document[at : at + 20] = bytes(20)
    assert refusal(bytes(document)) == "damaged_file"


# --- macros and passwords -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        s.office("docx", {"word/vbaProject.bin": b"x"}),
        s.office("xlsx", {"xl/VBAPROJECT.BIN": b"x"}),
        s.office("xlsx", {"xl/macrosheets/sheet1.xml": b"x"}),
        s.office("docx", contents=b'<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'),
        s.open_document("text", more={"Basic/Standard/Module1.xml": b"x"}),
        s.open_document("text", more={"Scripts/python/evil.py": b"x"}),
        s.compound("WordDocument", "Macros", within={"Macros": "VBA"}),
        s.compound("Workbook", "_VBA_PROJECT_CUR"),
        s.compound("WordDocument", "ObjectPool", within={"ObjectPool": "_VBA_PROJECT_CUR"}),
    ],
)
def test_a_document_with_macros_is_refused(content: bytes) -> None:
    assert refusal(content) == "macros"


@pytest.mark.parametrize(
    "content",
    [
        s.compound("EncryptedPackage", "EncryptionInfo"),
        s.open_document("text", manifest=b"<manifest:encryption-data/>"),
    ],
)
def test_a_document_with_a_password_is_refused(content: bytes) -> None:
    assert refusal(content) == "locked_file"


def test_an_encrypted_part_of_an_archive_is_refused_as_locked() -> None:
    document = bytearray(s.office("docx"))
    at = document.index(b"PK\1\2")
    document[at + 8] |= 1
    assert refusal(bytes(document)) == "locked_file"


def test_a_workbook_in_which_a_document_is_embedded_is_a_workbook() -> None:
    content = s.compound("Workbook", "MBD0001", within={"MBD0001": "WordDocument"})
    assert kind_of(content).endings == ("xls",)


# --- bombs --------------------------------------------------------------------------------------------------------


def test_a_document_that_unpacks_to_400_megabytes_is_refused_by_what_it_claims() -> None:
    content = s.bomb_document()
    assert len(content) < 1024 * 1024
    assert refusal(content) == "unpacks_too_far"


def test_a_document_that_claims_less_than_it_unpacks_to_is_refused() -> None:
    content = bytearray(s.bomb_document(60))
    for mark, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = content.rindex(mark)
        content[at + place : at + place + 4] = struct.pack("<I", 100)
    assert refusal(bytes(content)) == "damaged_file"


def test_a_document_of_modest_size_that_packs_well_is_accepted() -> None:
    assert kind_of(s.office("docx", {"word/media/blank.bmp": bytes(9 * 1024 * 1024)})).endings == ("docx",)


def test_a_document_whose_parts_share_their_bytes_is_refused() -> None:
    content = s.office("docx", {f"word/{n}.xml": bytes(100_000) for n in range(3)})
    at = content.index(b"PK\1\2")
    directory, end = content[at:-22], content[-22:]
    entry = directory[directory.rindex(b"PK\1\2") :]
    copies = b"".join(entry.replace(b"word/2.xml", b"wor%03d.xml" % n) for n in range(900))
    end = bytearray(end)
    struct.pack_into("<2HL", end, 8, 906, 906, len(directory) + len(copies))
    assert refusal(content[:at] + directory + copies + bytes(end)) == "unpacks_too_far"


def test_a_directory_of_too_many_entries_is_refused_before_it_is_read() -> None:
    content = s.package({f"{n}": b"" for n in range(10_001)})
    assert refusal(content) == "unpacks_too_far"


def test_a_directory_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    content = bytearray(s.office("docx"))
    struct.pack_into("<L", content, len(content) - 10, 500_000_000)
    assert refusal(bytes(content)) == "unpacks_too_far"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "word\\..\\x", "word/../../x"])
def test_a_document_whose_parts_lead_out_of_it_is_refused(name: str) -> None:
    content = s.office("docx", {"word/" + "x" * (len(name) - 5) if len(name) > 5 else "x": b"x"})
    placeholder = ("word/" + "x" * (len(name) - 5)).encode()
    assert refusal(content.replace(placeholder, name.encode())) == "damaged_file"


def test_two_parts_of_one_name_are_refused() -> None:
    content = s.office("docx", {"word/evil1.xml": b"a", "word/evil2.xml": b"b"})
    assert refusal(content.replace(b"evil2", b"EVIL1")) == "damaged_file"


def test_a_compound_file_whose_directory_runs_in_a_circle_is_refused() -> None:
    content = bytearray(s.compound("WordDocument"))
    struct.pack_into("<I", content, 512 + 4, 1)  # the first sector of the directory is followed by itself
    assert refusal(bytes(content)) == "damaged_file"


# --- whatever comes -----------------------------------------------------------------------------------------------

starts = st.sampled_from(
    [b"", b"%PDF-", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"RIFF....WEBP", b"<?xml <svg"]
)


@given(starts, st.binary(max_size=3000))
@example(b"PK\3\4", b"PK\5\6" + bytes(18))
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(22) + b"\x09\x00" + bytes(600))
def test_any_bytes_are_recognised_or_refused(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        assert kind_of(start + rest) in KINDS


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_file_with_a_few_wrong_bytes_is_recognised_or_refused(ending: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[ending])
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidInput):
        assert kind_of(bytes(content)) in KINDS


# --- names --------------------------------------------------------------------------------------------------------


def name_of(typed: str, ending: str = "pdf") -> str:
    return fitting_name(typed, kind_of(GOOD[ending]))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Quyết định.pdf", "Quyết định.pdf"),
        ("Quye\u0302\u0301t đi\u0323nh.PDF", "Quyết định.pdf"),
        ("C:\\Users\\hoa\\Quyết định.pdf", "Quyết định.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".pdf", "file.pdf"),
        ("bản\r\n\0 chính\u202e.pdf", "bản chính.pdf"),
        ('a<b>:"c|?*.pdf', "a_b___c___.pdf"),
        ("Báo cáo v1.2", "Báo cáo v1.2.pdf"),
        ("x" * 400 + ".pdf", "x" * 186 + ".pdf"),
        ("ế" * 400 + ".pdf", "ế" * 62 + ".pdf"),
        ("📎 ảnh.pdf", "📎 ảnh.pdf"),
    ],
)
def test_a_name_is_kept_visible_short_and_without_folders(typed: str, kept: str) -> None:
    with override("en"):
        assert name_of(typed) == kept


@pytest.mark.parametrize(
    ("typed", "ending"),
    [
        ("invoice.exe", "pdf"), ("photo.jpg", "pdf"), ("report.pdf", "docx"), ("report.pdf.exe", "pdf"),
        ("sheet.xlsx", "docx"), ("report.docx", "doc"), ("gpj\u202efdp.exe", "pdf"), ("x.pdf", "png"),
    ],
)  # fmt: skip
def test_a_name_that_claims_another_kind_is_refused_and_told_what_it_is(typed: str, ending: str) -> None:
    kind = kind_of(GOOD[ending])
    with override("en"), pytest.raises(InvalidInput) as caught:
        fitting_name(typed, kind)
    assert caught.value.code == "lying_name"
    with override("en"):
        assert str(kind.label) in str(caught.value)


def test_a_picture_gets_the_ending_that_it_should_have() -> None:
    assert name_of("từ Zalo.jpg", "webp") == "từ Zalo.webp"
    assert name_of("ảnh.JPEG", "jpg") == "ảnh.jpeg"


@given(st.text(max_size=300))
def test_any_name_is_kept_or_refused_and_never_leads_anywhere(typed: str) -> None:
    try:
        kept = name_of(typed)
    except InvalidInput:
        return
    assert kept.endswith(".pdf")
    assert len(kept.encode()) <= 190
    assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
    assert "Cc" not in {unicodedata.category(char) for char in kept}
    assert not set(kept) & set('/\\<>:"|?*\r\n\0')
