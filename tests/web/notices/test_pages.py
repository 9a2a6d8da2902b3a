"""What somebody has been told, how they want to be told, and the way out of our mail."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from sangkien.core.clock import now
from sangkien.initiatives.actions import mark_invalid, return_initiative, withdraw
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.states import ReasonCode
from sangkien.notices.consumer import take
from sangkien.notices.models import Kind, MailChoice, Notice, NoticePreference, StoppedContact
from sangkien.notices.queries import settings_of
from sangkien.notices.sending import send_due
from sangkien.notices.telling import contact_token, person_token
from sangkien.people.models import Person
from tests.factories import World, make_person
from tests.notices.mailserver import Mailbox
from tests.notices.people import authors_of, make_reader, with_phone

pytestmark = pytest.mark.django_db(transaction=True)

NOTICES, PREFERENCES = "/thong-bao/", "/thong-bao/tuy-chon/"


@pytest.fixture
def member(world: World) -> Client:
    """A browser in which the world's member has signed in."""
    return browser(world.member)


def browser(person: Person | None = None, language: str = "en", *, checks_csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=checks_csrf)
    client.cookies["django_language"] = language
    if person:
        client.force_login(person)
    return client


def text_of(client: Client, path: str = NOTICES) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the list -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_somebody_without_notices_is_told_what_will_stand_here(world: World, language: str) -> None:
    assert 'class="note"' in text_of(browser(world.member, language))


def test_a_notice_says_what_happened_why_and_what_to_do_and_leads_to_its_initiative(
    world: World, member: Client
) -> None:
    one = world.submit(title="Cải tiến <b>băng tải</b>")
    return_initiative(
        actor=world.officer, initiative_id=one.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu <trang> ký."
    )
    take()
    page = text_of(member)
    for said in ("Returned for completion", "A document is missing", "Thiếu &lt;trang&gt; ký.", code_of(one.pk)):
        assert said in page
    assert "Cải tiến &lt;b&gt;băng tải" in page
    assert page.index("Returned for completion") < page.index("We have received")
    assert page.count('class="is-new"') == 2
    notice = Notice.objects.get(kind=Kind.RETURNED)
    answer = member.get(f"{NOTICES}{notice.pk}/")
    assert (answer.status_code, answer.url) == (303, f"/sang-kien/{code_of(one.pk)}/")
    assert text_of(member).count('class="is-new"') == 1


def test_looking_without_reading_marks_nothing(world: World, member: Client) -> None:
    world.submit()
    take()
    member.head(f"{NOTICES}{Notice.objects.get().pk}/")
    text_of(member)
    assert Notice.objects.get().read_at is None


def test_all_are_marked_read_that_were_on_the_page_or_are_older(world: World, member: Client) -> None:
    world.submit()
    take()
    (newest,) = re.findall(r'name="newest" value="(\d+)"', text_of(member))
    world.submit()
    take()
    assert member.post(NOTICES, {"newest": newest}).status_code == 303
    assert text_of(member).count('class="is-new"') == 1
    assert member.post(NOTICES, {"newest": "x"}).status_code == 303


def test_nobody_opens_another_s_notice(world: World) -> None:
    world.submit()
    take()
    assert browser(make_person()).get(f"{NOTICES}{Notice.objects.get().pk}/").status_code == 404


def test_what_one_may_no_longer_see_is_named_by_its_code_and_leads_nowhere(world: World) -> None:
    author = make_reader("author")
    one = world.submit(title="Cải tiến băng tải", authors=authors_of(author))
    mark_invalid(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng bài.")
    take()
    assert "Trùng bài." in text_of(browser(author))
    one.authors.filter(person=author).update(person=None)
    page = text_of(browser(author))
    assert code_of(one.pk) in page
    assert "băng tải" not in page
    assert "Trùng bài." not in page
    notice = Notice.objects.get(person=author, kind=Kind.INVALIDATED)
    assert browser(author).get(f"{NOTICES}{notice.pk}/").url == NOTICES


def test_a_long_list_continues_on_the_next_page(world: World, member: Client) -> None:
    one = world.submit()
    Notice.objects.bulk_create(
        Notice(person=world.member, kind=Kind.RECEIPT, source=one.pk, number=n, initiative=one.pk, at=now())
        for n in range(2, 30)
    )
    first = text_of(member)
    (rest,) = re.findall(r'href="(\?sau=[^"]+)" rel="next"', first)
    second = text_of(member, NOTICES + rest)
    assert (first.count("<time"), second.count("<time")) == (20, 8)
    assert "Back to the newest" in second
    assert member.get(f"{NOTICES}?sau=x").status_code == 422


def test_three_notices_cost_as_many_queries_as_one(world: World, member: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(member)
        return len(captured)

    world.submit()
    take()
    text_of(member)
    one = cost()
    for decide in (withdraw,):
        decide(actor=world.member, initiative_id=world.submit().pk, note="Nhầm.")
    world.submit()
    take()
    assert cost() == one


# --- preferences ----------------------------------------------------------------------------------------------


def test_the_page_shows_what_holds_and_keeps_what_is_chosen(world: World, member: Client) -> None:
    page = text_of(member, PREFERENCES)
    assert page.count("<select") == len(settings_of(world.member).choices) == len(Kind) - 1
    sent = {"mail_returned": "at_once", "mail_validated": "never", "mail_receipt": "nonsense", "mail_nope": "never"}
    answer = member.post(PREFERENCES, sent)
    assert (answer.status_code, answer.url) == (303, PREFERENCES)
    assert dict(NoticePreference.objects.values_list("kind", "mail")) == {
        "returned": MailChoice.AT_ONCE,
        "validated": MailChoice.NEVER,
    }
    assert 'class="note note-said note-ok"' in text_of(member, PREFERENCES)
    member.post(PREFERENCES, {"no_mail": "on"})
    assert 'name="no_mail" checked' in text_of(member, PREFERENCES)


def test_short_messages_are_offered_with_a_confirmed_number_only(
    world: World, member: Client, settings: Settings
) -> None:
    settings.SMS_SENDER = "none"
    assert "sms_receipt" not in text_of(member, PREFERENCES)
    settings.SMS_SENDER = "console"
    assert "sms_receipt" not in text_of(member, PREFERENCES)
    member.post(PREFERENCES, {"sms_receipt": "on"})
    assert not NoticePreference.objects.exists()
    with_phone(world.member)
    assert 'name="sms_receipt"' in text_of(member, PREFERENCES)
    member.post(PREFERENCES, {"sms_receipt": "on"})
    assert NoticePreference.objects.get().sms


def test_an_address_that_refuses_our_mail_is_said_to(world: World, member: Client) -> None:
    world.member.mail_bounced_at = now()
    world.member.save()
    assert "note-fix" in text_of(member, PREFERENCES)


# --- unsubscribing --------------------------------------------------------------------------------------------


def test_a_mail_program_stops_the_kind_with_one_click(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    send_due()
    link = str(mailbox.mails[0]["List-Unsubscribe"]).strip(" <>").removeprefix("https://sangkien.example.vn")
    program = browser(checks_csrf=True)
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    world.submit()
    take()
    assert send_due().tried == 0
    assert dict(NoticePreference.objects.values_list("kind", "mail")) == {Kind.RECEIPT: MailChoice.NEVER}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", [None, Kind.RETURNED])
def test_opening_the_link_stops_nothing_and_its_one_button_does_and_undoes(
    world: World, language: str, kind: Kind | None
) -> None:
    link = f"/thong-bao/ngung/{person_token(world.member, kind)}/"
    reader = browser(language=language, checks_csrf=True)
    page = text_of(reader, link)
    assert page.count('class="btn btn-primary"') >= 1
    assert not NoticePreference.objects.exists()
    answer = reader.post(link)
    assert (answer.status_code, answer["Referrer-Policy"]) == (200, "no-referrer")
    assert NoticePreference.objects.count() == 1
    assert 'value="undo"' in answer.content.decode()
    assert 'value="undo"' in text_of(reader, link)
    reader.post(link, {"action": "undo"})
    assert not NoticePreference.objects.exists()


def test_a_contact_stops_invitations(world: World) -> None:
    link = f"/thong-bao/ngung/{contact_token('hoa@example.vn')}/"
    assert "hoa@" not in text_of(browser(), link)
    browser(checks_csrf=True).post(link)
    assert StoppedContact.objects.get().pk == "hoa@example.vn"
    world.submit(authors=authors_of("hoa@example.vn"))
    assert take().invitations == 0


def test_a_broken_link_is_explained(world: World) -> None:
    answer = browser().post("/thong-bao/ngung/abc/")
    assert (answer.status_code, "This link is not whole" in answer.content.decode()) == (404, True)
