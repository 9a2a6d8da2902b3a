"""An officer's decision about one initiative."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from sangkien.core import clock
from sangkien.initiatives import rules
from sangkien.initiatives.actions import mark_invalid, mark_valid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.queries import asked_of
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from tests.factories import World, grant, make_person, make_world

SUBMITTED = {"state": "submitted", "event": "1"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def officer(world: World) -> Client:
    """A browser in which a verifier over everything has signed in."""
    client = Client()
    client.force_login(world.officer)
    return client


def page_of(initiative: Initiative) -> str:
    return f"/sang-kien/{code_of(initiative.pk)}/"


def address(initiative: Initiative) -> str:
    return f"/ban-lam-viec/{code_of(initiative.pk)}/quyet-dinh/"


def state_of(initiative: Initiative) -> str:
    return Initiative.objects.get(pk=initiative.pk).state


def test_an_initiative_is_found_valid_with_the_benefit_that_was_verified(world: World, officer: Client) -> None:
    one = world.submit()
    answer = officer.post(address(one), SUBMITTED | {"decision": "valid", "benefit_verified": "10,5 triệu"})
    one.refresh_from_db()
    assert (answer.status_code, answer.url) == (303, page_of(one))
    assert (one.state, one.benefit_verified) == (State.VALID, 10_500_000)


def test_the_claimed_benefit_is_offered_as_the_verified_one(world: World, officer: Client) -> None:
    page = officer.get(page_of(world.submit(benefit_claimed=12_500_000))).content.decode()
    assert 'name="benefit_verified" value="12.500.000"' in page


@pytest.mark.parametrize(("decision", "state"), [("return", State.RETURNED), ("invalid", State.INVALID)])
def test_a_refusal_carries_a_reason_and_a_sentence(world: World, officer: Client, decision: str, state: State) -> None:
    one = world.submit()
    answer = officer.post(
        address(one), SUBMITTED | {"decision": decision, "reason": "missing_document", "note": "Thiếu trang ký"}
    )
    event = one.events.get(number=2)
    assert (answer.status_code, state_of(one)) == (303, state)
    assert (event.reason, event.note) == (ReasonCode.MISSING_DOCUMENT, "Thiếu trang ký")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "decision"),
        ({"decision": "accept"}, "decision"),
        ({"decision": "return", "note": "Thiếu"}, "reason"),
        ({"decision": "invalid", "reason": "duplicate"}, "note"),
        ({"decision": "invalid", "reason": "duplicate", "note": "  \u200b "}, "note"),
        ({"decision": "invalid", "reason": "nope", "note": "Thiếu"}, "reason"),
        ({"decision": "valid", "benefit_verified": "nhiều lắm"}, "benefit_verified"),
        ({"decision": "return", "reason": "duplicate", "note": "x" * 2_001}, "note"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_decided(
    world: World, officer: Client, sent: dict[str, str], field: str
) -> None:
    one = world.submit()
    answer = officer.post(address(one), SUBMITTED | sent)
    assert answer.status_code == 422
    assert len(answer.context["decision"].errors[field]) == 1  # and once
    assert sent.get("note", "") in answer.content.decode()
    assert state_of(one) == State.SUBMITTED


def test_the_second_of_two_officers_learns_what_the_first_decided(world: World, officer: Client) -> None:
    one = world.submit()
    first = make_person("first", full_name="Lê Thị Minh Nguyệt")
    grant(first, world.districts[0])
    mark_valid(actor=first, initiative_id=one.pk, benefit_verified=1)
    sent = SUBMITTED | {"decision": "invalid", "reason": "duplicate", "note": "Trùng với bài khác"}
    answer = officer.post(address(one), sent)
    page = answer.content.decode()
    assert (answer.status_code, state_of(one)) == (409, State.VALID)
    for said in ("Lê Thị Minh Nguyệt", world.districts[0].name_vi, "Trùng với bài khác"):
        assert said in page
    assert one.events.count() == 2


def test_a_page_opened_before_a_round_trip_is_out_of_date_though_the_state_is_the_same(
    world: World, officer: Client
) -> None:
    one = world.submit()
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    sent = {"state": "invalid", "event": "2", "decision": "reinstate", "note": "Không trùng"}
    assert officer.post(address(one), sent).status_code == 303
    assert state_of(one) == State.SUBMITTED
    assert officer.post(address(one), SUBMITTED | {"decision": "valid"}).status_code == 409


def test_a_form_that_does_not_say_what_it_saw_decides_nothing(world: World, officer: Client) -> None:
    one = world.submit()
    assert officer.post(address(one), {"decision": "valid"}).status_code == 409
    assert state_of(one) == State.SUBMITTED


def test_nobody_verifies_their_own_initiative(world: World, officer: Client) -> None:
    entered = world.submit(actor=world.officer)
    author = AuthorInput("Cán bộ", Category.UNION_OFFICER, 100, person_id=world.officer.pk)
    written = world.submit(authors=[author])
    for one in (entered, written):
        assert officer.post(address(one), SUBMITTED | {"decision": "valid"}).status_code == 403
        assert address(one) not in officer.get(page_of(one)).content.decode()


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("submitted", {"valid", "return", "invalid"}),
        ("valid", {"invalid"}),
        ("invalid", {"reinstate"}),
        ("returned", set()),
    ],
)
def test_the_page_offers_what_the_table_of_transitions_permits(
    world: World, officer: Client, state: str, offered: set[str]
) -> None:
    one = world.submit()
    first = {"valid": "valid", "invalid": "invalid", "returned": "return"}.get(state)
    if first:
        officer.post(address(one), SUBMITTED | {"decision": first, "reason": "duplicate", "note": "Lý do"})
    page = officer.get(page_of(one)).content.decode()
    buttons = {
        name for name in ("valid", "return", "invalid", "reinstate") if f'name="decision" value="{name}"' in page
    }
    assert (state_of(one), buttons) == (state, offered)


def test_a_right_that_has_ended_decides_nothing(world: World, client: Client) -> None:
    one, person = world.submit(), make_person()
    right = grant(person, world.top)
    right.until = clock.now()
    right.save()
    client.force_login(person)
    assert client.post(address(one), SUBMITTED | {"decision": "valid"}).status_code == 403


RETURN = SUBMITTED | {"decision": "return", "reason": "missing_document", "note": "Thiếu trang ký"}


def test_returning_it_says_which_parts_it_concerns_and_what_is_wanted(world: World, officer: Client) -> None:
    one = world.submit()
    asked = {
        "asked_title": "on",
        "asked_attachments": "on",
        "asked_attachments_note": " Trang ký ",
        "asked_unit_note": "?",
    }
    assert officer.post(address(one), RETURN | asked).status_code == 303
    assert asked_of(one) == {"title": "", "attachments": "Trang ký", "unit": "?"}


def test_what_is_asked_stays_in_the_form_when_something_is_missing(world: World, officer: Client) -> None:
    one = world.submit()
    sent = RETURN | {"note": "", "asked_title": "on", "asked_title_note": "Rõ hơn"}
    answer = officer.post(address(one), sent)
    page = answer.content.decode()
    assert (answer.status_code, state_of(one)) == (422, State.SUBMITTED)
    assert 'value="Rõ hơn"' in page
    assert '<details class="asking" open>' in page


def test_a_wish_that_is_too_long_is_refused_beside_it(world: World, officer: Client) -> None:
    one = world.submit()
    answer = officer.post(address(one), RETURN | {"asked_title_note": "x" * 501})
    assert (answer.status_code, state_of(one)) == (422, State.SUBMITTED)
    assert 'id="id_asked_title_note_error"' in answer.content.decode()


@pytest.mark.parametrize("decision", ["valid", "invalid"])
def test_other_decisions_ask_for_nothing(world: World, officer: Client, decision: str) -> None:
    one = world.submit()
    assert officer.post(address(one), RETURN | {"decision": decision, "asked_title": "on"}).status_code == 303
    assert asked_of(one) == {}


def test_parts_are_offered_only_where_it_can_be_returned(world: World, officer: Client) -> None:
    one = world.submit()
    assert 'name="asked_title"' in officer.get(page_of(one)).content.decode()
    mark_valid(actor=world.officer, initiative_id=one.pk)
    assert 'name="asked_title"' not in officer.get(page_of(one)).content.decode()


# --- for the desk's script, and back again -----------------------------------------------------------------------

JSON = {"HTTP_ACCEPT": "application/json"}


def undo_address(initiative: Initiative) -> str:
    return f"/ban-lam-viec/{code_of(initiative.pk)}/hoan-tac/"


def test_a_script_is_told_what_was_done_what_is_next_and_how_to_undo_it(world: World, officer: Client) -> None:
    one, other = world.submit(), world.submit()
    told = officer.post(address(one), SUBMITTED | {"decision": "valid", "hang-doi": ""}, **JSON).json()
    assert (told["done"], told["event"], told["undo"]) == (True, 2, undo_address(one))
    assert told["next"].startswith(f"/ban-lam-viec/{code_of(other.pk)}/")
    assert told["message"]


def test_from_the_desk_a_decision_leads_to_the_next_of_the_queue(world: World, officer: Client) -> None:
    one, other = world.submit(), world.submit()
    answer = officer.post(address(one), SUBMITTED | {"decision": "valid", "hang-doi": ""})
    assert answer.status_code == 303
    assert answer.url.startswith(f"/ban-lam-viec/{code_of(other.pk)}/")


def test_a_script_is_told_what_is_wrong_at_which_field(world: World, officer: Client) -> None:
    one = world.submit()
    answer = officer.post(address(one), SUBMITTED | {"decision": "invalid"}, **JSON)
    assert (answer.status_code, answer.json()["done"]) == (422, False)
    assert set(answer.json()["errors"]) == {"reason", "note"}


def test_a_script_is_told_what_somebody_else_decided(world: World, officer: Client) -> None:
    one = world.submit()
    first = make_person()
    grant(first, world.districts[0])
    mark_valid(actor=first, initiative_id=one.pk)
    answer = officer.post(address(one), SUBMITTED | {"decision": "valid"}, **JSON)
    assert (answer.status_code, answer.json()["done"]) == (409, False)
    assert str(State.VALID.label) in answer.json()["message"]


@pytest.mark.parametrize("headers", [{}, JSON])
def test_what_its_principal_author_objects_to_is_refused_in_words(
    world: World, officer: Client, headers: dict[str, str]
) -> None:
    one = world.submit()
    one.authors.update(person=make_person(), response=Response.DECLINED)
    answer = officer.post(address(one), SUBMITTED | {"decision": "valid"}, **headers)
    errors = answer.json()["errors"] if headers else answer.context["decision"].errors
    assert (answer.status_code, list(errors), state_of(one)) == (422, ["__all__"], State.SUBMITTED)


@pytest.mark.parametrize("decision", ["valid", "return", "invalid"])
def test_a_decision_is_undone_from_the_page_while_nothing_has_happened_since(
    world: World, officer: Client, decision: str
) -> None:
    one = world.submit()
    sent = {"decision": decision, "reason": "duplicate", "note": "Lý do"}
    officer.post(address(one), SUBMITTED | sent)
    assert undo_address(one) in officer.get(page_of(one)).content.decode()
    answer = officer.post(undo_address(one), {"event": "2"})
    assert (answer.status_code, answer.url, state_of(one)) == (303, page_of(one), State.SUBMITTED)
    assert undo_address(one) not in officer.get(page_of(one)).content.decode()


def test_a_script_undoes_and_is_led_back_to_it(world: World, officer: Client) -> None:
    one = world.submit()
    officer.post(address(one), SUBMITTED | {"decision": "valid"})
    told = officer.post(undo_address(one), {"event": "2", "hang-doi": ""}, **JSON).json()
    assert (told["done"], told["event"], state_of(one)) == (True, 3, State.SUBMITTED)
    assert told["next"].startswith(f"/ban-lam-viec/{code_of(one.pk)}/")


@pytest.mark.parametrize("headers", [{}, JSON])
@pytest.mark.parametrize("event", ["1", "3", "", "x", "9" * 30])
def test_undoing_something_else_than_what_was_decided_last_does_nothing(
    world: World, officer: Client, event: str, headers: dict[str, str]
) -> None:
    one = world.submit()
    officer.post(address(one), SUBMITTED | {"decision": "valid"})
    assert officer.post(undo_address(one), {"event": event}, **headers).status_code == 409
    assert state_of(one) == State.VALID


def test_undoing_too_late_says_so(world: World, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    one = world.submit()
    officer.post(address(one), SUBMITTED | {"decision": "valid"})
    monkeypatch.setattr(rules, "UNDO_WITHIN", timedelta(0))
    assert officer.post(undo_address(one), {"event": "2"}).status_code == 409
    assert officer.post(undo_address(one), {"event": "2"}, **JSON).json()["message"]
    assert state_of(one) == State.VALID


# --- a session that had ended --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["quyet-dinh", "hoan-tac"])
def test_who_was_signed_out_meanwhile_is_led_back_to_the_desk_and_told_that_nothing_was_done(
    world: World, what: str
) -> None:
    initiative = world.submit()
    client = Client()
    sent = f"/ban-lam-viec/{code_of(initiative.pk)}/{what}/"
    answer = client.post(sent, SUBMITTED | {"decision": "valid"})
    assert answer.status_code == 302
    assert sent in answer.headers["Location"]  # where signing in leads to
    client.force_login(world.officer)
    client.cookies["django_language"] = "en"
    back = client.get(sent, follow=True)
    assert back.redirect_chain == [(f"/ban-lam-viec/{code_of(initiative.pk)}/", 303)]
    assert "You had been signed out" in back.content.decode()
    assert state_of(initiative) == "submitted"


@pytest.mark.parametrize("what", ["quyet-dinh", "hoan-tac"])
def test_nobody_else_is_led_to_the_desk(world: World, what: str) -> None:
    initiative = world.submit()
    client = Client()
    client.force_login(world.member)
    assert client.get(f"/ban-lam-viec/{code_of(initiative.pk)}/{what}/").status_code == 403
    client.force_login(world.officer)
    assert client.get(f"/ban-lam-viec/KHONG-CO/{what}/").status_code == 404
