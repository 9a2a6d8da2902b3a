"""Messages go out: once if nothing breaks, at most twice if something does, with one id, and a refusal is heard."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.utils import translation
from pytest_django import Settings

from sangkien.core.clock import now
from sangkien.initiatives.actions import mark_invalid, reinstate, return_initiative, undo_decision
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.states import ReasonCode
from sangkien.notices import actions
from sangkien.notices.consumer import take
from sangkien.notices.digest import make_due_digests
from sangkien.notices.models import (
    Kind,
    MailChoice,
    MessageState,
    Notice,
    NoticePreference,
    OutgoingMessage,
    StoppedContact,
)
from sangkien.notices.preferences import Choice
from sangkien.notices.sending import MOST_UNSURE, PATIENCE, claim, pause_after, send_due
from sangkien.notices.writing import waking_hour
from tests.factories import World
from tests.notices.mailserver import Gateway, Mailbox, mail_server
from tests.notices.people import authors_of, with_phone

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = timedelta(0)


def the_message() -> OutgoingMessage:
    return OutgoingMessage.objects.get()


def due_now() -> None:
    """Let everything that waits be due."""
    OutgoingMessage.objects.filter(state=MessageState.WAITING).update(next_try_at=now())


def test_a_receipt_goes_out_once_with_all_that_a_mail_of_a_program_should_say(world: World, mailbox: Mailbox) -> None:
    one = world.submit(title="Cải tiến băng tải")
    take()
    assert send_due().sent == 1
    (mail,) = mailbox.mails
    message = the_message()
    assert mailbox.recipients == [["member@example.vn"]]
    assert mail["From"] == "Sáng Kiến <khong-tra-loi@sangkien.example.vn>"
    assert mail["Message-ID"] == f"<{message.pk}@sangkien.example.vn>"
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip(" <>")
    assert link.startswith("https://sangkien.example.vn/thong-bao/ngung/")
    code = code_of(one.pk)
    assert mail["Subject"].strip() == f"We have received your initiative: “Cải tiến băng tải” ({code})"
    for said in (world.member.full_name, code, f"https://sangkien.example.vn/sang-kien/{code}/", link):
        assert said in mailbox.text()
    assert (message.state, message.address, message.attempts) == (MessageState.SENT, "member@example.vn", 1)
    assert send_due().tried == 0


def test_a_mail_is_written_in_the_language_of_its_person_whatever_is_active(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    with translation.override("vi"):
        send_due()
    assert mailbox.text().startswith("Hello ")


def test_a_secret_initiative_is_named_by_its_code_alone(world: World, mailbox: Mailbox) -> None:
    one = world.submit(
        title="Tên bí mật", is_secret=True, social_benefit="Có", problem="", solution="", award="Bằng khen"
    )
    take()
    send_due()
    assert code_of(one.pk) in mailbox.text()
    assert "Tên bí mật" not in mailbox.text() + str(mailbox.mails[0]["Subject"])


def test_what_the_officer_wrote_is_told_to_the_author_and_the_officer_s_name_is_not(
    world: World, mailbox: Mailbox
) -> None:
    NoticePreference.objects.create(person=world.member, kind=Kind.RETURNED, mail=MailChoice.AT_ONCE)
    one = world.submit()
    return_initiative(
        actor=world.officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký."
    )
    take()
    send_due()
    assert "Thiếu trang ký." in mailbox.text()
    assert "A document is missing" in mailbox.text()
    assert world.officer.full_name not in mailbox.text()


def slip(world: World) -> int:
    """Find something invalid by mistake; return its number. The receipt is out of the way."""
    one = world.submit()
    take()
    OutgoingMessage.objects.update(state=MessageState.SENT)
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Nhầm.")
    return one.pk


@pytest.mark.parametrize("at_once", [True, False])
def test_a_slip_that_was_undone_before_it_was_mailed_is_not_mailed_at_all(
    world: World, mailbox: Mailbox, at_once: bool
) -> None:
    if at_once:
        for kind in (Kind.INVALIDATED, Kind.REINSTATED):
            NoticePreference.objects.create(person=world.member, kind=kind, mail=MailChoice.AT_ONCE)
    number = slip(world)
    take()
    undo_decision(actor=world.officer, initiative_id=number, expected_event=2)
    take()
    make_due_digests()
    assert send_due().sent == 0
    assert mailbox.mails == []
    assert Notice.objects.filter(person=world.member, initiative=number).count() == 3


def test_a_slip_that_was_mailed_before_it_was_undone_is_put_right_by_mail(world: World, mailbox: Mailbox) -> None:
    for kind in (Kind.INVALIDATED, Kind.REINSTATED):
        NoticePreference.objects.create(person=world.member, kind=kind, mail=MailChoice.AT_ONCE)
    number = slip(world)
    take()
    assert send_due().sent == 1
    undo_decision(actor=world.officer, initiative_id=number, expected_event=2)
    take()
    assert send_due().sent == 1
    assert "Waiting for verification again" in mailbox.text(1)


def test_a_slip_that_was_read_in_the_portal_is_put_right_by_mail(world: World, mailbox: Mailbox) -> None:
    number = slip(world)
    take()
    actions.mark_all_read(actor=world.member, newest=Notice.objects.latest("pk").pk)
    undo_decision(actor=world.officer, initiative_id=number, expected_event=2)
    take()
    make_due_digests()
    assert send_due().sent == 1
    assert "Waiting for verification again" in mailbox.text()


def test_a_finding_that_was_taken_back_with_a_reason_is_told_with_it(world: World, mailbox: Mailbox) -> None:
    number = slip(world)
    reinstate(actor=world.officer, initiative_id=number, note="Có quyết định mới.")
    take()
    make_due_digests()
    assert send_due().sent == 1
    assert "Found invalid" in mailbox.text()
    assert "Có quyết định mới." in mailbox.text()


def test_an_invitation_says_nothing_of_the_initiative(world: World, mailbox: Mailbox) -> None:
    one = world.submit(title="Cải tiến băng tải", authors=authors_of("hoa@example.vn"))
    take()
    send_due()
    n = mailbox.recipients.index(["hoa@example.vn"])
    said = mailbox.text(n) + str(mailbox.mails[n]["Subject"])
    for secret in ("Cải tiến", code_of(one.pk), world.member.full_name, "Trần Thị Hoa", one.unit.name_vi):
        assert secret not in said
    assert mailbox.mails[n]["List-Unsubscribe"].strip(" <>") in said


# --- refusals -------------------------------------------------------------------------------------------------


def test_an_address_that_does_not_exist_is_left_alone_until_one_is_confirmed_anew(
    world: World, mailbox: Mailbox
) -> None:
    mailbox.refused["member@example.vn"] = "550 5.1.1 No such user"
    world.submit()
    take()
    send_due()
    world.member.refresh_from_db()
    assert (the_message().state, the_message().reason) == (MessageState.FAILED, "550 5.1.1 No such user")
    assert world.member.mail_bounced_at is not None
    world.submit()
    take()
    send_due()
    assert mailbox.asked == ["member@example.vn"]
    assert set(Notice.objects.values_list("kind", flat=True)) == {Kind.RECEIPT}, "a failure makes no notice"
    mailbox.refused.clear()
    address = EmailAddress.objects.get(user=world.member)
    email_confirmed.send(EmailAddress, request=None, email_address=address)
    world.submit()
    take()
    assert send_due().sent == 1


def test_an_invited_address_that_does_not_exist_is_not_tried_again(world: World, mailbox: Mailbox) -> None:
    mailbox.refused["hoa@example.vn"] = "550 No such user"
    for _ in range(2):
        world.submit(authors=authors_of("hoa@example.vn"))
        take()
        send_due()
    assert mailbox.asked.count("hoa@example.vn") == 1
    assert StoppedContact.objects.get().bounced


def test_a_server_that_says_later_is_asked_later_under_the_same_id(world: World, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 Try again later"]
    world.submit()
    take()
    assert send_due().sent == 0
    waiting = the_message()
    assert (waiting.state, waiting.reason) == (MessageState.WAITING, "451 Try again later")
    assert timedelta(seconds=50) < waiting.next_try_at - now() <= timedelta(minutes=1)
    assert send_due().tried == 0
    due_now()
    assert send_due().sent == 1
    assert mailbox.ids() == [f"<{waiting.pk}@sangkien.example.vn>"]


def test_pauses_grow_and_end_after_two_days(world: World, mailbox: Mailbox) -> None:
    pauses = [pause_after(n) for n in range(1, 40)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=6))
    world.submit()
    take()
    mailbox.answers = ["451 Try again later"] * 2
    send_due()
    OutgoingMessage.objects.update(first_tried_at=now() - PATIENCE, next_try_at=now())
    send_due()
    assert the_message().state == MessageState.FAILED
    world.member.refresh_from_db()
    assert world.member.mail_bounced_at is None


def test_a_mail_that_is_refused_for_what_it_says_does_not_blame_the_address(world: World, mailbox: Mailbox) -> None:
    mailbox.answers = ["554 Looks like spam"]
    world.submit()
    take()
    send_due()
    world.member.refresh_from_db()
    assert (the_message().state, world.member.mail_bounced_at) == (MessageState.FAILED, None)


def test_a_server_that_is_away_is_not_asked_for_every_message_and_nothing_is_lost(
    world: World, mailbox: Mailbox, settings: Settings
) -> None:
    for contact in ("a@example.vn", "b@example.vn", "c@example.vn"):
        world.submit(authors=authors_of(contact))
    take()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
        answer = send_due()
    assert (answer.tried, answer.sent, answer.is_away) == (1, 0, True)
    settings.EMAIL_PORT = mailbox.port
    due_now()
    assert send_due().sent == 4


def test_one_refused_message_does_not_hold_up_the_others(world: World, mailbox: Mailbox) -> None:
    mailbox.refused["a@example.vn"] = "450 Busy"
    world.submit(authors=authors_of("a@example.vn", "b@example.vn"))
    take()
    answer = send_due()
    assert (answer.tried, answer.sent) == (3, 2)


# --- crashes --------------------------------------------------------------------------------------------------


def test_a_message_whose_sender_died_is_sent_once_more_and_never_a_third_time(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    for _ in range(MOST_UNSURE):
        assert claim() is not None
        assert send_due().tried == 0, "somebody may still be sending it"
        OutgoingMessage.objects.filter(state=MessageState.SENDING).update(claimed_at=now() - timedelta(hours=1))
        if _ == 0:
            from sangkien.notices.sending import recover

            recover()
            assert the_message().state == MessageState.WAITING
    assert send_due().tried == 0
    assert (the_message().state, mailbox.mails) == (MessageState.FAILED, [])


def test_a_connection_that_breaks_after_the_mail_was_handed_over_counts_as_perhaps_sent(world: World) -> None:
    assert MOST_UNSURE == 2
    world.submit()
    take()
    message = the_message()
    from sangkien.notices.composing import compose
    from sangkien.notices.delivery import Outcome, Result
    from sangkien.notices.sending import conclude

    letter = compose(message)
    for state in (MessageState.WAITING, MessageState.FAILED):
        due_now()
        claimed = claim()
        assert claimed is not None
        conclude(claimed, letter, Result(Outcome.UNSURE, "the connection broke"))
        assert the_message().state == state


def test_a_server_that_hangs_up_in_the_middle_leaves_it_open(world: World, settings: Settings) -> None:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        box.answers = ["421 Closing"]
        world.submit()
        take()
        send_due()
    assert (the_message().state, the_message().attempts) == (MessageState.WAITING, 1)


# --- what counts is how things stand when it is sent -----------------------------------------------------------


def test_mail_that_was_stopped_meanwhile_is_not_sent(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    actions.choose(actor=world.member, choices={}, no_mail=True)
    send_due()
    assert (the_message().state, mailbox.mails) == (MessageState.DROPPED, [])


def test_mail_goes_to_the_address_that_holds_when_it_is_sent(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    EmailAddress.objects.filter(user=world.member).update(email="moi@example.vn")
    send_due()
    assert mailbox.recipients == [["moi@example.vn"]]


# --- short messages -------------------------------------------------------------------------------------------


def test_a_short_message_goes_through_the_gateway_with_its_id(world: World, gateway: Gateway) -> None:
    with_phone(world.member)
    actions.choose(actor=world.member, choices={Kind.RECEIPT: Choice(MailChoice.NEVER, sms=True)}, no_mail=False)
    world.submit()
    take()
    due_now()
    gateway.statuses = [503]
    send_due()
    due_now()
    assert send_due().sent == 1
    first, second = (body for _method, _path, _headers, body in gateway.requests)
    assert first == second
    assert (first["to"], first["id"]) == ("+84912345678", str(the_message().pk))
    assert first["parts"][0]["text"].startswith("Sáng Kiến: We have received your initiative")


def test_phones_ring_by_day_only() -> None:
    from sangkien.core.clock import parse_moment

    for asked, rings in (
        ("3h00 31/5/2022", "7h00 31/5/2022"),
        ("7h00 31/5/2022", "7h00 31/5/2022"),
        ("20h59 31/5/2022", "20h59 31/5/2022"),
        ("21h00 31/5/2022", "7h00 1/6/2022"),
        ("24h00 31/5/2022", "7h00 1/6/2022"),
    ):
        assert waking_hour(parse_moment(asked)) == parse_moment(rings)
