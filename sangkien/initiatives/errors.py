"""What only this floor refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import Conflict
from sangkien.initiatives.models import Draft, Initiative
from sangkien.initiatives.states import State


class DraftChanged(Conflict):
    """The draft has been saved elsewhere since it was read, in another tab or on another device.

    ``draft`` is how it stands now.
    """

    code = "draft_changed"
    default_message = _("This draft has been changed elsewhere, in another tab or on another device.")

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class AlreadySent(Conflict):
    """This form has been sent before; ``number`` is the initiative that it made or corrected."""

    code = "already_sent"
    default_message = _("You have sent this form before. Nothing was sent twice.")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class DecidedMeanwhile(Conflict):
    """Something has happened to the initiative since the actor looked at it; ``initiative`` is how it stands now."""

    code = "decided_meanwhile"
    default_message = _("Somebody has decided in the meantime: it is now “%(state)s”. Nothing was changed.")

    def __init__(self, initiative: Initiative) -> None:
        super().__init__(self.default_message % {"state": State(initiative.state).label})
        self.initiative = initiative
