"""Short messages to phones: one small interface, a sender that shows them on the terminal, and one for any gateway."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings

TIMEOUT = 10.0
"""Seconds that a gateway may take."""
_FOR_LATER = frozenset({408, 425, 429})
"""Answers that begin with 4 and do not mean that the message itself is at fault."""


class SmsFailed(Exception):
    """A short message was not taken. ``is_final``: trying again is of no use. ``is_unsure``: it may have been taken."""

    def __init__(self, reason: str, *, is_final: bool = False, is_unsure: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_unsure = is_unsure


class SmsSender(Protocol):
    """Whatever can bring a text to a phone."""

    def send(self, phone: str, text: str, message_id: str) -> None:
        """Send ``text`` to ``phone`` (E.164: ``+84…``). Raises SmsFailed."""


@dataclass(frozen=True, slots=True)
class ConsoleSender:
    """Writes to standard error what would be sent: for a trial, where nobody has a gateway."""

    def send(self, phone: str, text: str, message_id: str) -> None:
        """Show the message; of the number only its ends."""
        print(f"SMS to {masked(phone)}: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class HttpSender:
    """Calls an HTTP gateway. ``{phone}``, ``{digits}`` (without the plus), ``{text}`` and ``{id}`` are filled in.

    They may stand in the address and in every text of ``body``, which is sent as JSON unless the method is GET.
    ``{id}`` is the same when a message is sent a second time, so that a gateway which knows ids can drop the copy.
    """

    url: str
    method: str
    headers: dict[str, str]
    body: Any

    def send(self, phone: str, text: str, message_id: str) -> None:
        """Ask the gateway; any answer of 200 to 299 means that it took the message. Raises SmsFailed."""
        values = {"phone": phone, "digits": phone.lstrip("+"), "text": text, "id": message_id}
        url = _filled(self.url, {name: quote(value, safe="") for name, value in values.items()})
        has_body = self.method != "GET"
        request = Request(
            url,
            data=json.dumps(_filled_in(self.body, values)).encode() if has_body else None,
            headers={"Content-Type": "application/json", **self.headers} if has_body else self.headers,
            method=self.method,
        )
        try:
            with urlopen(request, timeout=TIMEOUT):
                return
        except HTTPError as error:
            with error:
                is_final = 400 <= error.code < 500 and error.code not in _FOR_LATER
                raise SmsFailed(f"the gateway answered {error.code}", is_final=is_final) from None
        except URLError as error:  # the connection was never made
            raise SmsFailed(f"the gateway cannot be reached: {error.reason}") from None
        except (OSError, HTTPException) as error:
            raise SmsFailed(f"the gateway did not answer: {error}", is_unsure=True) from None


def send_sms(phone: str, text: str, *, message_id: str = "") -> None:
    """Send a text to a phone (E.164) by the sender that the settings name. Raises SmsFailed.

    ``message_id`` stays the same when a message has to be sent a second time.
    """
    sender().send(phone, text, message_id)


def is_available() -> bool:
    """Say whether this portal can send short messages at all."""
    return settings.SMS_SENDER != "none"


def sender() -> SmsSender:
    """Return the sender that the settings name. Raises SmsFailed where there is none."""
    if settings.SMS_SENDER == "http":
        return HttpSender(settings.SMS_URL, settings.SMS_METHOD, settings.SMS_HEADERS, settings.SMS_BODY)
    if settings.SMS_SENDER == "console":
        return ConsoleSender()
    raise SmsFailed("no SMS gateway is set up: see SMS_URL", is_final=True)


def masked(phone: str) -> str:
    """Return a number of which only the country and the last digit can be read: +84…9."""
    return f"{phone[:3]}…{phone[-1:]}"


def _filled(text: str, values: dict[str, str]) -> str:
    """Return ``text`` with each ``{name}`` replaced; what is filled in is not looked at again."""
    parts = text.split("{")
    done = parts[:1]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        done.append(values[name] + rest if brace and name in values else "{" + part)
    return "".join(done)


def _filled_in(body: Any, values: dict[str, str]) -> Any:
    """Return the body of a request with every text in it filled in."""
    if isinstance(body, str):
        return _filled(body, values)
    if isinstance(body, dict):
        return {key: _filled_in(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled_in(value, values) for value in body]
    return body
