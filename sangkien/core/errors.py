"""The one error tree: what the floors refuse, and why. Faces map it to forms, pages and JSON problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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

    @property
    def errors(self) -> list[InvalidInput]:
        """Everything that is wrong: this alone, unless several things were found together."""
        return [self]


class InvalidInputs(InvalidInput):
    """Several things that cannot be used, found together; who looks at one error only sees the first."""

    def __init__(self, errors: Sequence[InvalidInput]) -> None:
        first = errors[0]
        super().__init__(first.message, code=first.code, field=first.field)
        self._errors = list(errors)

    @property
    def errors(self) -> list[InvalidInput]:
        """Everything that is wrong, in the order in which it was found."""
        return self._errors


class Conflict(SangKienError):
    """It was possible a moment ago; somebody or something else came first."""

    code = "conflict"
    default_message = _("This has changed in the meantime. Look at it again before you decide.")


@contextmanager
def gathered(faults: list[InvalidInput]) -> Iterator[None]:
    """Add to ``faults`` whatever InvalidInput is raised inside, and go on."""
    try:
        yield
    except InvalidInput as error:
        faults.extend(error.errors)


def refuse(faults: Sequence[InvalidInput]) -> None:
    """Raise what is wrong, all of it at once (InvalidInput or InvalidInputs); do nothing if nothing is."""
    if faults:
        raise faults[0] if len(faults) == 1 else InvalidInputs(faults)
