"""What somebody may see and do on the page of an initiative, as it stands."""

from __future__ import annotations

from dataclasses import dataclass

from sangkien.core import clock
from sangkien.initiatives import rules
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import Viewer
from sangkien.initiatives.reviews import load_reviews
from sangkien.initiatives.states import TRANSITIONS, EventKind, State
from sangkien.people.models import Person
from sangkien.web.initiatives.authors import is_own


@dataclass(frozen=True, slots=True)
class Rights:
    """What the viewer may see and do here.

    ``is_own``: one of its people (whoever entered it, its authors); ``is_insider``: one of its people or its officers.
    """

    is_officer: bool = False
    is_own: bool = False
    may_decide: bool = False
    may_undo: bool = False
    may_withdraw: bool = False
    may_correct: bool = False
    may_answer: bool = False
    may_see_files: bool = False

    @property
    def is_insider(self) -> bool:
        """Whether what is kept from the public is shown."""
        return self.is_officer or self.is_own


def rights_of(viewer: Viewer, initiative: Initiative) -> Rights:
    """Return the viewer's rights over the initiative at this moment."""
    if not isinstance(viewer, Person):
        return Rights()
    now = clock.now()
    load_reviews(initiative)
    state = State(initiative.state)
    own = is_own(initiative, viewer)
    may_decide = rules.may_decide(viewer, initiative, now)
    is_officer = may_decide or rules.is_officer_of(viewer, initiative, now)
    last = max(initiative.events.all(), key=lambda event: event.number, default=None)
    return Rights(
        is_officer=is_officer,
        is_own=own,
        may_decide=may_decide,
        may_undo=may_decide and last is not None and rules.is_undoable(last, viewer, now),
        may_withdraw=own and rules.may_withdraw(viewer, initiative) and (state, EventKind.WITHDRAWN) in TRANSITIONS,
        may_correct=own and rules.may_correct(viewer, initiative),
        may_answer=rules.may_answer_authorship(viewer, initiative),
        may_see_files=is_officer or (own and rules.may_see_attachments(viewer, initiative, now)),
    )
