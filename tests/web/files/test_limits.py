from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from sangkien.initiatives.models import Draft

MB = 1024 * 1024
FORM = "multipart/form-data; boundary=xyz"


def multipart(text: bytes) -> bytes:
    return b'--xyz\r\nContent-Disposition: form-data; name="problem"\r\n\r\n' + text + b"\r\n--xyz--\r\n"


def test_a_request_beyond_a_form_with_a_file_is_refused_in_words(member: Client, draft: Draft) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]), bytes(40 * MB), FORM)
    assert response.status_code == 413
    assert b"20 MB" in response.content
    assert b"<h1>" in response.content


def test_texts_beyond_16_mb_are_refused_in_words(member: Client, draft: Draft) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]), multipart(b"x" * (17 * MB)), FORM)
    assert response.status_code == 413
    assert b"<h1>" in response.content


def test_a_script_is_told_in_json(member: Client, draft: Draft) -> None:
    for content, kind in ((bytes(40 * MB), FORM), (b"[" + b"1," * (9 * MB) + b"1]", "application/json")):
        response = member.post(
            reverse("draft-upload", args=[draft.pk]), content, kind, headers={"accept": "application/json"}
        )
        assert response.status_code == 413
        assert "20 MB" in json.loads(response.content)["error"]


def test_ten_megabytes_of_text_reach_the_form(member: Client, draft: Draft) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]), multipart("ế".encode() * (10 * MB // 3)), FORM)
    assert response.status_code == 303


def test_too_many_fields_are_refused_in_words(member: Client, draft: Draft) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]), {f"f{n}": "x" for n in range(4100)})
    assert response.status_code == 413
    assert b"<h1>" in response.content


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 500])
def test_a_form_that_cannot_be_read_is_refused_in_words(member: Client, draft: Draft, kind: str) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]), multipart(b"x"), kind)
    assert response.status_code == 400
    assert b"<h1>" in response.content


def test_a_form_in_another_encoding_is_refused_in_words(member: Client, draft: Draft) -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-16"
    response = member.post(reverse("draft", args=[draft.pk]), "title=a", content_type=kind)
    assert response.status_code == 400
    assert b'<div class="page-head refused">' in response.content


def test_a_length_that_is_none_does_no_harm(member: Client, draft: Draft) -> None:
    response = member.generic("POST", reverse("draft-files", args=[draft.pk]), b"", FORM, CONTENT_LENGTH="many")
    assert response.status_code in (303, 400)
