"""Where the desk goes after a decision: to the next of the queue, with a line that says what was done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from sangkien.initiatives.codes import code_of
from sangkien.initiatives.queue import next_after
from sangkien.people.models import Person
from sangkien.web.desk.queue.asking import asked_in

JUST_DONE = "vua"
"""Names in an address what was decided last, as ``<code>.<number of its event>``: the page offers to undo it."""
_JUST_DONE = re.compile(r"([0-9A-Za-z-]{8,12})\.([0-9]{1,5})")


def next_address(person: Person, sent: Mapping[str, Any], number: int, event: int) -> str:
    """Return the address of what follows initiative ``number`` in the queue that the form was sent from.

    ``event`` is the number of the decision that was just made.
    """
    asked = asked_in(sent)
    following = next_after(person, asked.wanted, number)
    query = asked.address_query(**{JUST_DONE: f"{code_of(number)}.{event}"})
    if following is None:
        return reverse("desk") + query
    return reverse("desk-item", args=[code_of(following)]) + query


def undone_address(_person: Person, sent: Mapping[str, Any], number: int) -> str:
    """Return the address of an initiative whose decision was just undone, in the queue that the form was sent from."""
    return reverse("desk-item", args=[code_of(number)]) + asked_in(sent).address_query()


def read_just_done(text: str) -> tuple[str, int] | None:
    """Return the code and the event that an address names as decided last, if it does."""
    found = _JUST_DONE.fullmatch(text)
    return (found[1], int(found[2])) if found else None
