"""Where attempts are counted: Django's database cache, with one statement for each write."""

from __future__ import annotations

import base64
import pickle
import random
from datetime import UTC, datetime
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router

SWEEP_EVERY: Final = 500
"""One write in so many also removes what has expired."""


class RateLimitCache(DatabaseCache):
    """Django's own counts all rows at every write and adds in two steps; this one does neither.

    A write is ``INSERT … ON CONFLICT``: two processes that add one key at the same moment cannot both succeed.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT) -> bool:
        """Write ``value``; "add" only where nothing unexpired stands. Return whether it was written."""
        until = self.get_backend_timeout(timeout)
        expires = datetime.max.replace(tzinfo=UTC) if until is None else datetime.fromtimestamp(until, tz=UTC)
        text = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("latin1")
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(str(self._table))  # type: ignore[attr-defined]  # not in the stubs
        with connection.cursor() as cursor:
            if random.randrange(SWEEP_EVERY) == 0:
                cursor.execute(f"DELETE FROM {table} WHERE expires < now()")
            if mode == "touch":
                cursor.execute(f"UPDATE {table} SET expires = %s WHERE cache_key = %s", [expires, key])
            else:
                where = f"WHERE {table}.expires < now()" if mode == "add" else ""
                cursor.execute(
                    f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key)"
                    f" DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires {where}",
                    [key, text, expires],
                )
            return bool(cursor.rowcount)
