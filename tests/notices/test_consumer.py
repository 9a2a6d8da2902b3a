"""What has happened becomes notices, once each, for those whom it concerns."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sangkien.audit.actions import record
from sangkien.core import outbox
from sangkien.core.clock import now
from sangkien.core.models import OutboxAside, OutboxEntry
from sangkien.core.moments import event_moment
from sangkien.initiatives.actions import (
    answer_authorship,
    mark_invalid,
    mark_valid,
    reinstate,
    return_initiative,
    withdraw,
)
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.states import ReasonCode
from sangkien.notices import consumer
from sangkien.notices.consumer import take, take_all
from sangkien.notices.models import Channel, Kind, Notice, NoticePreference, OutgoingMessage, StoppedContact
from sangkien.notices.queries import unread_count
from sangkien.people.models import Person
from sangkien.units.actions import refuse_request, request_unit, settle_request, withdraw_request
from sangkien.units.models import Role, Unit, UnitRequest
from tests.factories import World, grant, make_person
from tests.notices.people import authors_of, make_reader, with_phone

pytestmark = pytest.mark.django_db(transaction=True)

Decision = Callable[[World, Initiative], object]
DECISIONS: dict[Kind, Decision] = {
    Kind.RETURNED: lambda w, i: return_initiative(
        actor=w.officer, initiative_id=i.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký."
    ),
    Kind.VALIDATED: lambda w, i: mark_valid(actor=w.officer, initiative_id=i.pk),
    Kind.INVALIDATED: lambda w, i: mark_invalid(
        actor=w.officer, initiative_id=i.pk, reason=ReasonCode.DUPLICATE, note="Trùng."
    ),
}


def told() -> set[tuple[str, str]]:
    """Who has been told what."""
    return set(Notice.objects.values_list("person__username", "kind"))


def outbox_rows() -> int:
    return OutboxEntry.objects.filter(consumer__in=(consumer.EVENTS, consumer.RECORD)).count()


def ask_for_unit(actor: Person, above: Unit) -> UnitRequest:
    return request_unit(actor=actor, above=above, name=f"CĐCS Công ty {actor.username}")


def test_whoever_submits_gets_a_receipt_at_once(world: World) -> None:
    one = world.submit()
    assert take().notices == 1
    (notice,) = Notice.objects.select_related("mail")
    assert (notice.person, notice.kind, notice.initiative, notice.number) == (world.member, Kind.RECEIPT, one.pk, 1)
    assert notice.mail is not None
    assert (notice.mail.channel, notice.mail.person_id) == (Channel.MAIL, world.member.pk)
    assert outbox_rows() == 0


def test_the_fold_s_rows_are_left_to_the_fold(world: World) -> None:
    world.submit()
    take()
    assert list(OutboxEntry.objects.values_list("consumer", flat=True)) == ["tally"]


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_is_told_to_the_submitter_and_the_authors_in_the_digest(world: World, kind: Kind) -> None:
    author = make_reader("author")
    one = world.submit(authors=authors_of(author))
    take()
    DECISIONS[kind](world, one)
    take()
    assert told() >= {("member", kind), ("author", kind)}
    assert ("officer", kind) not in told()
    assert set(Notice.objects.filter(kind=kind).values_list("in_digest", "mail")) == {(True, None)}


def test_a_decision_that_is_taken_back_is_told_too(world: World) -> None:
    one = world.submit()
    DECISIONS[Kind.INVALIDATED](world, one)
    reinstate(actor=world.officer, initiative_id=one.pk, note="Nhầm.")
    take()
    assert ("member", Kind.REINSTATED) in told()


def test_whoever_withdraws_is_not_told_but_the_others_are(world: World) -> None:
    author = make_reader("author")
    one = world.submit(authors=authors_of(author))
    take()
    one.authors.update(response=Response.CONFIRMED)
    withdraw(actor=author, initiative_id=one.pk, note="Gửi nhầm.")
    take()
    assert told() == {("member", Kind.RECEIPT), ("author", Kind.NAMED_AS_AUTHOR), ("member", Kind.WITHDRAWN)}


def test_an_author_is_told_once_that_they_are_named(world: World) -> None:
    author = make_reader("author")
    one = world.submit(authors=authors_of(author))
    take()
    DECISIONS[Kind.RETURNED](world, one)
    from sangkien.initiatives.actions import resubmit

    resubmit(
        actor=world.member, initiative_id=one.pk, content=world.content(), authors=authors_of(author), unit=one.unit
    )
    take()
    assert Notice.objects.filter(kind=Kind.NAMED_AS_AUTHOR).count() == 1


def test_whoever_submits_and_is_an_author_is_not_told_that_they_are_named(world: World) -> None:
    world.submit(authors=authors_of(world.member))
    take()
    assert told() == {("member", Kind.RECEIPT)}


def test_the_submitter_is_told_what_a_co_author_answers_and_who_declined_hears_no_more(world: World) -> None:
    author = make_reader("author")
    one = world.submit(authors=authors_of(author))
    answer_authorship(actor=author, initiative_id=one.pk, response=Response.DECLINED)
    take()
    answer = Notice.objects.get(kind=Kind.AUTHORSHIP_ANSWERED)
    assert (answer.person, answer.initiative, answer.outcome) == (world.member, one.pk, Response.DECLINED)
    DECISIONS[Kind.VALIDATED](world, one)
    take()
    assert ("author", Kind.VALIDATED) not in told()


def test_a_request_for_a_unit_is_told_to_the_nearest_officers_above(world: World) -> None:
    near, administrator, viewer = make_reader("near"), make_reader("administrator"), make_reader("viewer")
    grant(near, world.unions[0])
    grant(administrator, world.unions[0], Role.UNIT_ADMINISTRATOR)
    grant(viewer, world.districts[0], Role.VIEWER)
    beside = make_reader("beside")
    grant(beside, world.unions[1])
    ask_for_unit(world.member, world.districts[0])
    take()
    assert told() == {("near", Kind.UNIT_REQUESTED), ("administrator", Kind.UNIT_REQUESTED)}


def test_an_officer_who_asks_does_not_answer_and_the_next_above_is_told(world: World) -> None:
    near = make_reader("near")
    grant(near, world.unions[0])
    ask_for_unit(near, world.districts[0])
    take()
    assert told() == {("officer", Kind.UNIT_REQUESTED)}


def test_a_request_that_was_taken_back_meanwhile_is_no_alarm(world: World) -> None:
    ask_for_unit(world.member, world.districts[0])
    withdraw_request(actor=world.member)
    taken = take()
    assert (taken.notices, taken.aside) == (0, 0)


def test_whoever_asked_for_a_unit_is_told_that_it_is_listed(world: World) -> None:
    request = ask_for_unit(world.member, world.districts[0])
    settle_request(actor=world.officer, request_id=request.pk, unit=world.grassroots[1])
    take()
    assert Notice.objects.get(kind=Kind.UNIT_SETTLED).outcome == UnitRequest.State.SETTLED


def test_whoever_asked_for_a_unit_is_told_the_answer(world: World) -> None:
    request = ask_for_unit(world.member, world.districts[0])
    refuse_request(actor=world.officer, request_id=request.pk, answer="Đã có trong danh sách.")
    take()
    answer = Notice.objects.get(kind=Kind.UNIT_SETTLED)
    assert (answer.person, answer.outcome) == (world.member, UnitRequest.State.REFUSED)


def test_nobody_is_told_of_what_a_closed_account_would_hear(world: World) -> None:
    author = make_reader("author", is_active=False)
    world.submit(authors=authors_of(author))
    take()
    assert told() == {("member", Kind.RECEIPT)}


# --- invitations ----------------------------------------------------------------------------------------------


def test_an_author_without_an_account_is_invited_once(world: World) -> None:
    one = world.submit(authors=authors_of("hoa@example.vn", "+84912345678"))
    assert take().invitations == 2
    assert set(OutgoingMessage.objects.exclude(contact="").values_list("contact", "channel", "initiative")) == {
        ("hoa@example.vn", Channel.MAIL, one.pk),
        ("+84912345678", Channel.SMS, one.pk),
    }
    DECISIONS[Kind.RETURNED](world, one)
    from sangkien.initiatives.actions import resubmit

    again = authors_of("hoa@example.vn", "+84912345678")
    resubmit(actor=world.member, initiative_id=one.pk, content=world.content(), authors=again, unit=one.unit)
    assert take().invitations == 0


def test_a_contact_is_not_flooded_with_invitations_and_may_want_none(world: World) -> None:
    StoppedContact.objects.create(contact="stop@example.vn", stopped_at=now())
    for _ in range(5):
        world.submit(authors=authors_of("hoa@example.vn", "stop@example.vn"))
        take()
    sent = list(OutgoingMessage.objects.exclude(contact="").values_list("contact", flat=True))
    assert sent == ["hoa@example.vn"] * 3


# --- once each ------------------------------------------------------------------------------------------------


def test_a_take_that_dies_leaves_everything_as_it_was(world: World) -> None:
    world.submit(authors=authors_of("hoa@example.vn"))
    before = outbox_rows()
    with transaction.atomic():
        assert take().notices == 1
        transaction.set_rollback(True)
    assert (outbox_rows(), Notice.objects.count(), OutgoingMessage.objects.count()) == (before, 0, 0)
    take()
    assert (outbox_rows(), Notice.objects.count(), OutgoingMessage.objects.count()) == (0, 1, 2)


def test_a_row_that_is_handed_in_again_tells_nobody_twice(world: World) -> None:
    one = world.submit(authors=authors_of("hoa@example.vn"))
    take()
    with transaction.atomic():
        outbox.publish(event_moment(), [(one.pk, 1)], consumers=(consumer.EVENTS,))
    taken = take()
    assert (taken.rows, taken.notices, taken.invitations) == (1, 0, 0)
    assert (Notice.objects.count(), OutgoingMessage.objects.count()) == (1, 2)


def test_a_row_that_makes_no_sense_is_set_aside_and_stops_nothing(world: World) -> None:
    with transaction.atomic():
        at = event_moment()
        entry = record(actor=world.member, at=at, action="no_such", subject_kind="no_such", subject="1")
        outbox.publish(at, [(999_999, 1)], consumers=(consumer.EVENTS,))
        outbox.publish(at, [(entry.pk, 0), (999_999, 0)], consumers=outbox.RECORD_CONSUMERS)
    world.submit()
    taken = take()
    assert (taken.rows, taken.notices, taken.aside) == (4, 1, 3)
    assert set(OutboxAside.objects.values_list("consumer", "subject")) == {
        (consumer.EVENTS, 999_999),
        (consumer.RECORD, entry.pk),
        (consumer.RECORD, 999_999),
    }


def test_what_is_not_final_yet_waits(world: World) -> None:
    with transaction.atomic():
        world.submit()
        assert take().rows == 0
    assert take().rows == 1


def test_the_size_of_a_take_makes_no_difference(world: World) -> None:
    author = make_reader("author")
    some = [world.submit(world.grassroots[n % 3], authors=authors_of(author)) for n in range(4)]
    random.Random(3).shuffle(some)
    for one, decide in zip(some, [*DECISIONS.values(), DECISIONS[Kind.VALIDATED]], strict=True):
        decide(world, one)
    everything = list(OutboxEntry.objects.all())
    take_all()
    whole = set(Notice.objects.values_list("person", "kind", "source", "number", "outcome", "at"))
    assert len(whole) == 16
    Notice.objects.all().delete()
    OutboxEntry.objects.bulk_create(everything, ignore_conflicts=True)
    takes = 0
    while take(limit=1).more:
        takes += 1
    assert takes > 5
    assert set(Notice.objects.values_list("person", "kind", "source", "number", "outcome", "at")) == whole


def test_several_things_at_once_come_in_one_mail(world: World) -> None:
    for _ in range(3):
        world.submit()
    take()
    assert OutgoingMessage.objects.count() == 1
    assert OutgoingMessage.objects.get().mailed.count() == 3


# --- how ------------------------------------------------------------------------------------------------------


def test_nobody_is_mailed_to_an_address_that_is_not_confirmed(world: World) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.update(verified=False)
    world.submit()
    take()
    notice = Notice.objects.get()
    assert (notice.mail, notice.in_digest) == (None, False)


def test_a_short_message_goes_to_those_who_chose_it_and_have_a_confirmed_number(world: World) -> None:
    with_phone(world.member)
    other = with_phone(make_person("other"), "+84912345670", verified=False)
    for person in (world.member, other):
        NoticePreference.objects.create(person=person, kind=Kind.RECEIPT, mail="never", sms=True)
        world.submit(actor=person)
    take()
    (message,) = OutgoingMessage.objects.all()
    assert (message.channel, message.person) == (Channel.SMS, world.member)


def test_three_events_of_three_people_cost_as_many_queries_as_one(world: World) -> None:
    def cost(people: list[Person]) -> int:
        for person in people:
            one = world.submit(actor=person, authors=authors_of(make_reader(), f"{person.username}@moi.vn"))
            DECISIONS[Kind.VALIDATED](world, one)
            ask_for_unit(person, world.districts[0])
        with CaptureQueriesContext(connection) as captured:
            assert take().notices == 5 * len(people)
        return len(captured)

    one, three = [make_reader()], [make_reader() for _ in range(3)]
    assert cost(one) == cost(three) <= 30


def test_the_number_of_unread_notices_is_one_query_from_an_index(world: World) -> None:
    for _ in range(2):
        world.submit()
    take()
    with CaptureQueriesContext(connection) as captured:
        assert unread_count(world.member) == 2
    assert len(captured) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "notice_unread" in plan
