from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from sangkien.initiatives.files import files_of_draft
from sangkien.initiatives.models import Draft, Upload
from tests.factories import make_person
from tests.initiatives.files import samples as s

JSON = {"headers": {"accept": "application/json"}}


def add(client: Client, draft: Draft, content: bytes, name: str = "a.pdf") -> HttpResponse:
    file = SimpleUploadedFile(name, content, "application/x-whatever")
    return client.post(reverse("draft-files", args=[draft.pk]), {"file": file}, follow=False)


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in response.wsgi_request._messages)


def order(client: Client, draft: Draft, **what: object) -> Any:
    return client.post(reverse("draft-upload", args=[draft.pk]), json.dumps(what), "application/json", **JSON)


def part(client: Client, draft: Draft, upload: str, start: object, content: bytes) -> Any:
    address = reverse("draft-upload", query={"tep": upload, "tu": start}, args=[draft.pk])
    return client.post(address, content, "application/octet-stream", **JSON)


# --- with a plain form --------------------------------------------------------------------------------------------


def test_a_file_is_added_and_the_draft_is_shown_again(member: Client, draft: Draft) -> None:
    response = add(member, draft, s.PDF, "Quyết định.pdf")
    assert response.status_code == 303
    assert response["Location"] == f"{reverse('draft', args=[draft.pk])}#attachments"
    assert [file.name for file in files_of_draft(draft)] == ["Quyết định.pdf"]


@pytest.mark.parametrize("content", [s.SVG, s.HTML, b"", b"MZ", s.bomb_document()])
def test_a_file_that_is_refused_leads_back_with_a_sentence(member: Client, draft: Draft, content: bytes) -> None:
    response = add(member, draft, content)
    assert response.status_code == 303
    assert said(response)
    assert files_of_draft(draft) == []


def test_a_form_without_a_file_leads_back_with_a_sentence(member: Client, draft: Draft) -> None:
    response = member.post(reverse("draft-files", args=[draft.pk]))
    assert response.status_code == 303
    assert "Choose a file" in said(response)


def test_a_file_is_removed_by_a_plain_form(member: Client, draft: Draft) -> None:
    add(member, draft, s.PDF)
    (file,) = files_of_draft(draft)
    response = member.post(reverse("draft-file-remove", args=[draft.pk, file.pk]))
    assert response.status_code == 303
    assert files_of_draft(draft) == []
    assert member.post(reverse("draft-file-remove", args=[draft.pk, file.pk])).status_code == 404
    assert member.post(reverse("draft-file-remove", args=[draft.pk, 10**30])).status_code == 404


# --- with the script ----------------------------------------------------------------------------------------------


def test_a_file_is_sent_in_parts(member: Client, draft: Draft) -> None:
    content = s.pdf(300_000)
    begun = order(member, draft, do="start", name="Biên bản.pdf", size=len(content), mark="1").json()
    assert begun["received"] == 0
    assert part(member, draft, begun["id"], 0, content[:200_000]).json() == {"received": 200_000}
    assert part(member, draft, begun["id"], 0, content[:200_000]).json() == {"received": 200_000}
    assert (
        order(member, draft, do="start", name="Biên bản.pdf", size=len(content), mark="1").json()["received"] == 200_000
    )
    wrong = part(member, draft, begun["id"], 100, content[:10])
    assert (wrong.status_code, wrong.json()["received"]) == (409, 200_000)
    early = order(member, draft, do="finish", id=begun["id"])
    assert (early.status_code, early.json()["received"]) == (409, 200_000)
    assert part(member, draft, begun["id"], 200_000, content[200_000:]).json() == {"received": len(content)}
    done = order(member, draft, do="finish", id=begun["id"]).json()
    assert done["name"] == "Biên bản.pdf"
    assert "Biên bản.pdf" in done["list"]
    assert [file.size for file in files_of_draft(draft)] == [len(content)]


def test_a_refusal_reaches_the_script_as_a_sentence(member: Client, draft: Draft) -> None:
    large = order(member, draft, do="start", name="a.pdf", size=2 * 1024**3)
    assert large.status_code == 422
    assert "20 MB" in large.json()["error"]
    begun = order(member, draft, do="start", name="a.svg", size=len(s.SVG)).json()
    part(member, draft, begun["id"], 0, s.SVG)
    refused = order(member, draft, do="finish", id=begun["id"])
    assert (refused.status_code, refused.json()["code"]) == (422, "unaccepted_kind")


def test_a_file_is_removed_by_the_script(member: Client, draft: Draft) -> None:
    add(member, draft, s.PDF)
    (file,) = files_of_draft(draft)
    response = member.post(reverse("draft-file-remove", args=[draft.pk, file.pk]), **JSON)
    assert response.json() == {"list": response.json()["list"]}
    assert files_of_draft(draft) == []
    assert member.post(reverse("draft-file-remove", args=[draft.pk, file.pk]), **JSON).status_code == 404


def test_an_upload_is_cancelled(member: Client, draft: Draft) -> None:
    begun = order(member, draft, do="start", name="a.pdf", size=10).json()
    assert order(member, draft, do="cancel", id=begun["id"]).status_code == 200
    assert not Upload.objects.exists()
    assert order(member, draft, do="cancel", id=begun["id"]).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"[]", b"null", b'"start"', b'{"do": "start"}', b'{"do": "start", "name": 1, "size": 5}',
        b'{"do": "start", "name": "a", "size": true}', b'{"do": "start", "name": "a", "size": 1.5}',
        b'{"do": "start", "name": "a", "size": -1}', b'{"do": "finish"}', b'{"do": "finish", "id": "x"}',
        b'{"do": "other"}', b"[" * 4000, b"\xff", b'{"do": "start", "name": "\\ud800\\u0000", "size": 0}',
    ],
)  # fmt: skip
def test_nonsense_is_refused(member: Client, draft: Draft, sent: bytes) -> None:
    response = member.post(reverse("draft-upload", args=[draft.pk]), sent, "application/json", **JSON)
    assert response.status_code == 422
    assert response.json()["error"]


def test_a_strange_name_begins_an_upload(member: Client, draft: Draft) -> None:
    for name in ("\ud800\0", "\u202egpj.exe", "x" * 10_000):
        sent = json.dumps({"do": "start", "name": name[:400], "size": 10, "mark": name[:50]})
        response = member.post(reverse("draft-upload", args=[draft.pk]), sent, "application/json", **JSON)
        assert response.status_code == 200, name


@pytest.mark.parametrize("start", ["", "-1", "x", "9" * 40, "1.5", "٣"])
def test_a_part_from_nowhere_is_refused(member: Client, draft: Draft, start: str) -> None:
    begun = order(member, draft, do="start", name="a.pdf", size=10).json()
    assert part(member, draft, begun["id"], start, b"x").status_code == 422


def test_a_part_above_a_megabyte_is_refused(member: Client, draft: Draft) -> None:
    begun = order(member, draft, do="start", name="a.pdf", size=10_000_000).json()
    assert part(member, draft, begun["id"], 0, bytes(1024 * 1024 + 1)).status_code == 422


# --- who ----------------------------------------------------------------------------------------------------------


def test_nobody_but_the_owner_reaches_the_files_of_a_draft(member: Client, draft: Draft) -> None:
    add(member, draft, s.PDF)
    begun = order(member, draft, do="start", name="b.pdf", size=10).json()
    (file,) = files_of_draft(draft)
    stranger = Client()
    stranger.force_login(make_person())
    assert add(stranger, draft, s.PDF).status_code == 404
    assert stranger.post(reverse("draft-file-remove", args=[draft.pk, file.pk])).status_code == 404
    assert stranger.post(reverse("draft-file-remove", args=[draft.pk, file.pk]), **JSON).status_code == 404
    assert order(stranger, draft, do="start", name="b.pdf", size=10).status_code == 404
    assert order(stranger, draft, do="finish", id=begun["id"]).status_code == 404
    assert order(stranger, draft, do="cancel", id=begun["id"]).status_code == 404
    assert part(stranger, draft, begun["id"], 0, b"x").status_code == 404
    assert files_of_draft(draft) == [file]


def test_whoever_is_signed_out_is_led_to_sign_in_and_a_script_is_told(draft: Draft) -> None:
    nobody = Client()
    assert add(nobody, draft, s.PDF).status_code == 302
    assert order(nobody, draft, do="start", name="a.pdf", size=10).status_code == 401
    assert part(nobody, draft, str(uuid4()), 0, b"x").status_code == 401
    assert nobody.post(reverse("draft-file-remove", args=[draft.pk, 1]), **JSON).status_code == 401


def test_without_the_forms_token_nothing_is_done(draft: Draft) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(draft.owner)
    assert order(strict, draft, do="start", name="a.pdf", size=10).status_code == 403
    assert add(strict, draft, s.PDF).status_code == 403
    assert files_of_draft(draft) == []


# --- the list -----------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def one(self, tag: str, **having: str) -> dict[str, str | None]:
        (found,) = [a for t, a in self.tags if t == tag and having.items() <= a.items()]
        return found


def test_the_list_works_within_the_form_and_for_the_script(member: Client, draft: Draft) -> None:
    add(member, draft, s.PDF, "<b>&.pdf")
    (file,) = files_of_draft(draft)
    html = render_to_string("files/list.html", {"draft": draft.pk, "files": [file], "error": "Too large"})
    seen = Seen(html)
    assert seen.one("button", value=f"drop_file:{file.pk}")["data-remove"] == reverse(
        "draft-file-remove", args=[draft.pk, file.pk]
    )
    assert seen.one("button", value="upload")["name"] == "action"
    field = seen.one("input", type="file")
    assert field["name"] == "file"
    assert set((field["aria-describedby"] or "").split()) <= {a.get("id") for _tag, a in seen.tags}
    assert seen.one("label", **{"for": str(field["id"])})
    assert seen.one("div", id="attachments")["data-largest"] == str(20 * 1024 * 1024)
    assert not [tag for tag, _attributes in seen.tags if tag == "form"]
    assert "<b>&" not in html


def test_an_empty_list_shows_the_field_alone(draft: Draft) -> None:
    seen = Seen(render_to_string("files/list.html", {"draft": draft, "files": []}))
    assert seen.one("div", id="attachments")["data-upload"] == reverse("draft-upload", args=[draft.pk])
    assert [a["value"] for tag, a in seen.tags if tag == "button"] == ["upload"]
