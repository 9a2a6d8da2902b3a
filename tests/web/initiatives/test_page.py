"""The page of one initiative."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core.clock import format_cutoff_long
from sangkien.initiatives.actions import mark_invalid, mark_valid, reinstate, return_initiative, undo_decision
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.people.categories import Category
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import ordinal_of
from tests.factories import World, grant, make_person


def page_of(initiative: Initiative) -> str:
    return f"/sang-kien/{code_of(initiative.pk)}/"


def text(client: Client, initiative: Initiative, language: str = "vi") -> str:
    client.cookies["django_language"] = language
    answer = client.get(page_of(initiative))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_the_initiative_says_and_where_it_belongs(world: World, client: Client) -> None:
    one = world.submit(novelty="Lưỡi tự bù mòn", social_benefit="An toàn hơn", recognition_document="214/QĐ-TBK")
    page = text(client, one)
    units = [world.top, world.unions[0], world.districts[0], world.grassroots[0]]
    places = [page.index(f'<a href="/don-vi/{unit.code}/">') for unit in units]
    assert places == sorted(places)
    for shown in (code_of(one.pk), one.title, one.problem, one.solution, one.novelty, one.social_benefit, "214/QĐ-TBK"):
        assert shown in page
    assert "12,5 triệu đồng" in page
    assert "Trần Thị Hoa" in page


@pytest.mark.django_db(transaction=True)
def test_it_gets_its_number_once_the_fold_has_counted_it(world: World, client: Client) -> None:
    one = world.submit()
    assert client.get(page_of(one)).context["ordinal"] is None
    fold_all()
    ordinal = ordinal_of(one.pk)
    assert ordinal is not None
    assert client.get(page_of(one)).context["ordinal"] == ordinal
    assert format_cutoff_long(ordinal.at, "vi") in text(client, one)


def test_the_verified_benefit_is_the_figure_and_the_claimed_one_stands_beside_it(world: World, client: Client) -> None:
    one = world.submit(benefit_claimed=12_500_000)
    mark_valid(actor=world.officer, initiative_id=one.pk, benefit_verified=9_000_000)
    page = text(client, one)
    assert "9.000.000 đồng; tác giả khai 12.500.000 đồng" in page
    assert "<dd>9 triệu đồng</dd>" in page


def test_the_public_sees_the_unit_that_decided_and_not_the_officers_name(world: World, client: Client) -> None:
    one, officer = world.submit(), make_person(full_name="Lê Thị Minh Nguyệt")
    grant(officer, world.districts[0])
    return_initiative(actor=officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký")
    page = text(client, one)
    assert world.districts[0].name_vi in page
    assert "Lê Thị Minh Nguyệt" not in page
    assert "Thiếu trang ký" not in page


def test_the_author_reads_the_note_and_an_officer_also_the_name(world: World, client: Client) -> None:
    one, officer = world.submit(), make_person(full_name="Lê Thị Minh Nguyệt")
    grant(officer, world.districts[0])
    return_initiative(actor=officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký")
    client.force_login(world.member)
    page = text(client, one)
    assert "Thiếu trang ký" in page
    assert "Lê Thị Minh Nguyệt" not in page
    client.force_login(world.officer)
    assert "Lê Thị Minh Nguyệt" in text(client, one)


def test_a_slip_that_was_undone_at_once_stands_in_the_history_of_its_people_and_officers_only(
    world: World, client: Client
) -> None:
    one = world.submit()
    for slip in range(2):
        mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Nhầm")
        undo_decision(actor=world.officer, initiative_id=one.pk, expected_event=2 + 2 * slip)
    mark_valid(actor=world.officer, initiative_id=one.pk)

    def happened() -> list[str]:
        return [step.kind for step in client.get(page_of(one)).context["history"]]

    assert happened() == ["validated", "submitted"]
    for insider in (world.member, world.officer):
        client.force_login(insider)
        assert happened() == ["validated", *["reinstated", "invalidated"] * 2, "submitted"]


def test_what_was_reinstated_with_a_reason_stands_in_the_history_for_all(world: World, client: Client) -> None:
    one = world.submit()
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    reinstate(actor=world.officer, initiative_id=one.pk, note="Không trùng")
    kinds = [step.kind for step in client.get(page_of(one)).context["history"]]
    assert kinds == ["reinstated", "invalidated", "submitted"]


def test_an_officer_of_elsewhere_is_the_public_here(world: World, client: Client) -> None:
    one, elsewhere = world.submit(), make_person()
    grant(elsewhere, world.districts[1])
    return_initiative(
        actor=world.officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký"
    )
    client.force_login(elsewhere)
    page = text(client, one)
    assert "Thiếu trang ký" not in page
    assert world.officer.full_name not in page


def test_what_was_found_invalid_is_hidden_from_the_public(world: World, client: Client) -> None:
    one = world.submit()
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    assert client.get(page_of(one)).status_code == 404
    client.force_login(world.officer)
    assert client.get(page_of(one)).status_code == 200


def test_a_typing_error_in_the_code_is_explained(world: World, client: Client) -> None:
    code = code_of(world.submit().pk)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    client.cookies["django_language"] = "en"
    answer = client.get(f"/sang-kien/{wrong}/")
    assert answer.status_code == 404
    assert answer.context["is_mistyped"]
    assert "check character does not fit" in answer.content.decode()
    assert f'value="{wrong}"' in answer.content.decode()


def test_what_is_no_code_at_all_is_a_page_too(world: World, client: Client) -> None:
    for wrong in ("xyz", "SK-", "Ủ" * 8, "<script>", "0" * 300):
        answer = client.get(f"/sang-kien/{wrong}/")
        assert answer.status_code == 404
        assert "<script>" not in answer.content.decode()


def test_every_way_of_typing_a_code_leads_to_one_address(world: World, client: Client) -> None:
    one = world.submit()
    code = code_of(one.pk)
    for typed in (code.lower(), code.replace("-", ""), code.removeprefix("SK-")):
        answer = client.get(f"/sang-kien/{typed}/")
        assert (answer.status_code, answer.url) == (301, page_of(one))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_speaks_both_languages(world: World, client: Client, language: str) -> None:
    page = text(client, world.submit(), language)
    assert f'<html lang="{language}">' in page
    assert ("12.5 million" if language == "en" else "12,5 triệu") in page


@pytest.mark.django_db(transaction=True)
def test_authors_and_events_do_not_change_the_number_of_queries(world: World, client: Client) -> None:
    client.force_login(world.officer)
    shares = (40, 30, 30)
    many = [AuthorInput(f"Tác giả {n}", Category.UNION_OFFICER, share) for n, share in enumerate(shares)]
    small, large = world.submit(), world.submit(authors=many)
    for number, decide in enumerate((mark_invalid, reinstate, mark_invalid)):
        officer = make_person(f"verifier{number}")
        grant(officer, world.districts[0])
        reason = {} if decide is reinstate else {"reason": ReasonCode.DUPLICATE}
        decide(actor=officer, initiative_id=large.pk, note="Vì lý do này", **reason)
    mark_invalid(actor=world.officer, initiative_id=small.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    client.get(page_of(small))  # what a process reads once and keeps
    fold_all()
    counts = []
    for one in (small, large):
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of(one))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 27
