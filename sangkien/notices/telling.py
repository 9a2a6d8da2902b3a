"""Notices in words: what each of one person's notices says, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import get_language

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.numbers import format_count
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Event, Initiative
from sangkien.initiatives.queries import visible_to
from sangkien.initiatives.rules import may_withdraw
from sangkien.initiatives.states import EventKind
from sangkien.notices import texts
from sangkien.notices.appealing import Found, appeals_close
from sangkien.notices.models import Kind, Notice
from sangkien.notices.texts import Told
from sangkien.notices.undone import DECIDED
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit

WITH_NOTE = (Kind.RETURNED, Kind.INVALIDATED, Kind.REINSTATED)
"""Kinds of which the officer's sentence is told too (Điều lệ Sáng kiến, article 7: in writing to the author)."""
OF_RECORD = (
    Kind.ROLE_GRANTED,
    Kind.ROLE_ENDED,
    Kind.TARGET_SET,
    Kind.REORGANISED,
    Kind.APPEAL_MADE,
    Kind.APPEAL_DECIDED,
)
"""Kinds of which the entry of the record says more than the notice itself."""


OVERTAKING = (EventKind.REINSTATED, EventKind.VALIDATED, EventKind.INVALIDATED)
"""After a decision, these take it back or put another in its place."""


@dataclass(frozen=True, slots=True)
class Known:
    """What notices are about, read for all of them together.

    ``overtaken`` are the decisions that no longer hold, ``until`` says how long findings of invalid can be appealed by
    the person who is told.
    """

    initiatives: dict[int, Initiative]
    notes: dict[tuple[int, int], str]
    overtaken: set[tuple[int, int]]
    until: dict[Found, datetime]
    entries: dict[int, AuditEntry]
    units: dict[str, Unit]
    appeals: dict[int, Appeal]


def told(person: Person, notices: Sequence[Notice]) -> list[Told]:
    """Return these notices of one person in words, in the language that is active, in a fixed number of queries.

    An initiative that the person may no longer see is named by its code alone and leads nowhere.
    """
    numbers = {n.initiative for n in notices if n.initiative is not None}
    keys = {(n.source, n.number) for n in notices if n.kind in WITH_NOTE}
    after = {(n.source, n.number + 1) for n in notices if n.kind in DECIDED}
    recorded = [n.source for n in notices if n.kind in OF_RECORD]
    entries = AuditEntry.objects.in_bulk(recorded) if recorded else {}
    codes = {_unit_code(entry) for entry in entries.values()} - {""}
    asked = [int(entry.subject) for entry in entries.values() if entry.subject_kind == "appeal"]
    initiatives = {i.pk: i for i in visible_to(person).filter(pk__in=numbers)} if numbers else {}
    events = Event.objects.filter(pk__in=sorted(keys | after)).values_list("pk", "kind", "note") if keys | after else []
    said = {key: (kind, note) for key, kind, note in events}
    known = Known(
        initiatives=initiatives,
        notes={key: said[key][1] for key in keys & said.keys()},
        overtaken={(of, number - 1) for of, number in after & said.keys() if said[of, number][0] in OVERTAKING},
        until=_appealable(person, notices, initiatives),
        entries=entries,
        units={unit.code: unit for unit in Unit.objects.filter(code__in=codes)} if codes else {},
        appeals=Appeal.objects.in_bulk(asked) if asked else {},
    )
    return [_told(n, known) for n in notices]


def _told(notice: Notice, known: Known) -> Told:
    """Return one notice in words."""
    kind = Kind(notice.kind)
    entry = known.entries.get(notice.source) if kind in OF_RECORD else None
    initiative = known.initiatives.get(notice.initiative or 0)
    unit = known.units.get(_unit_code(entry)) if entry else None
    code = code_of(notice.initiative) if notice.initiative is not None else unit.code if unit else ""
    title = initiative.title if initiative and not initiative.is_secret else ""
    return Told(
        heading=texts.heading_of(kind, notice.outcome),
        next_step=_next_step(kind, notice, known),
        title=_about_unit(kind, entry, unit) if entry and unit else title,
        code=code,
        reason=texts.reason_of(kind, notice.outcome),
        note=_note(kind, notice, entry, known) if initiative or unit else "",
        path=_path(kind, initiative, entry, unit),
    )


def _appealable(person: Person, notices: Sequence[Notice], found: dict[int, Initiative]) -> dict[Found, datetime]:
    """Return until when the person can appeal against what these notices tell them was found invalid."""
    told_of = [n for n in notices if n.kind == Kind.INVALIDATED and n.initiative in found]
    about = list({n.source: found[n.source] for n in told_of}.values())
    if about:
        prefetch_related_objects(about, "authors")
    own = {one.pk for one in about if may_withdraw(person, one)}
    return appeals_close((found[n.source], n.at) for n in told_of if n.source in own)


def _next_step(kind: Kind, notice: Notice, known: Known) -> str:
    """Return what follows, or what is to be done."""
    if (notice.source, notice.number) in known.overtaken and kind in DECIDED:
        return texts.overtaken()
    until = known.until.get((notice.source, notice.at)) if kind == Kind.INVALIDATED else None
    if until is not None:
        return texts.appeal_until(clock.format_date(clock.day_of_cutoff(until), get_language() or "vi"))
    return texts.next_step_of(kind, notice.outcome)


def _unit_code(entry: AuditEntry) -> str:
    """Return the code of the unit that an entry of the record is about, empty if it is about none."""
    if entry.subject_kind == "role_grant":
        return str(entry.details["unit"])
    return entry.subject if entry.subject_kind == "unit" else ""


def _about_unit(kind: Kind, entry: AuditEntry, unit: Unit) -> str:
    """Return which role, or which target, of which unit."""
    if kind in (Kind.ROLE_GRANTED, Kind.ROLE_ENDED):
        return f"{Role(entry.details['role']).label}, {unit.short_name}"
    if kind == Kind.TARGET_SET:
        return f"{format_count(int(entry.details['value']), get_language() or 'vi')}, {unit.short_name}"
    return unit.short_name


def _note(kind: Kind, notice: Notice, entry: AuditEntry | None, known: Known) -> str:
    """Return what the officer wrote."""
    if kind in WITH_NOTE:
        return known.notes.get((notice.source, notice.number), "")
    if kind == Kind.APPEAL_DECIDED and entry is not None:
        appeal = known.appeals.get(int(entry.subject))
        return appeal.answer if appeal else ""
    if kind in (Kind.ROLE_GRANTED, Kind.ROLE_ENDED) and entry is not None:
        return str(entry.details.get("reason") or "")
    return ""


def _path(kind: Kind, initiative: Initiative | None, entry: AuditEntry | None, unit: Unit | None) -> str:
    """Return the path of the page on which something can be done about a notice; empty if there is none."""
    if kind in PAGES:
        return reverse(PAGES[kind])
    if kind == Kind.APPEAL_MADE and entry is not None:
        return reverse("appeal-decide", args=[int(entry.subject)])
    if unit is not None:
        query = f"?don-vi={quote(unit.code)}"
        return reverse("unit", args=[unit.code]) if kind == Kind.REORGANISED else reverse("targets") + query
    if initiative is None:
        return ""
    return reverse("receipt" if kind == Kind.RECEIPT else "initiative", args=[code_of(initiative.pk)])


PAGES = {
    Kind.UNIT_REQUESTED: "unit-requests",
    Kind.UNIT_SETTLED: "workplace",
    Kind.ROLE_GRANTED: "unit-overview",
    Kind.ROLE_ENDED: "account",
}
"""Kinds that lead to one page, whatever they are about."""


# --- addresses in messages ------------------------------------------------------------------------------------

SALT = "sangkien.notices.unsubscribe"


def portal_address(name: str, *arguments: object) -> str:
    """Return the whole address of a page, for a message."""
    return f"{settings.PORTAL_URL}{reverse(name, args=arguments)}"


def person_token(person: Person, kind: Kind | None) -> str:
    """Return what stops the mail of one kind, or of all kinds, to a person. It does not wear out: mails are kept."""
    return signing.dumps({"p": person.pk, "k": kind or ""}, salt=SALT)


def contact_token(contact: str) -> str:
    """Return what stops invitations to an address or a number."""
    return signing.dumps({"c": contact}, salt=SALT)
