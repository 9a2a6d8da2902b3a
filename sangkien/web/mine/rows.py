"""What the list of one's own initiatives shows: what has to be done, drafts, and a line for each initiative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from sangkien.initiatives import queries
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.models import Person
from sangkien.tally.models import Ordinal
from sangkien.tally.queries import ordinals_of
from sangkien.web.initiatives.authors import is_own, own_author
from sangkien.web.initiatives.labels import asked_list
from sangkien.web.initiatives.pages import LOOKS
from sangkien.web.initiatives.standing import standing
from sangkien.web.mine.appeals import AppealLine, appeal_lines


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft: its address, its title (empty while it has none), and the code of what it corrects, if it does."""

    id: UUID
    title: str
    saved_at: datetime
    corrects: str


@dataclass(frozen=True, slots=True)
class Row:
    """One initiative of the list, with its number in the programme once it has one.

    ``answer`` is what the person said to being named as an author by somebody else, ``appeal`` how it stands with an
    appeal, None if there is nothing to say of one.
    """

    initiative: Initiative
    code: str
    look: str
    icon: str
    ordinal: Ordinal | None
    standing: str
    answer: str | Promise
    appeal: AppealLine | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person: an initiative returned to them, or one that names them as a co-author.

    ``share`` is the co-author's, None for one that was returned; then ``reason``, ``note`` and ``asked`` say what for.
    """

    initiative: Initiative
    code: str
    share: int | None = None
    reason: str | Promise = ""
    note: str = ""
    asked: Sequence[tuple[str | Promise, str]] = ()


def drafts_of(person: Person) -> list[DraftLine]:
    """Return the person's drafts, the one saved last first."""
    return [
        DraftLine(
            id=draft.pk,
            title=str(draft.typed.get("title", "")).strip(),
            saved_at=draft.saved_at,
            corrects=code_of(draft.corrects) if draft.corrects else "",
        )
        for draft in queries.drafts_of(person)
    ]


def rows_of(person: Person, found: Sequence[Initiative]) -> list[Row]:
    """Return a line for each initiative: their numbers, who has them and appeals are asked for all at once."""
    ordinals = ordinals_of([one.pk for one in found])
    whereabouts = queries.whereabouts_of(found)
    appeals = appeal_lines(person, found)
    rows = []
    for one in found:
        look, icon = LOOKS[State(one.state)]
        author = own_author(one, person)
        says = standing(one, whereabouts[one.pk], is_own=is_own(one, person))
        answer = Response(author.response).label if author and author.response and _is_named(one, person) else ""
        rows.append(Row(one, code_of(one.pk), look, icon, ordinals.get(one.pk), says, answer, appeals.get(one.pk)))
    return rows


def tasks_of(person: Person) -> list[Task]:
    """Return what the person has to do: say whether they are a co-author, correct what was returned."""
    return [_task(one, person) for one in queries.waiting_for(person)]


def _task(one: Initiative, person: Person) -> Task:
    author = own_author(one, person)
    if author and not author.response and _is_named(one, person):
        return Task(one, code_of(one.pk), share=author.share)
    event = next(event for event in reversed(one.events.all()) if event.kind == EventKind.RETURNED)
    asked = {part.field: part.note for part in one.asked_fields.all() if part.number == event.number}
    reason = ReasonCode(event.reason).label if event.reason else ""
    return Task(one, code_of(one.pk), reason=reason, note=event.note, asked=asked_list(asked))


def _is_named(one: Initiative, person: Person) -> bool:
    """Say whether somebody else has entered what names the person."""
    return one.submitter_id != person.pk
