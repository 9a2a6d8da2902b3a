"""Handing a message over: to the mail server or the SMS gateway, and what became of it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from django.core.mail import get_connection

from sangkien.notices import sms
from sangkien.notices.composing import Letter, as_mail
from sangkien.notices.models import Channel, OutgoingMessage


class Outcome(Enum):
    """What became of a try."""

    SENT = "sent"
    LATER = "later"
    """Not taken this time: try again."""
    AWAY = "away"
    """The server cannot be reached, or takes nothing from us: the others need not be tried now either."""
    UNSURE = "unsure"
    """Nobody knows whether it was taken."""
    REFUSED = "refused"
    """This message will never be taken."""
    NO_SUCH_ADDRESS = "no such address"
    """Nothing for this address will ever be taken."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try, and what the other side said."""

    outcome: Outcome
    reason: str = ""


class Post:
    """Hands messages over, one after the other; the connection to the mail server is kept for as long as it is well."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_open = False

    def hand_over(self, message: OutgoingMessage, letter: Letter) -> Result:
        """Send a message once and say what became of it."""
        return self._text(message, letter) if message.channel == Channel.SMS else self._mail(message, letter)

    def close(self) -> None:
        """End the connection to the mail server."""
        self._is_open = False
        self._connection.close()

    def _mail(self, message: OutgoingMessage, letter: Letter) -> Result:
        try:
            self._open()
        except (OSError, smtplib.SMTPException) as error:
            return Result(Outcome.AWAY, f"the mail server cannot be used: {error}")
        try:
            self._connection.send_messages([as_mail(message, letter)])
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return _of_error(error)
        return Result(Outcome.SENT)

    def _open(self) -> None:
        """Open the connection unless it is. It may have been closed by the other side since the last message."""
        if not self._is_open:
            self._connection.open()
            self._is_open = True

    def _text(self, message: OutgoingMessage, letter: Letter) -> Result:
        try:
            sms.send_sms(letter.address, letter.text, message_id=str(message.pk))
        except sms.SmsFailed as error:
            outcome = Outcome.REFUSED if error.is_final else Outcome.UNSURE if error.is_unsure else Outcome.LATER
            return Result(outcome, str(error))
        return Result(Outcome.SENT)


@contextmanager
def post_office() -> Iterator[Post]:
    """Hand messages over within the block; the connection ends with it."""
    post = Post()
    try:
        yield post
    finally:
        post.close()


def _of_error(error: OSError | smtplib.SMTPException) -> Result:
    """Say what an error of the mail server means for the message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return Result(Outcome.NO_SUCH_ADDRESS if code >= 500 else Outcome.LATER, f"{code} {_text_of(said)}")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Result(Outcome.AWAY, f"{error.smtp_code} {_text_of(error.smtp_error)}")
    if isinstance(error, smtplib.SMTPResponseException):
        outcome = Outcome.REFUSED if error.smtp_code >= 500 else Outcome.LATER
        return Result(outcome, f"{error.smtp_code} {_text_of(error.smtp_error)}")
    return Result(Outcome.UNSURE, f"the connection broke: {error}")


def _text_of(said: bytes | str) -> str:
    """Return what a server said as text."""
    return said.decode(errors="replace") if isinstance(said, bytes) else said
