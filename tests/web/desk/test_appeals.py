"""The pages of appeals and second looks: for authors, and for the level above."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.initiatives import actions, rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Author, Event, Initiative, Response, SecondLook
from sangkien.initiatives.reviews import Place
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.models import Person
from sangkien.programmes.models import VerificationTerms
from sangkien.units.models import Unit
from sangkien.web.desk.appeals import views
from tests.factories import World, grant, make_person, make_world

LIST = "/ban-lam-viec/xem-lai/"
WHY = "Đã có quyết định công nhận của hội đồng."


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def officer_of(unit: Unit, name: str = "Trần Văn Cấp Dưới") -> Person:
    person = make_person(full_name=name)
    grant(person, unit)
    return person


def found_invalid(world: World) -> Initiative:
    return actions.mark_invalid(
        actor=officer_of(world.districts[0]),
        initiative_id=world.submit().pk,
        reason=ReasonCode.NOT_RECOGNISED,
        note="Chưa có quyết định.",
    )


def appealed(world: World) -> Appeal:
    return actions.appeal(actor=world.member, initiative_id=found_invalid(world).pk, note=WHY)


def looked_at(world: World, *, benefit: int | None = None) -> SecondLook:
    """Have something found valid and picked for a second look."""
    if not VerificationTerms.objects.exists():
        VerificationTerms.objects.create(
            programme=world.programme,
            second_share=100,
            effective_at=world.programme.starts_at,
            recorded_by=world.officer,
        )
    number = world.submit().pk
    actions.mark_valid(actor=officer_of(world.districts[0]), initiative_id=number, benefit_verified=benefit)
    return SecondLook.objects.get(initiative_id=number)


def own_page(initiative: Initiative) -> str:
    return f"/sang-kien/{code_of(initiative.pk)}/"


def appeal_page(initiative: Initiative) -> str:
    return f"{own_page(initiative)}khieu-nai/"


def decide_page(made: Appeal) -> str:
    return f"{LIST}khieu-nai/{made.pk}/"


def look_page(look: SecondLook) -> str:
    return f"{LIST}{code_of(look.initiative_id)}/{look.number}/"


SEEN = {"state": "invalid", "event": "2"}


# --- the author --------------------------------------------------------------------------------------------------


def test_the_page_of_what_was_found_invalid_leads_its_author_to_the_appeal_with_its_last_day(world: World) -> None:
    one = found_invalid(world)
    until = rules.appealable_until(one, Event.objects.get(number=2))
    author = browser(world.member)
    for page in (author.get(own_page(one)), author.get(appeal_page(one))):
        assert clock.format_cutoff(until).split()[1] in page.content.decode()
    assert appeal_page(one) in author.get(own_page(one)).content.decode()
    assert appeal_page(one) not in browser(world.officer).get(own_page(one)).content.decode()


def test_an_author_appeals_and_reads_where_it_waits(world: World) -> None:
    one, author = found_invalid(world), browser(world.member)
    answer = author.post(appeal_page(one), SEEN | {"note": WHY})
    made = Appeal.objects.get()
    assert (answer.status_code, answer.url, made.note) == (303, own_page(one), WHY)
    page = author.get(own_page(one)).content.decode()
    for said in (world.unions[0].name_vi, clock.format_cutoff(made.due_at).split()[1], WHY):
        assert said in page
    assert 'name="action" value="withdraw"' in author.get(appeal_page(one)).content.decode()


def test_what_is_missing_is_said_at_the_field(world: World) -> None:
    one = found_invalid(world)
    answer = browser(world.member).post(appeal_page(one), SEEN | {"note": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors["note"]
    assert not Appeal.objects.exists()


def test_the_officer_is_not_named_to_the_author(world: World) -> None:
    one = found_invalid(world)
    page = browser(world.member).get(appeal_page(one)).content.decode()
    assert world.districts[0].name_vi in page
    assert "Trần Văn Cấp Dưới" not in page


def test_a_second_sending_and_a_stale_form_do_nothing(world: World) -> None:
    one, author = found_invalid(world), browser(world.member)
    assert author.post(appeal_page(one), SEEN | {"event": "1", "note": WHY}).status_code == 409
    author.post(appeal_page(one), SEEN | {"note": WHY})
    answer = author.post(appeal_page(one), SEEN | {"note": WHY})
    assert answer.status_code == 409
    assert WHY in answer.content.decode()
    assert Appeal.objects.count() == 1


def test_an_author_takes_it_back_once(world: World) -> None:
    made = appealed(world)
    author = browser(world.member)
    assert author.post(appeal_page(made.initiative), {"action": "withdraw"}).status_code == 303
    made.refresh_from_db()
    assert made.state == Appeal.State.WITHDRAWN
    assert author.post(appeal_page(made.initiative), {"action": "withdraw"}).status_code == 409
    assert 'name="note"' not in author.get(appeal_page(made.initiative)).content.decode()


def test_after_the_last_day_the_page_says_so_and_has_no_form(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = found_invalid(world)
    monkeypatch.setattr(rules, "appealable_until", lambda _one, finding: finding.at)
    author = browser(world.member)
    page = author.get(appeal_page(one))
    assert (page.status_code, page.context["form"]) == (200, None)
    assert appeal_page(one) not in author.get(own_page(one)).content.decode()
    assert author.post(appeal_page(one), SEEN | {"note": WHY}).status_code == 409


def test_others_do_not_see_the_appeal(world: World) -> None:
    one = found_invalid(world)
    assert browser(world.officer).get(appeal_page(one)).status_code == 403
    assert browser(make_person()).get(appeal_page(one)).status_code == 404


@pytest.mark.parametrize("allow", [True, False])
def test_the_author_reads_the_answer(world: World, allow: bool) -> None:
    made = appealed(world)
    actions.decide_appeal(actor=world.officer, appeal_id=made.pk, allow=allow, answer="Đã xem lại toàn bộ hồ sơ.")
    author = browser(world.member)
    for page in (author.get(own_page(made.initiative)), author.get(appeal_page(made.initiative))):
        assert "Đã xem lại toàn bộ hồ sơ." in page.content.decode()


# --- what waits --------------------------------------------------------------------------------------------------


def test_what_waits_stands_due_first_and_what_is_overdue_is_marked(world: World) -> None:
    made, look = appealed(world), looked_at(world)
    SecondLook.objects.update(due_at=clock.now() - timedelta(days=1))
    page = browser(world.officer).get(LIST)
    assert [line.address for line in page.context["lines"]] == [look_page(look), decide_page(made)]
    assert [line.is_overdue for line in page.context["lines"]] == [True, False]
    assert page.content.decode().count("is-late") == 1


def walked(client: Client, decide: bool = False) -> list[str]:
    """The codes of everything in the list, page after page; with ``decide`` the first of each page is then decided."""
    found: list[str] = []
    address = LIST
    while address:
        page = client.get(address)
        lines = page.context["lines"]
        assert len(lines) <= views.PER_PAGE
        found += [line.code for line in lines]
        if decide and lines:
            assert client.post(lines[0].address, {"decision": "confirm"}).status_code == 303
        address = f"{LIST}?{urlencode({'sau': str(page.context['next'])})}" if page.context["next"] else ""
    return found


def test_a_long_list_goes_on_page_by_page_and_what_is_decided_meanwhile_shifts_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    looks = [looked_at(world) for _number in range(5)]
    due = clock.now() + timedelta(days=1)
    SecondLook.objects.filter(initiative_id__in=[one.initiative_id for one in looks[1:]]).update(due_at=due)
    SecondLook.objects.filter(initiative_id=looks[0].initiative_id).update(due_at=due + timedelta(days=1))
    codes = [code_of(one.initiative_id) for one in (*looks[1:], looks[0])]
    client = browser(world.officer)
    first = client.get(LIST)
    assert (first.context["waiting"].total, len(first.context["lines"])) == (5, 2)
    assert walked(client) == codes, "of those that are due at one moment, too, each stands there once"
    assert walked(client, decide=True) == codes


def test_appeals_and_second_looks_that_are_due_at_one_moment_each_stand_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 1)
    made = [appealed(world), appealed(world)]
    looks = [looked_at(world), looked_at(world)]
    due = clock.now() + timedelta(days=1)
    Appeal.objects.update(due_at=due)
    SecondLook.objects.update(due_at=due)
    assert walked(browser(world.officer)) == [code_of(one.initiative_id) for one in (*made, *looks)]


@given(st.datetimes(timezones=st.just(UTC)), st.booleans(), st.integers(1, 2**63 - 1))
def test_a_place_in_the_list_is_read_as_it_was_written(due_at: datetime, is_look: bool, number: int) -> None:
    place = Place(due_at, is_look, number)
    assert Place.read(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", "x", "2022-01-01_0_1", "2022-01-01T00:00:00+00:00_0_0", "2022-01-01T00:00:00+00:00_x_1", "1_1_1"]
)
def test_a_place_that_is_none_is_the_beginning(world: World, text: str) -> None:
    assert Place.read(text) is None
    appealed(world)
    assert len(browser(world.officer).get(LIST, {"sau": text}).context["lines"]) == 1


def test_a_place_at_an_offset_that_no_database_knows_is_a_place_all_the_same(world: World) -> None:
    appealed(world)
    assert browser(world.officer).get(LIST, {"sau": "2026-01-01T00:00:00+23:59_0_1"}).status_code == 200


def test_the_list_can_be_of_one_unit_of_ones_own(world: World) -> None:
    appealed(world)
    client = browser(world.officer)
    for code, total in (("HNI", 1), ("THA", 0)):
        page = client.get(LIST, {"don-vi": code})
        assert (page.context["waiting"].total, len(page.context["lines"])) == (total, total)
    assert browser(officer_of(world.unions[0])).get(LIST, {"don-vi": "THA"}).status_code == 404


def test_an_officer_for_whom_nothing_waits_reads_so(world: World) -> None:
    made = appealed(world)
    beside = browser(officer_of(world.districts[1]))
    assert beside.get(LIST).context["lines"] == []
    assert beside.get(decide_page(made)).status_code == 403
    assert browser(world.member).get(LIST).status_code == 403


def test_the_list_takes_as_many_queries_for_one_as_for_three(world: World) -> None:
    client = browser(world.officer)
    appealed(world)
    looked_at(world)
    client.get(LIST)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        counts.append(len(captured))
        for _more in range(2):
            appealed(world)
            looked_at(world)
    assert counts[0] == counts[1]


# --- deciding an appeal ------------------------------------------------------------------------------------------


def test_the_page_shows_the_former_decision_and_the_authors_words(world: World) -> None:
    made = appealed(world)
    page = browser(world.officer).get(decide_page(made)).content.decode()
    for said in ("Chưa có quyết định.", "Trần Văn Cấp Dưới", world.districts[0].name_vi, WHY, "Băng tải hay kẹt."):
        assert said in page
    assert 'name="benefit_verified" value="12.500.000"' in page


@pytest.mark.parametrize(("decision", "state"), [("allow", State.VALID), ("dismiss", State.INVALID)])
def test_it_is_allowed_or_dismissed_in_writing(world: World, decision: str, state: State) -> None:
    made = appealed(world)
    sent = {"decision": decision, "note": "Đã xem lại.", "benefit_verified": "3 triệu"}
    answer = browser(world.officer).post(decide_page(made), sent)
    initiative = Initiative.objects.get()
    made.refresh_from_db()
    assert (answer.status_code, answer.url) == (303, LIST)
    assert (initiative.state, made.answer) == (state, "Đã xem lại.")
    assert initiative.benefit_verified == (3_000_000 if decision == "allow" else None)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"note": "Có"}, "decision"),
        ({"decision": "maybe", "note": "Có"}, "decision"),
        ({"decision": "allow", "note": " "}, "note"),
        ({"decision": "allow", "note": "Có", "benefit_verified": "nhiều"}, "benefit_verified"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World, sent: dict[str, str], field: str) -> None:
    made = appealed(world)
    answer = browser(world.officer).post(decide_page(made), sent)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert sent["note"].strip() in answer.content.decode()
    made.refresh_from_db()
    assert made.state == Appeal.State.WAITING


def test_an_author_who_objects_is_said_and_nothing_is_changed(world: World) -> None:
    made = appealed(world)
    Author.objects.update(person=make_person(), response=Response.DECLINED)
    answer = browser(world.officer).post(decide_page(made), {"decision": "allow", "note": "Có"})
    assert (answer.status_code, bool(answer.context["form"].non_field_errors())) == (422, True)
    assert Initiative.objects.get().state == State.INVALID


@pytest.mark.parametrize("ended", ["dismissed", "taken back"])
def test_who_comes_second_reads_how_it_ended_and_keeps_what_they_wrote(world: World, ended: str) -> None:
    made = appealed(world)
    if ended == "dismissed":
        other = officer_of(world.unions[0], "Phạm Thị Nhanh Hơn")
        actions.decide_appeal(actor=other, appeal_id=made.pk, allow=False, answer="Không đủ căn cứ.")
    else:
        actions.withdraw_appeal(actor=world.member, appeal_id=made.pk)
    client = browser(world.officer)
    answer = client.post(decide_page(made), {"decision": "allow", "note": "Tôi đồng ý"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Tôi đồng ý" in page
    assert 'name="decision"' not in page
    if ended == "dismissed":
        assert "Phạm Thị Nhanh Hơn" in page
        assert "Không đủ căn cứ." in page
    assert 'name="decision"' not in client.get(decide_page(made)).content.decode()
    assert Initiative.objects.get().state == State.INVALID


# --- second looks ------------------------------------------------------------------------------------------------


def test_who_found_it_valid_is_not_told_that_it_was_picked(world: World) -> None:
    look = looked_at(world)
    first = Event.objects.get(number=2, initiative_id=look.initiative_id).actor
    assert look_page(look) not in browser(first).get(own_page(look.initiative)).content.decode()
    assert look_page(look) in browser(world.officer).get(own_page(look.initiative)).content.decode()
    assert browser(first).get(look_page(look)).status_code == 403


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ({"decision": "confirm"}, State.VALID),
        ({"decision": "overturn", "reason": "duplicate", "note": "Trùng"}, State.INVALID),
    ],
)
def test_it_is_confirmed_or_overturned(world: World, sent: dict[str, str], state: State) -> None:
    look = looked_at(world)
    client = browser(world.officer)
    answer = client.post(look_page(look), sent)
    assert (answer.status_code, answer.url, Initiative.objects.get().state) == (303, LIST, state)
    assert client.get(LIST).context["lines"] == []
    history = client.get(own_page(look.initiative)).context["history"]
    assert history[0].kind.value == ("confirmed" if state == State.VALID else "overturned")


@pytest.mark.parametrize(("sent", "field"), [({"note": "Trùng"}, "reason"), ({"reason": "duplicate"}, "note")])
def test_overturning_needs_a_reason_and_a_sentence(world: World, sent: dict[str, str], field: str) -> None:
    look = looked_at(world)
    answer = browser(world.officer).post(look_page(look), sent | {"decision": "overturn"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Initiative.objects.get().state == State.VALID


def test_who_looks_second_is_told(world: World) -> None:
    look = looked_at(world)
    actions.decide_second_look(
        actor=officer_of(world.unions[0]), initiative_id=look.initiative_id, number=look.number, confirm=True
    )
    answer = browser(world.officer).post(look_page(look), {"decision": "overturn", "reason": "duplicate", "note": "Lý"})
    assert answer.status_code == 409
    assert Initiative.objects.get().state == State.VALID


def test_what_is_not_there_is_not_found(world: World) -> None:
    code, client = code_of(world.submit().pk), browser(world.officer)
    for address in (f"{LIST}khieu-nai/99/", f"{LIST}{code}/2/", f"{LIST}SK-0000-000X/2/"):
        assert client.get(address).status_code == 404
