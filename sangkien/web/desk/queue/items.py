"""One initiative at the desk: all that an officer reads before deciding, on one screen."""

from __future__ import annotations

from typing import Any

from sangkien.core import clock
from sangkien.initiatives import queries
from sangkien.initiatives.models import Flag, Initiative
from sangkien.initiatives.norms import norm
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.tally.queries import ordinal_of
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.desk.queue.clocks import due_clock
from sangkien.web.desk.queue.flags import tags_of
from sangkien.web.initiatives.authors import author_lines
from sangkien.web.initiatives.findings import findings_of
from sangkien.web.initiatives.history import history_of
from sangkien.web.initiatives.labels import FIELD_LABELS, asked_list
from sangkien.web.initiatives.pages import head_of
from sangkien.web.initiatives.rights import rights_of

TEXTS = ("problem", "solution", "novelty", "conditions", "applied_scope", "applicable_scope", "social_benefit")
"""What an initiative says in whole paragraphs, in the order in which an officer reads it."""


def item_context(initiative: Initiative, person: Person, decision: DecisionForm | None = None) -> dict[str, Any]:
    """Return what the right side of the desk shows; ``decision`` is what was sent and what is wrong with it."""
    rights = rights_of(person, initiative)
    history = history_of(initiative, names=True, notes=True)
    form = (decision or DecisionForm(initiative=initiative)) if rights.may_decide else None
    return {
        **head_of(initiative),
        "rights": rights,
        "is_waiting": initiative.state == State.SUBMITTED,
        "clock": due_clock(initiative.due_at, clock.now()),
        "ordinal": ordinal_of(initiative.pk),
        "is_for_others": _is_for_others(initiative),
        "texts": [(FIELD_LABELS[name], text) for name in TEXTS if (text := getattr(initiative, name))],
        "flags": tags_of(initiative.flags & ~Flag.LARGE_BENEFIT),
        "times_median": _times_median(initiative),
        "findings": findings_of(initiative),
        "authors": author_lines(initiative, is_insider=True),
        "files": list(initiative.attachments.all()) if rights.may_see_files else [],
        "asked_parts": asked_list(queries.asked_of(initiative)) if initiative.state == State.RETURNED else [],
        "history": history,
        "form": form if form and form.is_possible else None,
    }


def _is_for_others(initiative: Initiative) -> bool:
    """Say whether somebody entered it for the principal author."""
    principal = next((author for author in initiative.authors.all() if author.number == 1), None)
    return principal is not None and principal.person_id != initiative.submitter_id


def _times_median(initiative: Initiative) -> int | None:
    """Return how many times the median of its field the claimed benefit is, if that is unusual."""
    if not initiative.flags & Flag.LARGE_BENEFIT:
        return None
    usual = norm(initiative.programme, initiative.field_id)
    return (initiative.benefit_claimed or 0) // usual.median if usual and usual.median else 0
