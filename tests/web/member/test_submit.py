"""The form for an initiative."""

from __future__ import annotations

import threading
import unicodedata
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client

from sangkien.core import clock
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import State
from sangkien.programmes.models import Phase, Programme
from tests.factories import World, make_person

Typed = dict[str, str]


def test_a_sound_form_becomes_an_initiative_of_the_members_unit(world: World, member: Client, typed: Typed) -> None:
    answer = member.post("/gui/", typed)
    made = Initiative.objects.get()
    assert answer.status_code == 303
    assert answer.url == f"/sang-kien/{code_of(made.pk)}/"
    assert (made.state, made.unit, made.submitter) == (State.SUBMITTED, world.grassroots[0], world.member)
    assert made.benefit_claimed == 1_200_000_000
    assert made.solution == "Gắn hai lưỡi gạt cao su ép bằng lò xo.\n\nThay lưỡi mất 15 phút."
    shares = [(a.name, a.share, a.person_id) for a in made.authors.all()]
    assert shares == [(world.member.full_name, 60, world.member.pk), ("Lê Văn Hiếu", 40, None)]


def test_the_confirmation_names_the_code_and_the_moment(member: Client, typed: Typed) -> None:
    page = member.post("/gui/", typed, follow=True)
    made = Initiative.objects.get()
    said = str(next(iter(page.context["messages"])))
    assert code_of(made.pk) in said
    assert made.submitted_at is not None
    assert clock.format_cutoff_long(made.submitted_at, "vi") in said


def test_the_form_is_filled_with_the_person_as_its_only_author(world: World, member: Client) -> None:
    page = member.get("/gui/").content.decode()
    assert f'value="{world.member.full_name}"' in page
    assert 'name="author1_share" value="100"' in page
    assert world.grassroots[0].name_vi in page


def test_whoever_has_not_signed_in_is_led_there_and_back(client: Client, world: World) -> None:
    assert client.get("/gui/").url == "/dang-nhap/?next=/gui/"
    assert client.post("/gui/", {}).url == "/dang-nhap/?next=/gui/"


def test_every_value_stays_on_the_page_when_something_is_wrong(member: Client, typed: Typed) -> None:
    wrong = typed | {"applied_on": "31/2/2022", "benefit": "1,250 tỷ", "kind": "operational_solution"}
    answer = member.post("/gui/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"applied_on", "benefit"}
    for name, value in wrong.items():
        assert str(answer.context["form"][name].value()) == value
    for shown in ('value="31/2/2022"', 'value="1,250 tỷ"', "Lưỡi tự bù mòn.", 'value="operational_solution" checked'):
        assert shown in page
    assert not Initiative.objects.exists()


def test_errors_stand_at_their_field_and_in_the_summary_on_top(member: Client, typed: Typed) -> None:
    page = member.post("/gui/", typed | {"title": " ", "field": "", "kind": ""}).content.decode()
    summary, fields = page.split('<form action="/gui/"')
    for name in ("title", "field", "kind"):
        assert f'href="#id_{name}"' in summary
        assert f'id="id_{name}"' in fields
        assert f'id="id_{name}_error"' in fields


def test_an_empty_form_asks_for_what_is_needed(member: Client) -> None:
    errors = member.post("/gui/", {}).context["form"].errors
    needed = {"title", "kind", "field", "problem", "solution", "applied_on", "benefit", "recognised_by", "category"}
    assert set(errors) == needed | {"author1_name", "author1_share"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"author1_share": "50"}, "author1_share"),
        ({"author1_share": "100"}, "author1_share"),
        ({"author1_share": "101"}, "author1_share"),
        ({"author1_share": "60,5"}, "author1_share"),
        ({"author2_share": "0"}, "author2_share"),
        ({"author2_share": ""}, "author1_share"),
        ({"author2_name": ""}, "author1_share"),
        ({"benefit": "", "no_benefit_reason": ""}, "benefit"),
        ({"benefit": "-5"}, "benefit"),
        ({"title": "x" * 301}, "title"),
        ({"problem": "x" * 20_001}, "problem"),
        ({"recognition_document": "x" * 101}, "recognition_document"),
        ({"applied_on": "1/1/1999"}, "applied_on"),
        ({"recognised_on": "hôm qua"}, "recognised_on"),
        ({"field": "NOPE"}, "field"),
        ({"kind": "nope"}, "kind"),
        ({"category": "nope"}, "category"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(member: Client, typed: Typed, changes: Typed, field: str) -> None:
    answer = member.post("/gui/", typed | changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Initiative.objects.exists()


def test_a_reason_may_stand_instead_of_the_benefit(member: Client, typed: Typed) -> None:
    member.post("/gui/", typed | {"benefit": "", "no_benefit_reason": "Mới chạy hai tuần"})
    made = Initiative.objects.get()
    assert (made.benefit_claimed, made.no_benefit_reason) == (None, "Mới chạy hai tuần")


def test_texts_are_stored_in_nfc_and_measured_after_that(member: Client, typed: Typed) -> None:
    title = "Ủ " * 149 + "ỦỦ"
    member.post("/gui/", typed | {"title": unicodedata.normalize("NFD", f"  {title} \u200b")})
    assert Initiative.objects.get().title == title


def test_a_null_character_and_markup_do_no_harm(member: Client, typed: Typed) -> None:
    answer = member.post("/gui/", typed | {"title": "Máy\x00 <script>alert(1)</script>"}, follow=True)
    assert Initiative.objects.get().title == "Máy <script>alert(1)</script>"
    assert "<script>" not in answer.content.decode()


def test_the_same_form_sent_twice_makes_one_initiative(member: Client, typed: Typed) -> None:
    first, second = member.post("/gui/", typed), member.post("/gui/", typed)
    assert Initiative.objects.count() == 1
    assert (second.status_code, second.url) == (303, first.url)


def test_each_form_that_is_opened_has_a_token_of_its_own(member: Client) -> None:
    tokens = {member.get("/gui/").context["form"]["token"].value() for _ in range(3)}
    assert len(tokens) == 3


def test_a_token_is_not_used_up_by_a_form_that_was_refused(member: Client, typed: Typed) -> None:
    member.post("/gui/", typed | {"title": ""})
    assert member.post("/gui/", typed).status_code == 303
    assert Initiative.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_makes_one_initiative(typed: Typed, member: Client) -> None:
    answers: list[str] = []
    ready = threading.Barrier(2)

    def send() -> None:
        browser = Client()
        browser.cookies = member.cookies
        ready.wait()
        answers.append(browser.post("/gui/", typed).url)
        connections.close_all()

    taps = [threading.Thread(target=send) for _ in range(2)]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()
    assert Initiative.objects.count() == 1
    assert len(set(answers)) == 1


def test_somebody_without_a_unit_names_it_by_code(world: World, typed: Typed, client: Client) -> None:
    client.force_login(make_person("guest"))
    assert 'list="units"' in client.get("/gui/").content.decode()
    assert client.post("/gui/", typed).context["form"].errors.keys() == {"unit"}
    assert client.post("/gui/", typed | {"unit": "hni-001-0001"}).status_code == 303
    assert Initiative.objects.get().unit == world.grassroots[0]


def test_a_name_that_fits_several_units_offers_them(world: World, typed: Typed, client: Client) -> None:
    client.force_login(make_person("guest"))
    answer = client.post("/gui/", typed | {"unit": "cdcs cong ty"})
    assert answer.context["form"].errors.keys() == {"unit"}
    page = answer.content.decode()
    assert all(f'<option value="{unit.code}">' in page for unit in world.grassroots)
    assert not Initiative.objects.exists()


def test_a_member_cannot_smuggle_in_another_unit(world: World, member: Client, typed: Typed) -> None:
    member.post("/gui/", typed | {"unit": world.grassroots[1].code})
    assert Initiative.objects.get().unit == world.grassroots[0]


def test_outside_an_open_phase_a_page_says_when_they_are_open(member: Client) -> None:
    now = clock.now()
    Phase.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    page = member.get("/gui/").content.decode()
    assert 'name="title"' not in page
    assert "Giai đoạn 1" in page


def test_what_was_typed_is_kept_when_the_phase_closes_meanwhile(member: Client, typed: Typed) -> None:
    now = clock.now()
    Phase.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(seconds=1))
    answer = member.post("/gui/", typed)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert typed["novelty"] in answer.content.decode()


def test_without_a_programme_the_form_is_a_clear_page(db: None, client: Client) -> None:
    client.force_login(make_person())
    assert client.get("/gui/").status_code == 200
    assert not Programme.objects.exists()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_form_speaks_both_languages(member: Client, language: str) -> None:
    member.cookies["django_language"] = language
    page = member.get("/gui/")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.content.decode()


def test_the_size_of_the_world_does_not_change_the_number_of_queries(member: Client, typed: Typed) -> None:
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            member.get("/gui/")
        return len(captured)

    before = queries()
    member.post("/gui/", typed)
    member.get("/sang-kien/")  # takes the message away
    assert queries() == before


def test_an_account_of_the_system_cannot_submit(world: World, typed: Typed, client: Client) -> None:
    client.force_login(make_person("robot", is_system=True))
    assert client.post("/gui/", typed | {"unit": world.top.code}).status_code == 403
    assert not Initiative.objects.exists()
