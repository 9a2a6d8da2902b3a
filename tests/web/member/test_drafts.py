"""Drafts: saved by themselves and by a button, opened elsewhere, never overwritten unseen, never another's."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core import signing
from django.test import Client

from sangkien.core import clock
from sangkien.initiatives.actions import drafts
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Attachment, Draft, DraftFile, Initiative
from sangkien.programmes.models import Phase
from sangkien.web.member.tickets import LIFE, SHARED_COMPUTER
from tests.factories import World, make_person
from tests.web.member.conftest import Paper, Typed

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f0001040100"
    "5fe5c34b0000000049454e44ae426082"
)


def other_page(paper: Paper) -> Paper:
    """The same draft on another device of the same person."""
    return Paper(paper.client, paper.id)


# --- saving ------------------------------------------------------------------------------------------------------


def test_looking_at_the_form_stores_nothing(paper: Paper) -> None:
    assert paper.client.get("/gui/").status_code == 200
    assert not Draft.objects.exists()


def test_the_first_save_makes_the_draft_and_each_later_one_a_version(paper: Paper, typed: Typed, world: World) -> None:
    first = paper.save(typed)
    assert first.status_code == 200
    assert first.json()["version"] == 1
    assert (paper.draft.owner, paper.draft.typed["benefit"]) == (world.member, "1,2 tỷ")
    second = paper.save({"title": "Tên mới", "tab": "this-page"}, 1, part="1")
    assert second.json()["version"] == 2
    assert paper.draft.typed == typed | {"title": "Tên mới"}


def test_a_part_can_empty_an_input_and_take_a_row_of_authors_away(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    paper.save({"novelty": "", "authors": "1", "tab": "this-page"}, 1, part="1")
    assert "novelty" not in paper.draft.typed
    assert not [name for name in paper.draft.typed if name.startswith("author2_")]


def test_the_answer_tells_the_time_what_is_wrong_where_one_has_been_and_how_it_was_read(
    paper: Paper, typed: Typed
) -> None:
    wrong = typed | {"applied_on": "1/1/1999", "title": "", "solution": ""}
    said = paper.save(wrong, touched="applied_on,title,benefit").json()
    assert set(said["notes"]) == {"applied_on", "title"}  # the solution has not been left yet
    assert said["notes"]["title"] == [{"look": "no", "heading": "", "message": "Fill in this field.", "source": ""}]
    assert {note["look"] for note in said["notes"]["applied_on"]} == {"no"}
    assert said["readings"] == {"benefit": "= 1,200,000,000 VND"}
    assert said["saved_at"] == clock.format_time(paper.draft.saved_at, "en")


def test_a_rule_that_only_warns_does_not_refuse(paper: Paper, typed: Typed) -> None:
    without = typed | {"recognition_document": "", "applied_on": "1/1/2020"}
    Phase.objects.update(applied_from=clock.day_of(clock.now()) - timedelta(days=9999))
    assert {note["look"] for note in paper.save(without, touched="applied_on").json()["notes"]["applied_on"]} == {"fix"}
    assert "note-fix" in paper.open().content.decode()
    assert paper.send(without, 1).status_code == 303


def test_what_was_saved_comes_back_on_any_device(paper: Paper, typed: Typed, world: World) -> None:
    paper.save(typed | {"step": "3"})
    elsewhere = Client()
    elsewhere.force_login(world.member)
    page = elsewhere.get(paper.address)
    assert {n: v for n, v in page.context["form"].typed.items() if n in typed} == typed
    assert 'name="version" value="1"' in page.content.decode()


def test_unfinished_drafts_are_offered_on_top_of_a_new_form(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    page = paper.client.get("/gui/").content.decode()
    assert f'href="{paper.address}"' in page
    assert typed["title"] in page


def test_more_than_can_be_kept_is_said_and_stays_on_the_page(paper: Paper, typed: Typed) -> None:
    long = {name: "x" * 79_999 for name in ("problem", "solution", "novelty", "conditions", "applied_scope")}
    long["applicable_scope"] = long["problem"]
    assert paper.save(typed | long).status_code == 422
    answer = paper.send(typed | long)
    assert answer.status_code == 422
    assert answer.context["form"].typed["conditions"] == long["conditions"]
    assert "data-whole" in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_draft_is_discarded_with_a_press(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    answer = paper.client.post(f"{paper.address}bo/")
    assert (answer.status_code, answer.url, answer.cookies["sent_draft"].value) == (303, "/gui/", str(paper.id))
    assert not Draft.objects.exists()
    assert paper.save({"title": "Mới"}, 1, part="1").status_code == 404  # a part is not taken for the whole
    assert paper.save(typed).status_code == 200


# --- two pages at once ---------------------------------------------------------------------------------------------


def test_another_page_does_not_overwrite_what_it_has_not_seen(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    paper.save({"title": "Từ máy thứ nhất", "tab": "this-page"}, 1, part="1")
    late = other_page(paper).save({"title": "Từ máy thứ hai", "tab": "other"}, 1, part="1")
    assert (late.status_code, late.json()["version"]) == (409, 2)
    assert paper.draft.typed["title"] == "Từ máy thứ nhất"


def test_a_page_whose_answer_got_lost_goes_on_from_its_own_save(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    again = paper.save(typed | {"title": "Gõ thêm"})  # it never heard of version 1
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert paper.send(typed, 1).status_code == 303


@pytest.mark.parametrize("action", ["save", "submit", "more_authors"])
def test_a_button_on_an_old_page_shows_both_ways_on(paper: Paper, typed: Typed, action: str) -> None:
    paper.save(typed)
    paper.save({"title": "Từ máy thứ nhất", "tab": "this-page"}, 1, part="1")
    answer = paper.press(action, typed | {"title": "Từ máy thứ hai", "tab": "other"}, 1)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Từ máy thứ hai" in page
    assert f'<a class="btn btn-line" href="{paper.address}" data-take-theirs>' in page
    assert 'name="version" value="2"' in page  # so that keeping mine is seen over theirs
    assert paper.draft.typed["title"] == "Từ máy thứ nhất"
    assert not Initiative.objects.exists()
    assert paper.press("save", typed | {"title": "Từ máy thứ hai", "tab": "other"}, 2).status_code == 303
    assert paper.draft.typed["title"] == "Từ máy thứ hai"


def test_an_old_page_that_says_the_same_is_no_conflict(paper: Paper, typed: Typed) -> None:
    paper.save(typed)
    paper.save({"title": "Tên", "tab": "this-page"}, 1, part="1")
    paper.save({"title": typed["title"], "tab": "this-page"}, 2, part="1")
    assert paper.send(typed | {"tab": "other"}, 1).status_code == 303


# --- without the script --------------------------------------------------------------------------------------------


def test_buttons_save_what_was_typed_and_come_back_to_their_place(paper: Paper, typed: Typed) -> None:
    assert paper.press("save", typed).url == paper.address
    assert paper.press("more_authors", typed, 1).url == f"{paper.address}#authors"
    assert paper.draft.typed["authors"] == "3"
    assert paper.press("split_shares", typed | {"authors": "3"}, 2).status_code == 303
    assert [paper.draft.typed[f"author{n}_share"] for n in (1, 2, 3)] == ["34", "33", "33"]


def test_a_row_of_authors_is_taken_out_and_those_below_move_up(paper: Paper, typed: Typed) -> None:
    three = typed | {"authors": "3", "author3_name": "Lan", "author3_share": "7", "author3_title": "Kỹ sư"}
    paper.press("drop_author:2", three)
    kept = {name: text for name, text in paper.draft.typed.items() if name.startswith("author2_")}
    assert kept == {"author2_name": "Lan", "author2_share": "7", "author2_title": "Kỹ sư"}
    assert paper.draft.typed["authors"] == "2"
    assert "author3_name" not in paper.draft.typed


@pytest.mark.parametrize("action", ["drop_author:", "drop_author:1", "drop_author:99", "nonsense", "drop_file:x", ""])
def test_a_button_that_there_is_not_only_saves(paper: Paper, typed: Typed, action: str) -> None:
    assert paper.press(action, typed).status_code == 303
    assert paper.draft.typed == typed


def test_no_more_than_twenty_authors_are_shown(paper: Paper, typed: Typed) -> None:
    paper.press("more_authors", typed | {"authors": "20"})
    assert paper.draft.typed["authors"] == "20"
    paper.save({"authors": "99999", "tab": "this-page"}, 1, part="1")
    assert len(paper.open().context["form"].author_rows) == 20


def test_a_file_is_added_and_taken_away_with_all_that_was_typed(paper: Paper, typed: Typed) -> None:
    image = BytesIO(PNG)
    image.name = "anh.png"
    added = paper.press("upload", typed, file=image)
    file = DraftFile.objects.get()
    assert (added.status_code, file.draft_id, file.name) == (303, paper.id, "anh.png")
    assert "anh.png" in paper.open().content.decode()
    paper.press(f"drop_file:{file.pk}", typed | {"title": "Tên mới"}, 1)
    assert not DraftFile.objects.exists()
    assert paper.draft.typed["title"] == "Tên mới"


def test_a_file_that_is_refused_is_said_and_what_was_typed_is_saved(paper: Paper, typed: Typed) -> None:
    liar = BytesIO(b"<svg onload=alert(1)>")
    liar.name = "anh.png"
    answer = paper.press("upload", typed, file=liar)
    assert answer.status_code == 422
    assert answer.context["form"].typed["title"] == typed["title"]
    assert paper.draft.typed == typed


def test_a_file_that_comes_with_the_sending_itself_is_sent_along(paper: Paper, typed: Typed) -> None:
    image = BytesIO(PNG)
    image.name = "anh.png"
    assert paper.send(typed, file=image).status_code == 303
    assert Attachment.objects.get().name == "anh.png"
    assert not Draft.objects.exists()


def test_a_file_that_is_refused_keeps_the_initiative_from_being_sent(paper: Paper, typed: Typed) -> None:
    liar = BytesIO(b"<svg onload=alert(1)>")
    liar.name = "anh.png"
    assert paper.send(typed, file=liar).status_code == 422
    assert not Initiative.objects.exists()
    assert paper.draft.typed == typed


def test_one_draft_too_many_leaves_what_was_typed_on_the_page(
    paper: Paper, typed: Typed, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 1)
    world.make_draft()
    for action in ("save", "submit"):
        answer = paper.press(action, typed | {"title": ""})
        assert answer.status_code == 422
        assert answer.context["form"].typed["solution"] == typed["solution"]


# --- whose it is ---------------------------------------------------------------------------------------------------


@pytest.fixture
def stranger(paper: Paper, world: World) -> Paper:
    """Somebody else at the address of the member's draft."""
    client = Client()
    client.force_login(make_person("stranger"))
    return Paper(client, paper.id)


def test_anothers_draft_is_not_there(paper: Paper, stranger: Paper, typed: Typed) -> None:
    paper.save(typed)
    assert stranger.open().status_code == 404
    assert stranger.press("save", typed | {"title": "Của tôi"}).status_code == 404
    assert stranger.save(typed | {"title": "Của tôi"}).status_code == 404
    assert stranger.save({"title": "Của tôi"}, 1, part="1").status_code == 404
    assert stranger.client.post(f"{paper.address}bo/").status_code == 404
    assert paper.draft.typed["title"] == typed["title"]


def test_what_somebody_sends_under_anothers_id_leaves_the_draft_alone(
    paper: Paper, stranger: Paper, typed: Typed, world: World
) -> None:
    paper.save(typed)
    stranger.send(typed | {"unit": world.grassroots[0].code})
    assert paper.draft.typed == typed


# --- when the session has ended ------------------------------------------------------------------------------------


def ticket_of(page: Any) -> str:
    return str(page.context["ticket"])


@pytest.fixture
def signed_out(paper: Paper, typed: Typed) -> Paper:
    """The member's draft, saved once, before a browser that has been signed out."""
    paper.save(typed)
    return Paper(Client(), paper.id)


def test_a_script_still_saves_with_its_ticket_and_is_led_to_sign_in(paper: Paper, signed_out: Paper) -> None:
    ticket = ticket_of(paper.open())
    said = signed_out.save({"title": "Gõ tiếp", "tab": "this-page"}, 1, part="1", ticket=ticket)
    assert said.status_code == 401
    assert set(said.json()) == {"sign_in", "version", "saved_at"}  # nothing of what the draft holds
    assert said.json()["sign_in"] == f"/dang-nhap/?next=%2Fgui%2F{paper.id}%2F"
    assert paper.draft.typed["title"] == "Gõ tiếp"


def test_a_button_still_saves_with_its_ticket_and_leads_to_signing_in(
    paper: Paper, signed_out: Paper, typed: Typed
) -> None:
    ticket = ticket_of(paper.open())
    answer = signed_out.send(typed | {"title": "Gõ tiếp"}, 1, ticket=ticket)
    assert answer.url == f"/dang-nhap/?next=%2Fgui%2F{paper.id}%2F"
    assert paper.draft.typed["title"] == "Gõ tiếp"
    assert not Initiative.objects.exists()


def test_a_ticket_makes_the_draft_of_a_form_that_was_never_saved(member: Client, typed: Typed, world: World) -> None:
    page = member.get("/gui/")
    Paper(Client(), page.context["draft_id"]).save(typed, ticket=ticket_of(page))
    assert Draft.objects.get().owner == world.member


@pytest.mark.parametrize("kind", ["none", "another", "forged", "old", "inactive"])
def test_without_a_good_ticket_nothing_is_saved(
    paper: Paper, signed_out: Paper, member: Client, world: World, kind: str
) -> None:
    good = ticket_of(paper.open())
    ticket = {"none": "", "another": ticket_of(member.get("/gui/")), "forged": good[:-1] + "x"}.get(kind, good)
    if kind == "inactive":
        world.member.is_active = False
        world.member.save()
    late = signing.time.time() + LIFE.total_seconds() + 60 if kind == "old" else signing.time.time()
    with patch.object(signing.time, "time", lambda: late):
        said = signed_out.save({"title": "Lạ", "tab": "this-page"}, 1, part="1", ticket=ticket)
    assert (said.status_code, set(said.json())) == (401, {"sign_in"})
    assert paper.draft.typed["title"] != "Lạ"


def test_at_a_shared_computer_nothing_is_left_behind(paper: Paper, typed: Typed) -> None:
    session = paper.client.session
    session[SHARED_COMPUTER] = True
    session.save()
    paper.save(typed)
    page = paper.open()
    assert ticket_of(page) == ""
    form = page.content.decode().split('<form action="/gui/', 1)[1].split(">", 1)[0]
    assert "data-copies" not in form


def test_forged_forms_save_nothing(world: World, typed: Typed) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.member)
    assert Paper(strict).save(typed).status_code == 403
    assert Paper(strict).send(typed).status_code == 403
    assert not Draft.objects.exists()


@pytest.mark.parametrize("address", ["/gui/x/", "/gui/6f1c9a3e-3c51-4a52-9a57-0d0c8a3f5b21/", "/gui/?ban=x"])
def test_an_address_of_no_draft_is_not_found_or_a_new_form(member: Client, address: str) -> None:
    assert member.get(address).status_code == (200 if "?" in address else 404)


def test_sending_tells_the_script_to_drop_its_copy(paper: Paper, typed: Typed) -> None:
    answer = paper.send(typed)
    assert answer.cookies["sent_draft"].value == str(paper.id)
    assert code_of(Initiative.objects.get().pk) in answer.url
