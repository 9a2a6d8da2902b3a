"""Who may sign in: allauth's backend, which reads the account behind a session by a statement that is written out."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend

from sangkien.people.models import Person

_TABLE: Final = Person._meta.db_table
_SQL: Final = f"SELECT {', '.join(f.column for f in Person._meta.concrete_fields)} FROM {_TABLE} WHERE id = %s"


class AccountBackend(AuthenticationBackend):
    """Accounts by name, address or number, as allauth finds them."""

    def get_user(self, user_id: Any) -> Person | None:
        """Return the account with this id, None when there is none or it may not sign in. Every request asks this."""
        found = next(iter(Person.objects.raw(_SQL, [user_id])), None)
        return found if found and self.user_can_authenticate(found) else None
