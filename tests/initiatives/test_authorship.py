"""Authors who are named by somebody else: known by their contact, they confirm or decline."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.models import AuditEntry
from sangkien.core.errors import Conflict, NotAllowed, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions, rules
from sangkien.initiatives.actions import answer_authorship, link_authorships
from sangkien.initiatives.actions.authors import people_by_contact
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Author, Initiative, Response
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.people.queries import person_by_contact
from tests.factories import World, make_person

MAIL, PHONE = "ba@congty.vn", "+84912345678"


def with_mail(address: str = MAIL, *, verified: bool = True, **fields: object) -> Person:
    person = make_person(email=address, **fields)
    EmailAddress.objects.create(user=person, email=address, verified=verified, primary=True)
    return person


def named(*contacts: str) -> list[AuthorInput]:
    """Return a principal author and one co-author for each contact."""
    share = 100 // (len(contacts) + 1)
    others = [
        AuthorInput(name=f"Lê Văn {n}", category=Category.UNION_OFFICER, share=share, contact=contact)
        for n, contact in enumerate(contacts, start=2)
    ]
    first = AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 100 - share * len(contacts))
    return [first, *others]


def author(number: int = 2) -> Author:
    return Author.objects.get(number=number)


# --- who they are ------------------------------------------------------------------------------------------------


def test_whoever_has_shown_a_contact_to_be_theirs_is_the_author(world: World) -> None:
    by_mail, by_phone = with_mail(), make_person(phone=PHONE, phone_verified=True)
    with_mail("chua@xac.minh", verified=False)
    world.submit(authors=named("Ba@CongTy.vn", "0912 345 678", "chua@xac.minh", "khong@co.ai"))
    assert [a.person for a in Author.objects.select_related("person")] == [None, by_mail, by_phone, None, None]
    assert [a.contact for a in Author.objects.all()] == ["", MAIL, PHONE, "chua@xac.minh", "khong@co.ai"]
    assert {a.response for a in Author.objects.all()} == {""}


def test_contacts_are_looked_up_together_and_say_what_one_alone_says(world: World) -> None:
    with_mail()
    with_mail("dong@congty.vn", is_active=False)
    make_person(phone=PHONE, phone_verified=True)
    make_person(phone="+84912345679")
    contacts = [MAIL, "dong@congty.vn", PHONE, "+84912345679", "khong@co.ai", ""]
    with CaptureQueriesContext(connection) as asked:
        found = people_by_contact(contacts)
    assert len(asked) == 2
    for contact in contacts:
        owner = person_by_contact(contact)
        assert found.get(contact) == (owner.pk if owner else None), contact


def test_whoever_enters_their_own_initiative_has_confirmed_it(world: World) -> None:
    mine = AuthorInput("Tôi", Category.UNION_OFFICER, 100, person_id=world.member.pk)
    initiative = world.submit(authors=[mine])
    assert (author(1).response, author(1).responded_at) == (Response.CONFIRMED, initiative.submitted_at)
    with pytest.raises(NotAllowed):
        answer_authorship(actor=world.member, initiative_id=initiative.pk, response=Response.DECLINED)


def test_a_contact_that_is_shown_to_be_theirs_later_makes_them_the_author(world: World) -> None:
    world.submit(authors=named(MAIL, PHONE))
    world.submit(authors=named(MAIL))
    person = with_mail()
    assert link_authorships(person=person) == 2
    assert link_authorships(person=person) == 0
    assert Author.objects.filter(person=person).count() == 2
    person.phone, person.phone_verified = PHONE, True
    person.save()
    assert link_authorships(person=person) == 1


def test_nobody_becomes_an_author_by_a_contact_that_is_not_shown_to_be_theirs(world: World) -> None:
    world.submit(authors=named(MAIL, PHONE))
    for person in (
        with_mail(verified=False),
        make_person(phone=PHONE),
        make_person(),
        make_person(email=MAIL),
    ):
        assert link_authorships(person=person) == 0
    closed = with_mail("dong@congty.vn", is_active=False)
    assert link_authorships(person=closed) == 0
    assert not Author.objects.filter(person__isnull=False).exists()


# --- what they answer --------------------------------------------------------------------------------------------


def test_an_author_confirms_or_declines_and_may_think_again(world: World) -> None:
    person = with_mail()
    initiative = world.submit(authors=named(MAIL))
    for response in (Response.CONFIRMED, Response.DECLINED, Response.CONFIRMED):
        answer_authorship(actor=person, initiative_id=initiative.pk, response=response)
        assert author().response == response
        entry = AuditEntry.objects.order_by("pk").last()
        assert entry is not None
        assert (entry.action, entry.subject_kind, entry.subject) == (
            "answer_authorship", "initiative", str(initiative.pk),
        )  # fmt: skip
        assert entry.details == {"author": 2, "response": response}
        assert entry.at == author().responded_at
        told = OutboxEntry.objects.get(consumer="notices-record", subject=entry.pk)
        assert (told.number, told.at) == (0, entry.at)
    assert [a.share for a in Author.objects.all()] == [50, 50]


def test_the_same_answer_again_is_recorded_once(world: World) -> None:
    person = with_mail()
    initiative = world.submit(authors=named(MAIL))
    for _time in range(2):
        answer_authorship(actor=person, initiative_id=initiative.pk, response=Response.DECLINED)
    assert AuditEntry.objects.filter(action="answer_authorship").count() == 1


@pytest.mark.parametrize("decide", ["valid", "invalid", "withdraw"])
def test_after_the_decision_it_is_too_late_to_answer(world: World, decide: str) -> None:
    person = with_mail()
    initiative = world.submit(authors=named(MAIL))
    if decide == "valid":
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)
    elif decide == "invalid":
        actions.mark_invalid(
            actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng."
        )
    else:
        actions.withdraw(actor=world.member, initiative_id=initiative.pk, note="Nhầm.")
    with pytest.raises(Conflict):
        answer_authorship(actor=person, initiative_id=initiative.pk, response=Response.CONFIRMED)
    assert not rules.may_answer_authorship(person, Initiative.objects.get())
    assert author().response == ""


def test_only_those_who_are_named_answer(world: World) -> None:
    with_mail()
    initiative = world.submit(authors=named(MAIL))
    for stranger in (world.officer, make_person(), world.member, with_mail("khac@congty.vn")):
        with pytest.raises(NotAllowed):
            answer_authorship(actor=stranger, initiative_id=initiative.pk, response=Response.CONFIRMED)
        assert not rules.may_answer_authorship(stranger, initiative)
    with pytest.raises(NotFound):
        answer_authorship(actor=world.member, initiative_id=10**9, response=Response.CONFIRMED)
    assert not AuditEntry.objects.filter(action="answer_authorship").exists()


def test_only_whoever_confirms_to_be_an_author_has_a_say_and_still_does_not_decide(world: World) -> None:
    EmailAddress.objects.create(user=world.officer, email=MAIL, verified=True)
    initiative = world.submit(authors=named(MAIL))
    assert not rules.may_withdraw(world.officer, initiative), "being named gives no right"
    answer_authorship(actor=world.officer, initiative_id=initiative.pk, response=Response.CONFIRMED)
    assert rules.may_withdraw(world.officer, initiative)
    answer_authorship(actor=world.officer, initiative_id=initiative.pk, response=Response.DECLINED)
    assert not rules.may_withdraw(world.officer, initiative)
    assert not rules.may_resubmit(world.officer, initiative)
    assert rules.may_answer_authorship(world.officer, initiative), "they may think again"
    with pytest.raises(NotAllowed):
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)


# --- what becomes of answers when it is sent again ---------------------------------------------------------------


def returned(world: World, authors: list[AuthorInput]) -> Initiative:
    initiative = world.submit(authors=authors)
    for person in Person.objects.filter(pk__in=Author.objects.exclude(person=None).values("person")):
        answer_authorship(actor=person, initiative_id=initiative.pk, response=Response.CONFIRMED)
    return actions.return_initiative(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu."
    )


def test_an_answer_stays_where_the_author_is_the_same_with_the_same_share(world: World) -> None:
    person, other = with_mail(), make_person(phone=PHONE, phone_verified=True)
    before = named(MAIL, PHONE)
    initiative = returned(world, before)
    answered = author().responded_at
    after = [
        AuthorInput("Trần Thị Hoa", Category.UNION_OFFICER, 33, title="Tổ trưởng"),
        AuthorInput("Lê Văn 3", Category.UNION_OFFICER, 34, contact=PHONE),  # another share
        AuthorInput("Lê Văn 2", Category.ENTERPRISE_WORKER, 33, contact=MAIL, title="Thợ"),
    ]
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, authors=after)
    assert [(a.person, a.response) for a in Author.objects.select_related("person")] == [
        (None, ""),
        (other, ""),
        (person, Response.CONFIRMED),
    ]
    assert author(3).responded_at == answered


@pytest.mark.parametrize("change", [{"name": "Người Khác"}, {"contact": "khac@congty.vn"}, {"contact": ""}])
def test_somebody_else_in_the_same_place_has_answered_nothing(world: World, change: dict[str, str]) -> None:
    with_mail()
    initiative = returned(world, named(MAIL))
    first, second = named(MAIL)
    values = {"name": second.name, "contact": MAIL} | change
    after = [first, AuthorInput(category=Category.UNION_OFFICER, share=50, **values)]
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, authors=after)
    assert author().response == ""
    assert author().contact == values["contact"]


def test_a_co_author_who_sends_it_again_keeps_the_contacts_that_they_cannot_see(world: World) -> None:
    person = with_mail()
    initiative = returned(world, named(MAIL, PHONE))
    blank = [AuthorInput(a.name, a.category, a.share) for a in named(MAIL, PHONE)]
    actions.resubmit(actor=person, initiative_id=initiative.pk, authors=blank)
    assert [a.contact for a in Author.objects.all()] == ["", MAIL, PHONE]
    assert (author().person, author().response) == (person, Response.CONFIRMED)


def test_two_authors_of_one_name_keep_each_their_own(world: World) -> None:
    person, other = with_mail(), make_person(phone=PHONE, phone_verified=True)
    same = [AuthorInput("Lê Văn Ba", Category.UNION_OFFICER, 50, contact=contact) for contact in (MAIL, PHONE)]
    initiative = returned(world, same)
    blank = [AuthorInput("Lê Văn Ba", Category.UNION_OFFICER, 50)] * 2
    actions.resubmit(actor=person, initiative_id=initiative.pk, authors=blank)
    assert [(a.contact, a.person) for a in Author.objects.all()] == [(MAIL, person), (PHONE, other)]


def test_of_contacts_only_whoever_entered_them_knows(world: World) -> None:
    person = with_mail()
    initiative = world.submit(authors=named(MAIL))
    assert rules.may_see_contact(world.member, initiative)
    assert not any(rules.may_see_contact(p, initiative) for p in (person, world.officer, make_person()))


def test_an_officer_who_corrects_the_unit_or_the_category_puts_the_principal_author_right(world: World) -> None:
    initiative = world.submit(authors=named(MAIL))
    actions.correct(
        actor=world.officer, initiative_id=initiative.pk, note="Sai.", unit=world.grassroots[1],
        category=Category.PARTY_STATE_BODY,
    )  # fmt: skip
    assert (author(1).unit_id, author(1).category) == (world.grassroots[1].pk, Category.PARTY_STATE_BODY)
    assert (author(2).unit_id, author(2).category) == (None, Category.UNION_OFFICER)
    actions.correct(actor=world.officer, initiative_id=initiative.pk, note="Sai.", benefit_claimed=7)
    assert author(1).unit_id == world.grassroots[1].pk
    assert Initiative.objects.get().state == State.SUBMITTED
