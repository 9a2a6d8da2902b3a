"""Sessions in the database, read by a statement that is written out: every request of somebody signed in asks it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from sangkien.core.statements import prepared_cursor

_SQL = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's sessions in the database. ``SESSION_ENGINE`` names this module; the name of the class is part of the
    salt with which sessions are signed.
    """

    def load(self) -> dict[str, Any]:
        """Return what the session holds; when there is none that is still good, nothing, and forget its key."""
        with prepared_cursor() as cursor:
            cursor.execute(_SQL, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found
