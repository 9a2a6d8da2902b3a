"""A sender that is killed after the mail server took a mail: it goes out at most twice, both times under one id."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from sangkien.notices.consumer import take
from sangkien.notices.models import MessageState, OutgoingMessage
from sangkien.notices.sending import send_due
from tests.factories import World
from tests.notices.mailserver import Mailbox

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
AT_ONCE = timedelta(0)


def send_and_die(box: Mailbox) -> None:
    """Send with a process of its own and kill it once the mail server has taken the mail."""
    name = str(connection.settings_dict["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.notices.processes", name, str(box.port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "sent\n"
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


def test_a_mail_whose_sender_is_killed_goes_out_once_more_under_the_same_id(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    send_and_die(mailbox)
    assert OutgoingMessage.objects.get().state == MessageState.SENDING
    assert send_due(stale=AT_ONCE).sent == 1
    assert (len(mailbox.ids()), len(set(mailbox.ids()))) == (2, 1)
    assert OutgoingMessage.objects.get().state == MessageState.SENT


def test_a_mail_whose_sender_is_killed_twice_is_not_sent_a_third_time(world: World, mailbox: Mailbox) -> None:
    world.submit()
    take()
    send_and_die(mailbox)
    send_and_die(mailbox)
    assert send_due(stale=AT_ONCE).tried == 0
    assert (len(mailbox.ids()), len(set(mailbox.ids()))) == (2, 1)
    assert OutgoingMessage.objects.get().state == MessageState.FAILED
