"""Sending the form: what becomes of it, and what is said when something is wrong with it."""

from __future__ import annotations

import threading
import unicodedata
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Draft, Initiative
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.programmes.eligibility import install_standard_rules
from sangkien.programmes.models import EligibilityRule, Phase, Programme
from sangkien.units.models import Membership
from tests.factories import World, make_person
from tests.web.member.conftest import Paper, Typed


def errors_of(answer: Any) -> dict[str, Any]:
    return dict(answer.context["form"].errors)


def test_a_sound_form_becomes_an_initiative_of_the_members_unit(world: World, paper: Paper, typed: Typed) -> None:
    answer = paper.send(typed)
    made = Initiative.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/sang-kien/{code_of(made.pk)}/bien-nhan/")
    assert (made.state, made.unit, made.submitter) == (State.SUBMITTED, world.grassroots[0], world.member)
    assert made.benefit_claimed == 1_200_000_000
    assert made.solution == "Gắn hai lưỡi gạt cao su ép bằng lò xo.\n\nThay lưỡi mất 15 phút."
    authors = [(a.name, a.share, a.person_id, a.unit, a.category) for a in made.authors.all()]
    assert authors == [
        (world.member.full_name, 60, world.member.pk, world.grassroots[0], "enterprise_worker"),
        ("Lê Văn Hiếu", 40, None, world.grassroots[0], "enterprise_worker"),
    ]
    assert not Draft.objects.exists()


def test_every_field_of_the_application_arrives(paper: Paper, typed: Typed) -> None:
    more = {
        "conditions": "Máy hàn, cao su",
        "applied_scope": "Phân xưởng 3",
        "applicable_scope": "Các mỏ hầm lò",
        "confidential_parts": "Thành phần cao su",
        "recognised_on": typed["applied_on"],
    }
    paper.send(typed | more)
    made = Initiative.objects.get()
    assert {name: getattr(made, name) for name in more if name != "recognised_on"} == {
        name: text for name, text in more.items() if name != "recognised_on"
    }
    assert made.recognised_on == made.applied_on


def test_the_form_is_filled_with_the_person_as_its_only_author(world: World, member: Client) -> None:
    world.member.job_title = "Thợ lò bậc 5"
    world.member.save()
    page = member.get("/gui/")
    assert page.context["form"].typed["author1_name"] == world.member.full_name
    assert page.context["form"].typed["author1_title"] == "Thợ lò bậc 5"
    assert world.grassroots[0].name_en in page.content.decode()


def test_whoever_has_not_signed_in_is_led_there_and_back(client: Client, world: World) -> None:
    assert client.get("/gui/").url == "/dang-nhap/?next=/gui/"
    paper = Paper(client)
    for answer in (paper.open(), paper.send({})):
        assert answer.url == f"/dang-nhap/?next=%2Fgui%2F{paper.id}%2F"
    assert not Draft.objects.exists()


def test_every_value_stays_on_the_page_and_in_the_draft_when_something_is_wrong(paper: Paper, typed: Typed) -> None:
    wrong = typed | {"applied_on": "31/2/2022", "benefit": "1,250 tỷ", "kind": "operational_solution"}
    answer = paper.send(wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"applied_on", "benefit"}
    assert {n: v for n, v in answer.context["form"].typed.items() if n in wrong} == wrong
    assert {n: v for n, v in paper.draft.typed.items() if n in wrong} == wrong
    for shown in (
        'value="31/2/2022"',
        'value="1,250 tỷ"',
        "Lưỡi tự bù mòn.",
        'value="operational_solution" required ch',
    ):
        assert shown in page
    assert not Initiative.objects.exists()


def test_errors_stand_at_their_field_and_in_the_summary_on_top(paper: Paper, typed: Typed) -> None:
    page = paper.send(typed | {"title": " ", "field": "", "kind": ""}).content.decode()
    summary, fields = page.split("<form action=", 1)
    assert 'role="alert" id="faults"' in summary
    for name in ("title", "field", "kind"):
        assert f'href="#id_{name}"' in summary
        assert f'id="id_{name}"' in fields
        at_field = fields.split(f'data-remarks="{name}"', 1)[1].split("</div></div>", 1)[0]
        assert "note-no" in at_field


def test_an_empty_form_asks_for_what_is_needed_all_at_once(paper: Paper) -> None:
    errors = errors_of(paper.send({}))
    texts = {"title", "problem", "solution", "applied_on", "recognised_by", "author1_name"}
    choices = {"kind", "field", "author1_category"}
    assert set(errors) == texts | choices | {"benefit"}
    assert {errors[name].as_data()[0].code for name in texts | choices} == {"required"}
    assert {errors[name][0] for name in texts} == {"Fill in this field."}
    assert {errors[name][0] for name in choices} == {"Choose one of these."}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"author1_share": "50"}, "authors"),
        ({"author1_share": "100"}, "authors"),
        ({"author2_share": ""}, "authors"),
        ({"author1_share": "101"}, "author1_share"),
        ({"author1_share": "60,5"}, "author1_share"),
        ({"author2_share": "0"}, "author2_share"),
        ({"author2_name": ""}, "author2_name"),
        ({"author2_contact": "không phải"}, "author2_contact"),
        ({"author2_category": "nope"}, "author2_category"),
        ({"author1_category": "nope"}, "author1_category"),
        ({"benefit": "", "no_benefit_reason": ""}, "benefit"),
        ({"benefit": "-5"}, "benefit"),
        ({"benefit": "1,250 tỷ"}, "benefit"),
        ({"benefit": "99.999 tỷ"}, "benefit"),
        ({"benefit": "=1+1"}, "benefit"),
        ({"title": "x" * 301}, "title"),
        ({"problem": "x" * 20_001}, "problem"),
        ({"recognition_document": "x" * 101}, "recognition_document"),
        ({"applied_on": "1/1/1999"}, "applied_on"),
        ({"applied_on": "31/2/2026"}, "applied_on"),
        ({"recognised_on": "hôm qua"}, "recognised_on"),
        ({"is_ip_protected": "on"}, "is_ip_protected"),
        ({"field": "NOPE"}, "field"),
        ({"kind": "nope"}, "kind"),
        ({"unit": "không có đơn vị này"}, "unit"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_the_rest_is_kept(
    paper: Paper, typed: Typed, changes: Typed, field: str
) -> None:
    answer = paper.send(typed | changes)
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {field}
    assert f'href="#id_{field}"' in answer.content.decode()
    assert paper.draft.typed["novelty"] == typed["novelty"]
    assert not Initiative.objects.exists()


def test_what_rules_refuse_is_said_together_with_all_the_rest(paper: Paper, typed: Typed) -> None:
    assert set(errors_of(paper.send(typed | {"applied_on": "1/1/1999", "title": ""}))) == {"applied_on", "title"}


@pytest.mark.parametrize("amount", ["1.2 tỷ", "1,2 tỷ", "1.200.000.000", "1 tỷ 200 triệu"])
def test_amounts_are_read_as_people_write_them(paper: Paper, typed: Typed, amount: str) -> None:
    paper.send(typed | {"benefit": amount})
    assert Initiative.objects.get().benefit_claimed == 1_200_000_000


def test_a_reason_may_stand_instead_of_the_benefit(paper: Paper, typed: Typed) -> None:
    paper.send(typed | {"benefit": "", "no_benefit_reason": "Mới chạy hai tuần"})
    made = Initiative.objects.get()
    assert (made.benefit_claimed, made.no_benefit_reason) == (None, "Mới chạy hai tuần")


def test_texts_are_stored_in_nfc_and_measured_after_that(paper: Paper, typed: Typed) -> None:
    title = "Ủ " * 149 + "ỦỦ"
    paper.send(typed | {"title": unicodedata.normalize("NFD", f"  {title} \u200b")})
    assert Initiative.objects.get().title == title


@pytest.mark.parametrize(
    "title", ["Máy <script>alert(1)</script>", "=HYPERLINK(A1)", "Máy 🛠️ mới", "' OR 1=1 --", "Máy\x00 nén"]
)
def test_strange_texts_do_no_harm_and_come_back_as_they_were(paper: Paper, typed: Typed, title: str) -> None:
    refused = paper.send(typed | {"title": title, "kind": ""}).content.decode()
    assert "<script>alert" not in refused
    assert paper.draft.typed["title"] == title.replace("\x00", "")
    paper.send(typed | {"title": title})
    assert Initiative.objects.get().title == title.replace("\x00", "")


def test_ten_megabytes_in_one_field_get_a_message_there_and_the_rest_is_kept(paper: Paper, typed: Typed) -> None:
    answer = paper.send(typed | {"problem": "x" * 10_000_000})
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"problem"}
    assert len(errors_of(answer)["problem"]) == 2  # it is too long, and what of it has been kept
    assert len(paper.draft.typed["problem"]) == 80_000
    assert paper.draft.typed["novelty"] == typed["novelty"]


def test_of_a_secret_technology_only_name_effect_and_award_are_asked_for(paper: Paper, typed: Typed) -> None:
    secret = typed | {"is_secret": "on", "award": "Giải Nhất", "problem": "", "solution": "Không được lưu"}
    assert set(errors_of(paper.send(secret | {"social_benefit": ""}))) == {"social_benefit"}
    assert paper.send(secret).status_code == 303
    made = Initiative.objects.get()
    assert (made.is_secret, made.award, made.solution, made.novelty) == (True, "Giải Nhất", "", "")


# --- authors -----------------------------------------------------------------------------------------------------


def test_a_single_author_has_the_whole_share_whatever_is_written(paper: Paper, typed: Typed) -> None:
    paper.send(typed | {"authors": "1", "author1_share": "60"})
    assert [a.share for a in Initiative.objects.get().authors.all()] == [100]


def test_rows_that_nobody_filled_in_are_no_authors(paper: Paper, typed: Typed) -> None:
    paper.send(typed | {"authors": "5"})
    assert Initiative.objects.get().authors.count() == 2


def test_a_co_author_may_be_of_another_unit_or_of_a_workplace_that_is_none(
    world: World, paper: Paper, typed: Typed
) -> None:
    more = {
        "authors": "3",
        "author2_unit": world.grassroots[1].code,
        "author2_category": "union_officer",
        "author2_contact": "HIEU@example.vn",
        "author2_share": "20",
        "author3_name": "Phạm Thị Lan",
        "author3_unit": "Xưởng cơ khí Hòa Bình",
        "author3_share": "20",
    }
    assert paper.send(typed | more).status_code == 303
    second, third = Initiative.objects.get().authors.all()[1:]
    assert (second.unit, second.category, second.contact) == (world.grassroots[1], "union_officer", "hieu@example.vn")
    assert (third.unit, third.workplace, third.category) == (None, "Xưởng cơ khí Hòa Bình", "enterprise_worker")


def test_whoever_sends_it_for_others_is_no_author(world: World, paper: Paper, typed: Typed) -> None:
    paper.send(typed | {"not_author": "on", "author1_name": "Trần Quốc Bảo", "unit": world.grassroots[1].code})
    made = Initiative.objects.get()
    assert (made.unit, made.submitter) == (world.grassroots[1], world.member)
    assert [a.person_id for a in made.authors.all()] == [None, None]


# --- the unit ----------------------------------------------------------------------------------------------------


@pytest.fixture
def guest(world: World) -> Person:
    return make_person("guest")


@pytest.fixture
def guests(guest: Person) -> Paper:
    client = Client()
    client.force_login(guest)
    client.cookies["django_language"] = "en"
    return Paper(client)


def test_somebody_without_a_unit_names_it_by_code_or_name(
    world: World, typed: Typed, guests: Paper, guest: Person
) -> None:
    assert set(errors_of(guests.send(typed))) == {"unit"}
    assert guests.send(typed | {"unit": "cdcs cong ty hni-001"}).status_code == 303
    assert Initiative.objects.get().unit == world.grassroots[0]


def test_a_name_that_fits_several_units_offers_them_and_the_choice_counts(
    world: World, typed: Typed, guests: Paper
) -> None:
    answer = guests.send(typed | {"unit": "cdcs cong ty"})
    assert set(errors_of(answer)) == {"unit"}
    page = answer.content.decode()
    assert all(f'type="radio" name="unit" value="{unit.code}"' in page for unit in world.grassroots)
    guests.client.post(guests.address, typed | {"unit": ["cdcs cong ty", world.grassroots[2].code]})
    assert Initiative.objects.get().unit == world.grassroots[2]


def test_what_a_newcomer_chose_is_noted_in_their_profile_if_they_wish(
    world: World, typed: Typed, guests: Paper, guest: Person
) -> None:
    guests.send(typed | {"author1_name": guest.full_name, "unit": world.grassroots[1].code, "remember": "on"})
    guest.refresh_from_db()
    assert Membership.objects.get(person=guest).unit == world.grassroots[1]
    assert (guest.category, guest.job_title) == ("enterprise_worker", "Thợ lò")


@pytest.mark.parametrize("changes", [{"remember": ""}, {"author1_name": "Người khác"}, {"not_author": "on"}])
def test_nothing_is_noted_unasked_or_of_others(
    world: World, typed: Typed, guests: Paper, guest: Person, changes: Typed
) -> None:
    mine = typed | {"author1_name": guest.full_name, "unit": world.grassroots[1].code, "remember": "on"}
    guests.send(mine | changes)
    guest.refresh_from_db()
    assert Initiative.objects.count() == 1
    assert not Membership.objects.filter(person=guest).exists()
    assert guest.category == ""


# --- once, whatever is sent twice ----------------------------------------------------------------------------------


def test_the_same_form_sent_twice_makes_one_initiative(paper: Paper, typed: Typed) -> None:
    first, second = paper.send(typed), paper.send(typed | {"title": "Tên khác"})
    assert Initiative.objects.count() == 1
    assert (second.status_code, second.url) == (303, first.url)


def test_going_back_to_a_form_that_was_sent_leads_to_its_receipt(paper: Paper, typed: Typed) -> None:
    first = paper.send(typed)
    for answer in (paper.open(), paper.press("save", typed)):
        assert (answer.status_code, answer.url) == (303, first.url)
    assert paper.save(typed).status_code == 409
    assert paper.client.get(f"/gui/?ban={paper.id}").url == paper.address
    assert not Draft.objects.exists()


def test_each_form_that_is_opened_has_an_id_of_its_own(member: Client) -> None:
    assert len({member.get("/gui/").context["draft_id"] for _ in range(3)}) == 3
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_makes_one_initiative(typed: Typed, paper: Paper) -> None:
    answers: list[str] = []
    ready = threading.Barrier(2)

    def send() -> None:
        browser = Client()
        browser.cookies = paper.client.cookies
        ready.wait()
        answers.append(Paper(browser, paper.id).send(typed).url)
        connections.close_all()

    taps = [threading.Thread(target=send) for _ in range(2)]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()
    assert Initiative.objects.count() == 1
    assert len(set(answers)) == 1


# --- when it cannot be sent ----------------------------------------------------------------------------------------


def test_outside_an_open_phase_a_page_says_when_they_are_open(member: Client) -> None:
    now = clock.now()
    Phase.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    page = member.get("/gui/").content.decode()
    assert 'name="title"' not in page
    assert "Phase 1" in page


def test_what_was_typed_is_kept_when_the_phase_closes_meanwhile(paper: Paper, typed: Typed) -> None:
    now = clock.now()
    Phase.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(seconds=1))
    answer = paper.send(typed)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert paper.draft.typed["novelty"] == typed["novelty"]
    assert paper.open().status_code == 200


def test_without_a_programme_the_form_is_a_clear_page(db: None, client: Client) -> None:
    client.force_login(make_person())
    assert client.get("/gui/").status_code == 200
    assert client.get(f"/gui/{uuid4()}/").status_code == 404
    assert not Programme.objects.exists()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_form_speaks_both_languages(member: Client, language: str) -> None:
    member.cookies["django_language"] = language
    page = member.get("/gui/")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.content.decode()


def test_an_account_of_the_system_cannot_submit(world: World, typed: Typed, client: Client) -> None:
    client.force_login(make_person("robot", is_system=True))
    assert Paper(client).send(typed | {"unit": world.top.code}).status_code == 403
    assert not Initiative.objects.exists()


# --- what it costs -------------------------------------------------------------------------------------------------


def queries(call: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([q for q in captured if "SAVEPOINT" not in q["sql"]])


def test_more_authors_cost_no_more_queries(world: World, member: Client, typed: Typed) -> None:
    one = typed | {"authors": "1"}
    three = typed | {"authors": "3", "author2_share": "20", "author3_name": "Lan", "author3_share": "20"}
    assert EligibilityRule.objects.exists() or install_standard_rules(world.programme, at=world.programme.starts_at)
    Paper(member).send(one)  # what is read once per process
    alone, together = (queries(lambda sent=sent: Paper(member).send(sent)) for sent in (one, three))
    assert together == alone
    assert alone <= 19


def test_opening_a_form_costs_the_same_whatever_was_sent_before(member: Client, typed: Typed) -> None:
    member.get("/gui/")
    before = queries(lambda: member.get("/gui/"))
    Paper(member).send(typed)
    member.get("/cua-toi/")
    assert queries(lambda: member.get("/gui/")) == before <= 12


def test_sending_takes_few_statements(paper: Paper, member: Client, typed: Typed) -> None:
    Paper(member).send(typed)  # the rules in force are read once
    with CaptureQueriesContext(connection) as asked:
        assert paper.send(typed).status_code == 303
    statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    # The session, the account, what is known of the form; key and moment, phase and rules, all that is written.
    assert len(statements) == 6, statements


def test_a_form_changes_nothing_of_the_next_one(paper: Paper, member: Client, typed: Typed) -> None:
    secret = Paper(member).send({"is_secret": "on", "unit": "HNI", "authors": "3"})
    assert "social_benefit" in errors_of(secret)
    plain = paper.send({})
    assert {"problem", "solution"} <= errors_of(plain).keys()
    assert "social_benefit" not in errors_of(plain)
    form = plain.context["form"]
    assert "data-unit-name" not in form.fields["unit"].widget.attrs
    assert "author3_name" not in form.fields
