"""How somebody wants to hear of each kind of notice, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from sangkien.notices.models import Kind, MailChoice
from sangkien.notices.preferences import Choice
from sangkien.notices.queries import Settings

NO_MAIL = "no_mail"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind with what is chosen for it."""

    kind: Kind
    choice: Choice

    @property
    def label(self) -> str:
        """What the kind is called."""
        return str(self.kind.label)


def rows_of(choices: Mapping[Kind, Choice]) -> list[Row]:
    """Return the rows of the form."""
    return [Row(kind, choice) for kind, choice in choices.items()]


def read(sent: QueryDict, settings: Settings) -> tuple[dict[Kind, Choice], bool]:
    """Return the choices that were sent, and whether all mail is stopped.

    Only the kinds that the person was offered count; one that was not sent, or not as one of the choices, stays as it
    is. Short messages stay as they are while the person has no number for them: the form does not ask then.
    """
    choices = {}
    for kind, before in settings.choices.items():
        mail = sent.get(f"mail_{kind}", "")
        choices[kind] = Choice(
            mail=MailChoice(mail) if mail in MailChoice.values else before.mail,
            sms=f"sms_{kind}" in sent if settings.phone else False,
        )
    return choices, NO_MAIL in sent
