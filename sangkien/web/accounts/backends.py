"""Who may sign in: allauth's backend, with the account behind a session read by a question that is written out."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend

from sangkien.core.questions import Question
from sangkien.people.models import Person

_PERSON: Final = Question(Person, "WHERE id = %(id)s")


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Accounts by name, address or number, as allauth finds them."""

    def get_user(self, user_id: Any) -> Person | None:
        """Return the account with this id; None when there is none or it may not sign in. Every request asks this."""
        person = _PERSON.ask(id=user_id)
        return person if person and self.user_can_authenticate(person) else None
