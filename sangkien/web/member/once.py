"""A form that is sent twice makes one thing: the token that it carries leads the second sending to the first's work."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

SESSION_KEY = "sent_forms"
KEPT = 20  # tokens a session remembers; the oldest are forgotten first


def new_token() -> str:
    """Return a token for a form that is about to be shown."""
    return uuid.uuid4().hex


@transaction.atomic
def once(request: HttpRequest, token: str, make: Callable[[], int]) -> tuple[int, bool]:
    """Return (number of what was made, whether it was made just now). Without a token it is always made.

    The row of the session is locked first, so that two sendings at the same moment (a double tap) come one after the
    other; what was made and the note of it are committed together.
    """
    if not token:
        return make(), True
    sent = _locked_notes(request)
    if token in sent:
        return sent[token], False
    number = make()
    sent[token] = number
    request.session[SESSION_KEY] = dict(list(sent.items())[-KEPT:])
    request.session.save()
    return number, True


def _locked_notes(request: HttpRequest) -> dict[str, int]:
    """Lock the session and return what its forms have made, by token, as it is in the database now."""
    row = Session.objects.select_for_update().filter(session_key=request.session.session_key).first()
    notes: dict[str, int] = row.get_decoded().get(SESSION_KEY, {}) if row else {}
    return notes
