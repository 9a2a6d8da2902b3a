"""Notices in words: what each of one person's notices says, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Event, Initiative
from sangkien.initiatives.queries import visible_to
from sangkien.notices import texts
from sangkien.notices.models import Kind, Notice
from sangkien.notices.texts import Told
from sangkien.people.models import Person

WITH_NOTE = (Kind.RETURNED, Kind.INVALIDATED, Kind.REINSTATED)
"""Kinds of which the officer's sentence is told too (Điều lệ Sáng kiến, article 7: in writing to the author)."""


def told(person: Person, notices: Sequence[Notice]) -> list[Told]:
    """Return these notices of one person in words, in the language that is active, in a fixed number of queries.

    An initiative that the person may no longer see is named by its code alone and leads nowhere.
    """
    numbers = {n.initiative for n in notices if n.initiative is not None}
    initiatives = {i.pk: i for i in visible_to(person).filter(pk__in=numbers)} if numbers else {}
    keys = [(n.source, n.number) for n in notices if n.kind in WITH_NOTE]
    notes = dict(Event.objects.filter(pk__in=keys).values_list("pk", "note")) if keys else {}
    return [_told(n, initiatives.get(n.initiative or 0), notes.get((n.source, n.number), "")) for n in notices]


def _told(notice: Notice, initiative: Initiative | None, note: str) -> Told:
    """Return one notice in words."""
    kind = Kind(notice.kind)
    return Told(
        heading=texts.heading_of(kind, notice.outcome),
        next_step=texts.next_step_of(kind, notice.outcome),
        title=initiative.title if initiative and not initiative.is_secret else "",
        code=code_of(notice.initiative) if notice.initiative is not None else "",
        reason=texts.reason_of(kind, notice.outcome),
        note=note if initiative else "",
        path=_path(kind, initiative),
    )


def _path(kind: Kind, initiative: Initiative | None) -> str:
    """Return the path of the page on which something can be done about a notice; empty if there is none."""
    if kind == Kind.UNIT_REQUESTED:
        return reverse("unit-requests")
    if kind == Kind.UNIT_SETTLED:
        return reverse("workplace")
    if initiative is None:
        return ""
    return reverse("receipt" if kind == Kind.RECEIPT else "initiative", args=[code_of(initiative.pk)])


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
