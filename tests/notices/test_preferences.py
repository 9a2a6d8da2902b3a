"""Everybody chooses what they hear of and how, and can stop it with what stands in the mail."""

from __future__ import annotations

import pytest

from sangkien.core.errors import InvalidInput, NotFound
from sangkien.notices import actions
from sangkien.notices.consumer import take
from sangkien.notices.models import Kind, MailChoice, Notice, NoticePreference
from sangkien.notices.preferences import Choice, default_of
from sangkien.notices.queries import list_notices, read_token, settings_of, unread_count
from sangkien.notices.telling import contact_token, person_token
from tests.factories import World, make_person
from tests.notices.people import with_phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_the_receipt_is_mailed_at_once_by_default_and_nothing_by_phone() -> None:
    at_once = {kind for kind in Kind if default_of(kind).mail == MailChoice.AT_ONCE}
    assert at_once == {Kind.RECEIPT}
    assert not any(default_of(kind).sms for kind in Kind)


@pytest.mark.parametrize("mail", MailChoice)
def test_each_kind_is_chosen_by_itself(world: World, mail: MailChoice) -> None:
    actions.choose(actor=world.member, choices={Kind.RECEIPT: Choice(mail, sms=False)}, no_mail=False)
    world.submit()
    take()
    notice = Notice.objects.get()
    assert (notice.mail is not None, notice.in_digest) == (mail == MailChoice.AT_ONCE, mail == MailChoice.DIGEST)
    assert settings_of(world.member).choices[Kind.RETURNED] == default_of(Kind.RETURNED)


def test_what_is_the_default_is_not_stored(world: World) -> None:
    for choice in (Choice(MailChoice.NEVER, sms=False), default_of(Kind.RECEIPT)):
        actions.choose(actor=world.member, choices={Kind.RECEIPT: choice}, no_mail=False)
    assert not NoticePreference.objects.exists()


def test_short_messages_need_a_confirmed_number(world: World) -> None:
    wanted = {Kind.RECEIPT: Choice(MailChoice.NEVER, sms=True)}
    with pytest.raises(InvalidInput):
        actions.choose(actor=world.member, choices=wanted, no_mail=True)
    assert not NoticePreference.objects.exists()
    with_phone(world.member)
    actions.choose(actor=world.member, choices=wanted, no_mail=True)
    assert settings_of(world.member).choices[Kind.RECEIPT].sms


def test_stopping_all_mail_keeps_what_was_chosen_for_each_kind(world: World) -> None:
    chosen = {Kind.RETURNED: Choice(MailChoice.AT_ONCE, sms=False)}
    actions.choose(actor=world.member, choices=chosen, no_mail=False)
    token = person_token(world.member, None)
    actions.stop(read_token(token))
    actions.stop(read_token(token))
    assert settings_of(world.member).is_stopped
    world.submit()
    take()
    assert set(Notice.objects.values_list("mail", "in_digest")) == {(None, False)}
    actions.resume(read_token(token))
    now = settings_of(world.member)
    assert (now.is_stopped, now.choices[Kind.RETURNED]) == (False, chosen[Kind.RETURNED])


def test_stopping_one_kind_leaves_the_others_and_can_be_undone(world: World) -> None:
    token = person_token(world.member, Kind.RECEIPT)
    actions.stop(read_token(token))
    choices = settings_of(world.member).choices
    assert {kind for kind, choice in choices.items() if choice.mail == MailChoice.NEVER} == {Kind.RECEIPT}
    actions.resume(read_token(token))
    assert settings_of(world.member).choices[Kind.RECEIPT] == default_of(Kind.RECEIPT)


def test_undoing_what_was_not_stopped_changes_nothing(world: World) -> None:
    chosen = {Kind.RECEIPT: Choice(MailChoice.DIGEST, sms=False)}
    actions.choose(actor=world.member, choices=chosen, no_mail=False)
    actions.resume(read_token(person_token(world.member, Kind.RECEIPT)))
    assert settings_of(world.member).choices[Kind.RECEIPT] == chosen[Kind.RECEIPT]


def test_a_contact_without_an_account_can_stop_invitations(world: World) -> None:
    token = contact_token("hoa@example.vn")
    actions.stop(read_token(token))
    assert read_token(token).is_stopped
    actions.resume(read_token(token))
    assert not read_token(token).is_stopped


def test_a_link_that_was_changed_stops_nothing(world: World) -> None:
    token = person_token(world.member, None)
    for other in (token[:-1], token.replace(":", "", 1), "x", ""):
        with pytest.raises(NotFound):
            read_token(other)


def test_kinds_for_officers_are_offered_to_officers_only(world: World) -> None:
    assert Kind.UNIT_REQUESTED in settings_of(world.officer).choices
    assert Kind.UNIT_REQUESTED not in settings_of(world.member).choices


# --- reading --------------------------------------------------------------------------------------------------


def test_pages_follow_one_another_without_a_gap_or_a_repetition(world: World) -> None:
    for _ in range(5):
        world.submit()
    take()
    everything = [line.notice.pk for line in list_notices(world.member, limit=9).lines]
    assert everything == sorted(everything, reverse=True)
    found, after = [], None
    while True:
        page = list_notices(world.member, after=after, limit=2)
        found += [line.notice.pk for line in page.lines]
        after = page.next
        if after is None:
            break
    assert found == everything


def test_marking_all_read_leaves_what_came_since(world: World) -> None:
    for _ in range(3):
        world.submit()
    take()
    seen = Notice.objects.order_by("pk")[1].pk
    assert actions.mark_all_read(actor=world.member, newest=seen) == 2
    assert unread_count(world.member) == 1


def test_nobody_marks_another_s_notices(world: World) -> None:
    world.submit()
    take()
    notice = Notice.objects.get()
    actions.mark_read(actor=make_person(), notice_id=notice.pk)
    actions.mark_all_read(actor=make_person(), newest=notice.pk)
    assert unread_count(world.member) == 1
