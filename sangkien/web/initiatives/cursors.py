"""A place in a list of initiatives, as an address carries it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from sangkien.core.codes import CodeError
from sangkien.core.errors import InvalidInput
from sangkien.initiatives.codes import code_of, number_of
from sangkien.initiatives.queries import Cursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,16})\.([0-9A-Za-z-]{8,12})")


def write_cursor(cursor: Cursor) -> str:
    """Write a place in the list for an address: the moment in microseconds, then the public code of the initiative."""
    moment, number = cursor
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}.{code_of(number)}"


def read_cursor(text: str) -> Cursor:
    """Read what ``write_cursor`` wrote. Raises InvalidInput."""
    found = _CURSOR.fullmatch(text)
    try:
        if found:
            return EPOCH + timedelta(microseconds=int(found[1])), number_of(found[2])
    except CodeError:
        pass
    raise InvalidInput(_("This address leads nowhere in the list. Begin at its top."), code="bad_cursor", field="sau")
