"""The one error tree: what the floors refuse, and why. Faces map it to forms, pages and JSON problems."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = str | Promise


class SangKienError(Exception):
    """A refusal that a person can do something about.

    ``code`` is stable and may be relied on; ``message`` is for people, in their language; ``field`` names the
    input at fault, when there is one.
    """

    code = "refused"
    default_message: Message = _("This cannot be done.")

    def __init__(self, message: Message | None = None, *, code: str | None = None, field: str | None = None) -> None:
        self.message: Message = message if message is not None else self.default_message
        self.code = code or type(self).code
        self.field = field
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(SangKienError):
    """The actor has no right to do this here."""

    code = "not_allowed"
    default_message = _("You do not have the right to do this here. Ask the officer of your unit.")


class NotFound(SangKienError):
    """There is no such thing, or this person may not know of it."""

    code = "not_found"
    default_message = _("There is nothing here by that name.")


class InvalidInput(SangKienError):
    """What was given cannot be used; ``field`` says which part."""

    code = "invalid_input"
    default_message = _("Something in what you sent cannot be used.")


class Conflict(SangKienError):
    """It was possible a moment ago; somebody or something else came first."""

    code = "conflict"
    default_message = _("This has changed in the meantime. Look at it again before you decide.")
