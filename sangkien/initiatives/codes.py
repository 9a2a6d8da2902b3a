"""The public code of an initiative (``SK-XXXX-XXXX``), computed from its number and back. No look-up table."""

from __future__ import annotations

import secrets
from functools import cache

from sangkien.core.codes import CodeKey, decode, encode
from sangkien.initiatives.models import CodeKeyRecord


def code_of(number: int) -> str:
    """Return the public code of the initiative with this number."""
    keys = _keys()
    return encode(number, keys[max(keys)])


def number_of(code: str) -> int:
    """Return the number of the initiative with this code. Raises ``core.codes.CodeError``."""
    return decode(code, _keys())


def secret() -> bytes:
    """Return what nobody outside knows: the newest key's secret, for whatever else is drawn by it (``lots``)."""
    keys = _keys()
    return keys[max(keys)].secret


@cache
def _keys() -> dict[int, CodeKey]:
    """Return the keys by version."""
    return {record.version: CodeKey(record.version, bytes(record.secret)) for record in CodeKeyRecord.objects.all()}


def make_first_key() -> None:
    """Make the key of this database's codes unless it has one. It is never changed afterwards."""
    CodeKeyRecord.objects.get_or_create(version=0, defaults={"secret": secrets.token_bytes(32)})


def forget_keys() -> None:
    """Read the keys from the database again, after a restore or in tests."""
    _keys.cache_clear()
