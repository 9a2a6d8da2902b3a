"""Once a day, one mail with all that is new."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from sangkien.core.clock import now, parse_moment
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.codes import code_of
from sangkien.notices import actions
from sangkien.notices.consumer import take
from sangkien.notices.digest import KEPT, day_of_digest, make_due_digests
from sangkien.notices.models import DigestRun, Kind, MessageState, Notice, OutgoingMessage
from sangkien.notices.sending import send_due
from tests.factories import World
from tests.notices.mailserver import Mailbox
from tests.notices.people import authors_of, make_reader

pytestmark = pytest.mark.django_db(transaction=True)


def decided(world: World, *people: object) -> list[str]:
    """Let two initiatives be found valid; return their codes. The receipts are out of the way."""
    numbers = [world.submit(title=f"Cải tiến {n}", authors=authors_of(*people)).pk for n in range(2)]  # type: ignore[arg-type]
    take()
    OutgoingMessage.objects.update(state=MessageState.SENT)
    for number in numbers:
        mark_valid(actor=world.officer, initiative_id=number)
    take()
    return [code_of(number) for number in numbers]


def test_the_digest_is_one_mail_with_everything_new_and_not_what_was_read(world: World, mailbox: Mailbox) -> None:
    codes = decided(world)
    third = world.submit(title="Cải tiến đã đọc").pk
    mark_valid(actor=world.officer, initiative_id=third)
    take()
    read = Notice.objects.get(kind=Kind.VALIDATED, initiative=third)
    actions.mark_read(actor=world.member, notice_id=read.pk)
    OutgoingMessage.objects.update(state=MessageState.SENT)
    assert make_due_digests() == 1
    assert send_due().sent == 1
    assert mailbox.mails[0]["Subject"] == "2 notices from Sáng Kiến"
    text = mailbox.text()
    assert text.index(codes[0]) < text.index(codes[1])
    assert text.count("Found valid") == 2
    assert code_of(third) not in text
    assert not Notice.objects.filter(in_digest=True).exists()


def test_there_is_one_digest_a_day_and_none_without_news(world: World) -> None:
    decided(world)
    assert make_due_digests() == 1
    decided(world)
    assert make_due_digests() is None
    DigestRun.objects.all().delete()
    assert make_due_digests() == 1
    DigestRun.objects.all().delete()
    assert make_due_digests() == 0


@pytest.mark.parametrize(
    ("moment", "day"),
    [("7h29 31/5/2022", "30/5"), ("7h30 31/5/2022", "31/5"), ("23h 31/5/2022", "31/5"), ("24h00 31/5/2022", "31/5")],
)
def test_the_day_of_the_digest_begins_at_half_past_seven_in_vietnam(moment: str, day: str) -> None:
    found = day_of_digest(parse_moment(moment))
    assert f"{found.day}/{found.month}" == day


def test_the_time_of_the_digest_is_a_setting(settings: Settings) -> None:
    settings.DIGEST_TIME = (18, 0)
    assert day_of_digest(parse_moment("17h59 31/5/2022")).day == 30


def test_a_morning_on_which_nobody_made_it_is_made_up_for(world: World) -> None:
    def at(text: str) -> datetime:
        return parse_moment(text)

    assert make_due_digests(at("8h 30/5/2022")) == 0
    decided(world)
    assert make_due_digests(at("7h 31/5/2022")) is None
    assert make_due_digests(at("11h 31/5/2022")) == 1


def test_a_digest_stays_in_the_outbox_of_people_without_an_address(world: World) -> None:
    world.member.mail_bounced_at = now()
    world.member.save()
    decided(world)
    assert make_due_digests() == 0
    assert Notice.objects.filter(person=world.member).count() == 4


def test_three_people_cost_as_many_queries_as_one(world: World) -> None:
    def cost() -> int:
        DigestRun.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            make_due_digests()
        return len(captured)

    decided(world)
    one = cost()
    decided(world, *(make_reader() for _ in range(3)))
    assert cost() == one <= 10


def test_a_long_digest_costs_as_many_queries_as_a_short_one(world: World, mailbox: Mailbox) -> None:
    def cost() -> int:
        DigestRun.objects.all().delete()
        make_due_digests()
        with CaptureQueriesContext(connection) as captured:
            assert send_due().sent == 1
        return len(captured)

    decided(world)
    two = cost()
    for _ in range(3):
        decided(world)
    assert cost() == two <= 21


def test_which_message_went_where_is_forgotten_after_a_while(world: World) -> None:
    world.submit()
    take()
    OutgoingMessage.objects.update(made_at=now() - KEPT)
    make_due_digests()
    assert not OutgoingMessage.objects.exists()
    assert Notice.objects.get().mail is None
