"""Completing what an officer has returned, in the same form."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from sangkien.initiatives.actions import answer_authorship, link_authorships, return_initiative
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Draft, Initiative, Response
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.web.member.typed import typed_from, without_contacts
from tests.factories import World, make_person
from tests.web.member.conftest import Paper, Typed


@pytest.fixture
def returned(world: World) -> Initiative:
    authors = [
        AuthorInput(world.member.full_name, Category.UNION_OFFICER, 70, person_id=world.member.pk),
        AuthorInput("Lê Văn Hiếu", Category.ENTERPRISE_WORKER, 30, unit=world.grassroots[1], contact="hieu@example.vn"),
    ]
    one = world.submit(authors=authors, recognised_on=world.phase.applied_from, social_benefit="An toàn\n\nNhanh hơn")
    return return_initiative(
        actor=world.officer,
        initiative_id=one.pk,
        reason=ReasonCode.MISSING_DOCUMENT,
        note="Thiếu trang ký",
        asked={"recognition_document": "Ghi số quyết định", "attachments": "Chụp trang ký", "authors": ""},
    )


@pytest.fixture
def correction(paper: Paper, returned: Initiative) -> Paper:
    """The form with a draft that corrects the returned initiative."""
    answer = paper.client.post(f"/sang-kien/{code(returned)}/sua/")
    paper.id = Draft.objects.get().pk
    assert answer.url == paper.address
    return paper


def code(one: Initiative) -> str:
    from sangkien.initiatives.codes import code_of

    return code_of(one.pk)


def test_an_initiative_comes_back_as_somebody_would_have_typed_it(returned: Initiative, world: World) -> None:
    returned = Initiative.objects.get(pk=returned.pk)
    typed = typed_from(returned)
    day = world.phase.applied_from
    written = f"{day.day}/{day.month}/{day.year}"
    assert (typed["applied_on"], typed["recognised_on"], typed["benefit"]) == (written, written, "12.500.000")
    assert (typed["kind"], typed["field"], typed["unit"]) == ("technical_solution", "MOKS", world.grassroots[0].code)
    assert typed["authors"] == "2"
    assert (typed["author1_share"], typed["author2_share"]) == ("70", "30")
    assert (typed["author2_unit"], typed["author2_contact"]) == (world.grassroots[1].code, "hieu@example.vn")
    assert "author1_unit" not in typed
    assert "author2_contact" not in without_contacts(typed)
    assert all(typed.values())


def test_what_was_asked_stands_beside_its_field(correction: Paper, returned: Initiative) -> None:
    page = correction.open().content.decode()
    assert f"Complete the initiative {code(returned)}" in page
    assert "Thiếu trang ký" in page
    banner, below = page.split('<form action="/gui/', 1)
    for anchor, asked in (("id_recognition_document", "Ghi số quyết định"), ("attachments", "Chụp trang ký")):
        assert f'<a href="#{anchor}">' in banner
        assert asked in banner
        assert f'id="{anchor}"' in below
        assert below.count(asked) == 1
    beside = page.split('id="id_recognition_document_error"', 1)[1].split("data-remarks", 1)[0]
    assert "Ghi số quyết định" in beside


def test_sending_it_again_changes_nothing_that_was_not_changed(correction: Paper, returned: Initiative) -> None:
    before = Initiative.objects.get(pk=returned.pk)
    typed = correction.draft.typed
    answer = correction.send(typed | {"recognition_document": "214/QĐ"}, correction.draft.version)
    assert (answer.status_code, answer.url) == (303, f"/sang-kien/{code(returned)}/bien-nhan/")
    after = Initiative.objects.get()
    assert (after.state, after.recognition_document) == (State.SUBMITTED, "214/QĐ")
    same = (
        "title",
        "problem",
        "solution",
        "applied_on",
        "recognised_on",
        "benefit_claimed",
        "social_benefit",
        "unit_id",
    )
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    first, second = after.authors.all()
    assert (first.person_id, first.response, first.category) == (
        before.submitter_id,
        Response.CONFIRMED,
        Category.UNION_OFFICER,
    )
    assert (second.unit_id, second.contact, second.share) == (typed_unit(correction, typed), "hieu@example.vn", 30)
    assert not Draft.objects.exists()


def typed_unit(_correction: Paper, typed: Typed) -> int:
    from sangkien.units.queries import get_unit

    return get_unit(typed["author2_unit"]).pk


def test_faults_are_said_as_on_any_form_and_a_second_sending_changes_nothing(correction: Paper) -> None:
    typed, version = correction.draft.typed, correction.draft.version
    refused = correction.send(typed | {"title": ""}, version)
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"title"}
    first = correction.send(typed, correction.draft.version)
    assert correction.send(typed, version).url == first.url
    assert Initiative.objects.get().events.count() == 3


def test_a_correction_is_nobody_elses(correction: Paper, world: World) -> None:
    correction.client.force_login(make_person("stranger"))
    assert correction.open().status_code == 404


@pytest.mark.parametrize("contact", ["dung@example.vn", ""])
def test_whoever_was_named_by_a_mistyped_contact_is_out_once_it_is_put_right(
    correction: Paper, returned: Initiative, contact: str
) -> None:
    right, wrong = make_person("right"), make_person("wrong")
    EmailAddress.objects.create(user=right, email="dung@example.vn", verified=True)
    EmailAddress.objects.create(user=wrong, email="hieu@example.vn", verified=True)
    link_authorships(person=wrong)
    correction.send(correction.draft.typed | {"author2_contact": contact}, correction.draft.version)
    author = Initiative.objects.get().authors.get(number=2)
    assert (author.contact, author.person) == (contact, right if contact else None)


def test_a_contact_that_stays_keeps_its_author_and_the_answer(correction: Paper, returned: Initiative) -> None:
    hieu = make_person("hieu")
    address = EmailAddress.objects.create(user=hieu, email="hieu@example.vn", verified=True)
    link_authorships(person=hieu)
    answer_authorship(actor=hieu, initiative_id=returned.pk, response=Response.CONFIRMED)
    address.delete()  # they are reached otherwise now
    correction.send(correction.draft.typed, correction.draft.version)
    author = Initiative.objects.get().authors.get(number=2)
    assert (author.person, author.response) == (hieu, Response.CONFIRMED)
