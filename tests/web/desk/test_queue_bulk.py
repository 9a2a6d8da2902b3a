"""Many decided at once: what is shown before, what is confirmed, how far it has got; what was entered for others."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.bulk import carry_out
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import BulkDecision, Event, Flag, Initiative, Response
from sangkien.initiatives.states import EventKind, State
from sangkien.people.categories import Category
from tests.factories import World, make_person, make_world

ADDRESS = "/ban-lam-viec/hang-loat/"
VALID = {"decision": "valid", "with_benefit": "on"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def officer(world: World) -> Client:
    client = Client()
    client.force_login(world.officer)
    return client


def marked(found: Sequence[Initiative]) -> dict[str, list[str]]:
    return {"so": [code_of(one.pk) for one in found], "pham-vi": ["chon"]}


def previewed(client: Client, sent: dict[str, object], decision: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Go from the list to the preview; return it, and what its form would send."""
    chosen = client.post(ADDRESS, sent)
    assert chosen.status_code == 200
    kept = dict(HIDDEN.findall(chosen.content.decode()))
    kept.pop("csrfmiddlewaretoken", None)
    shown = client.post(ADDRESS, kept | decision | {"buoc": "xem"})
    assert shown.status_code == 200
    text = shown.content.decode()
    hidden = dict(HIDDEN.findall(text))
    return text, kept | decision | {name: hidden[name] for name in ("luc", "lan")} | {"buoc": "lam"}


def facts(text: str) -> list[str]:
    return re.findall(r'<dd class="num">([^<]+)</dd>', text)


def confirmed(client: Client, sent: dict[str, str]) -> BulkDecision:
    answer: HttpResponse = client.post(ADDRESS, sent)
    assert answer.status_code == 303
    return BulkDecision.objects.get()


def test_what_was_marked_is_shown_then_confirmed_then_decided(world: World, officer: Client) -> None:
    ones = [world.submit() for _ in range(3)]
    Initiative.objects.filter(pk=ones[0].pk).update(flags=int(Flag.LARGE_BENEFIT))
    text, sent = previewed(officer, marked(ones), VALID)
    assert facts(text)[:2] == ["3", "3"]
    assert not BulkDecision.objects.exists()
    made = confirmed(officer, sent)
    assert set(Initiative.objects.values_list("state", flat=True)) == {State.SUBMITTED}
    while carry_out(made.pk):
        pass
    assert set(Initiative.objects.values_list("state", "benefit_verified")) == {(State.VALID, 12_500_000)}
    assert Event.objects.filter(kind=EventKind.VALIDATED, actor=world.officer).count() == 3


def test_all_that_the_filter_finds_is_what_stood_there_when_it_was_shown(world: World, officer: Client) -> None:
    found = [world.submit(world.grassroots[1]) for _ in range(2)]
    world.submit()
    asked = {"pham-vi": "tat-ca", "hang-doi": f"?don-vi={world.unions[1].code}"}
    text, sent = previewed(officer, asked, VALID)
    assert facts(text)[:2] == ["2", "2"]
    world.submit(world.grassroots[1])  # comes in after the preview
    made = confirmed(officer, sent)
    assert list(made.items.order_by("initiative").values_list("initiative_id", flat=True)) == [one.pk for one in found]


def test_a_second_click_makes_no_second_decision(world: World, officer: Client) -> None:
    _text, sent = previewed(officer, marked([world.submit()]), VALID)
    confirmed(officer, sent)
    confirmed(officer, sent)


@pytest.mark.parametrize("moment", ["2026-02-30T10:00:00+07:00", "2026-02-01T10:00:00", "yesterday", ""])
def test_without_the_moment_of_a_preview_it_is_shown_again(world: World, officer: Client, moment: str) -> None:
    _text, sent = previewed(officer, marked([world.submit()]), VALID)
    assert officer.post(ADDRESS, sent | {"luc": moment}).status_code == 200
    assert not BulkDecision.objects.exists()


def test_what_changes_between_preview_and_confirmation_is_left_out_and_listed(world: World, officer: Client) -> None:
    first, second = world.submit(), world.submit()
    _text, sent = previewed(officer, marked([first, second]), VALID)
    mark_valid(actor=world.officer, initiative_id=first.pk)
    made = confirmed(officer, sent)
    while carry_out(made.pk):
        pass
    text = officer.get(f"{ADDRESS}{made.pk}/").content.decode()
    assert f"/ban-lam-viec/{code_of(first.pk)}/" in text
    assert f"/ban-lam-viec/{code_of(second.pk)}/" not in text
    told = officer.get(f"{ADDRESS}{made.pk}/", headers={"accept": "application/json"}).json()
    assert told == {"total": 2, "done": 1, "skipped": 1, "stopped": False, "finished": True}


def test_ones_own_are_left_out_and_said_so(world: World, officer: Client) -> None:
    own, other = world.submit(actor=world.officer), world.submit()
    text, _sent = previewed(officer, marked([own, other]), VALID)
    assert facts(text)[:2] == ["1", "2"]


@pytest.mark.parametrize(
    ("decision", "fields"),
    [
        ({}, {"decision"}),
        ({"decision": "invalid"}, {"reason", "note"}),
        ({"decision": "return", "reason": "duplicate"}, {"note"}),
        ({"decision": "reinstate"}, {"decision"}),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_the_marks_stay(
    world: World, officer: Client, decision: dict[str, str], fields: set[str]
) -> None:
    code = code_of(world.submit().pk)
    answer = officer.post(ADDRESS, {"bai": code, "buoc": "xem", "note": ""} | decision)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert set(re.findall(r'id="id_(\w+)_error"', text)) == fields
    assert f'name="bai" value="{code}"' in text


def test_nothing_marked_is_said_clearly(world: World, officer: Client) -> None:
    assert officer.post(ADDRESS, {"pham-vi": "chon"}).status_code == 422
    assert officer.post(ADDRESS, {"so": ["SK-0000-0000", "x"], "pham-vi": "chon"}).status_code == 422


def test_whoever_made_it_stops_it_and_nobody_else_sees_it(world: World, officer: Client) -> None:
    one = world.submit()
    _text, sent = previewed(officer, marked([one]), VALID)
    made = confirmed(officer, sent)
    stranger = Client()
    stranger.force_login(make_person())
    assert stranger.get(f"{ADDRESS}{made.pk}/").status_code == 404
    assert stranger.post(f"{ADDRESS}{made.pk}/dung/").status_code == 404
    assert officer.post(f"{ADDRESS}{made.pk}/dung/").url == f"{ADDRESS}{made.pk}/"
    assert not carry_out(made.pk)
    one.refresh_from_db()
    assert one.state == State.SUBMITTED


def test_the_page_looks_again_by_itself_until_it_is_over(world: World, officer: Client) -> None:
    _text, sent = previewed(officer, marked([world.submit()]), VALID)
    made = confirmed(officer, sent)
    assert 'http-equiv="refresh"' in officer.get(f"{ADDRESS}{made.pk}/").content.decode()
    while carry_out(made.pk):
        pass
    assert 'http-equiv="refresh"' not in officer.get(f"{ADDRESS}{made.pk}/").content.decode()


def test_a_decision_leads_to_the_next_of_the_same_queue_and_can_be_undone(world: World, officer: Client) -> None:
    ones = [world.submit(world.grassroots[1]) for _ in range(3)]
    first, second, _third = sorted(ones, key=lambda one: (one.due_at, one.pk))
    query = f"?don-vi={world.unions[1].code}"
    sent = {"state": "submitted", "event": "1", "decision": "valid", "hang-doi": query}
    answer = officer.post(f"/ban-lam-viec/{code_of(first.pk)}/quyet-dinh/", sent)
    assert answer.status_code == 303
    assert answer.url == f"/ban-lam-viec/{code_of(second.pk)}/{query}&vua={code_of(first.pk)}.2"
    text = officer.get(answer.url).content.decode()
    undo = f"/ban-lam-viec/{code_of(first.pk)}/hoan-tac/"
    assert f'action="{undo}"' in text
    answer = officer.post(undo, {"event": "2", "hang-doi": query})
    assert answer.url == f"/ban-lam-viec/{code_of(first.pk)}/{query}"
    first.refresh_from_db()
    assert first.state == State.SUBMITTED


def test_what_is_wrong_with_a_decision_is_shown_beside_the_queue(world: World, officer: Client) -> None:
    one = world.submit()
    sent = {"state": "submitted", "event": "1", "decision": "invalid", "note": "Trùng với bài khác", "hang-doi": ""}
    answer = officer.post(f"/ban-lam-viec/{code_of(one.pk)}/quyet-dinh/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in text
    assert "Trùng với bài khác" in text
    assert f'<li data-code="{code_of(one.pk)}" aria-current="true">' in text


# --- entered for others ------------------------------------------------------------------------------------------


def enter(world: World, **author: object) -> Initiative:
    principal = AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=100, **author)  # type: ignore[arg-type]
    return world.submit(actor=world.officer, authors=[principal])


def test_an_officer_sees_what_they_entered_and_who_has_answered(world: World, officer: Client) -> None:
    own = AuthorInput(
        name=world.officer.full_name, category=Category.UNION_OFFICER, share=100, person_id=world.officer.pk
    )
    mine = world.submit(actor=world.officer, authors=[own])
    told, untold, objecting = (
        enter(world, contact="hoa@example.vn"),
        enter(world),
        enter(world, contact="nam@example.vn"),
    )
    objecting.authors.update(response=Response.DECLINED)
    text = officer.get("/ban-lam-viec/nhap-thay/").content.decode()
    assert code_of(mine.pk) not in text
    rows = [part for part in text.split("<li>") if "SK-" in part]
    looks = {
        re.findall(r"SK-[0-9A-Z]{4}-[0-9A-Z]{4}", row)[0]: re.findall(r'class="tag (tag-\w+)"', row)[1] for row in rows
    }
    assert looks == {
        code_of(told.pk): "tag-wait",
        code_of(untold.pk): "tag-fix",
        code_of(objecting.pk): "tag-no",
    }
    assert "@example.vn" not in text


def test_the_form_for_another_says_so_and_asks_how_to_tell_them(world: World, officer: Client) -> None:
    text = officer.get("/gui/?thay=1").content.decode()
    assert re.search(r'name="not_author"[^>]*checked', text)
    assert 'name="author1_contact"' in text
    assert world.officer.full_name not in re.findall(r'name="author1_name" value="([^"]*)"', text)


def test_the_list_of_what_was_entered_costs_the_same_for_one_and_for_three(world: World, officer: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert officer.get("/ban-lam-viec/nhap-thay/").status_code == 200
        return len(captured)

    enter(world)
    cost()
    before = cost()
    enter(world), enter(world)
    assert cost() == before
