"""Writing the authors of an initiative, and who of them has an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sangkien.initiatives import rules
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Author, Flag, Initiative, Response
from sangkien.people.models import Person

PRINCIPAL = 1
"""The number of the author whose unit counts, and without whom nothing is found valid."""


def author_rows(initiative: Initiative, authors: Sequence[AuthorInput], actor: Person, at: datetime) -> list[Author]:
    """Return the authors as rows, not written yet; the principal author is of its unit unless they name another.

    Whoever enters it and is an author themselves has confirmed by doing so.
    """
    people = people_by_contact(a.contact for a in authors)
    rows = []
    for number, a in enumerate(authors, start=1):
        unit = a.unit or (initiative.unit if number == 1 else None)
        person_id = a.person_id or people.get(a.contact)
        is_actor = person_id == actor.pk
        rows.append(
            Author(
                initiative_id=initiative.pk,
                number=number,
                name=a.name,
                unit_id=unit.pk if unit else None,
                workplace=a.workplace,
                category=a.category,
                title=a.title,
                share=a.share,
                person_id=person_id,
                contact=a.contact,
                response=Response.CONFIRMED if is_actor else "",
                responded_at=at if is_actor else None,
            )
        )
    return rows


def rewrite_authors(initiative: Initiative, authors: Sequence[AuthorInput], actor: Person, at: datetime) -> None:
    """Put these authors in place of those written before.

    An answer to being named stays where the author is the same with the same share. Contacts are the submitter's: a
    co-author who sends the initiative again cannot see them, so those that are left empty stay as they were.
    """
    before = list(Author.objects.filter(initiative=initiative))
    rows = author_rows(initiative, authors, actor, at)
    for row in rows:
        old = next((old for old in before if _is_same(old, row, actor.pk == initiative.submitter_id)), None)
        if old is None:
            continue
        before.remove(old)
        row.contact = row.contact or old.contact
        row.person_id = row.person_id or old.person_id
        if not row.response and row.share == old.share:
            row.response, row.responded_at = old.response, old.responded_at
    Author.objects.filter(initiative=initiative).delete()
    Author.objects.bulk_create(rows)
    flag_objection(initiative)


def flag_objection(initiative: Initiative) -> None:
    """Have officers see whether the principal author objects: set or clear the flag, as the authors say now."""
    flags = initiative.flags & ~Flag.OBJECTED
    initiative.flags = flags | Flag.OBJECTED if rules.is_objected(initiative) else flags
    Initiative.objects.filter(pk=initiative.pk).update(flags=initiative.flags)


def people_by_contact(contacts: Iterable[str]) -> dict[str, int]:
    """Return whose account (id) each of these contacts is, as far as it has been shown: one query for each sort."""
    wanted = [c for c in contacts if c]
    addresses, phones = [c for c in wanted if "@" in c], [c for c in wanted if "@" not in c]
    found: dict[str, int] = {}
    if addresses:
        by_mail = Person.objects.filter(emailaddress__email__in=addresses, emailaddress__verified=True, is_active=True)
        found.update(by_mail.values_list("emailaddress__email", "pk"))
    if phones:
        by_phone = Person.objects.filter(phone__in=phones, phone_verified=True, is_active=True)
        found.update((phone, pk) for phone, pk in by_phone.values_list("phone", "pk") if phone)
    return found


def _is_same(old: Author, new: Author, by_submitter: bool) -> bool:
    """Say whether an author who was written before is this one."""
    if old.name != new.name:
        return False
    if new.contact or new.person_id or by_submitter:
        return (bool(new.contact) and new.contact == old.contact) or (
            new.person_id is not None and new.person_id == old.person_id
        )
    return True
