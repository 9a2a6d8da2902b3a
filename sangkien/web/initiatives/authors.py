"""The authors as a page names them: the public does not learn who declined, nobody learns a contact."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.models import Author, Initiative, Response
from sangkien.initiatives.queries import Viewer
from sangkien.people.models import Person

DECLINED: dict[bool, str | Promise] = {
    False: _("A co-author who has declined"),
    True: _("The principal author, who has declined"),
}
"""What stands in place of the name of somebody who declined; True: of the principal author."""


@dataclass(frozen=True, slots=True)
class AuthorLine:
    """One author. ``name`` is that of somebody who declined only for its people and officers.

    ``answer`` is what an author said to being named; empty for those who may not know and for who was not asked.
    """

    name: str | Promise
    share: int
    about: str
    answer: str | Promise = ""
    look: str = ""


def author_lines(initiative: Initiative, *, is_insider: bool) -> list[AuthorLine]:
    """Return the authors in their order, the principal author first."""
    lines = []
    for author in initiative.authors.all():
        has_declined = author.response == Response.DECLINED
        if has_declined and not is_insider:
            lines.append(AuthorLine(DECLINED[author.number == 1], author.share, ""))
            continue
        workplace = author.workplace or (author.unit.short_name if author.unit and author.number > 1 else "")
        about = ", ".join(part for part in (author.title, workplace) if part)
        is_asked = bool(author.contact or author.person_id) and author.person_id != initiative.submitter_id
        if not (is_insider and is_asked):
            lines.append(AuthorLine(author.name, author.share, about))
        elif author.response:
            look = "tag-no" if has_declined else "tag-ok"
            lines.append(AuthorLine(author.name, author.share, about, Response(author.response).label, look))
        else:
            lines.append(AuthorLine(author.name, author.share, about, _("Has not answered yet"), "tag-wait"))
    return lines


def own_author(initiative: Initiative, viewer: Viewer) -> Author | None:
    """Return the viewer as one of the authors, None if they are not named."""
    return next((a for a in initiative.authors.all() if viewer.pk and a.person_id == viewer.pk), None)


def is_own(initiative: Initiative, person: Person) -> bool:
    """Say whether it is the person's: they entered it, or are an author who has not declined."""
    author = own_author(initiative, person)
    return initiative.submitter_id == person.pk or (author is not None and author.response != Response.DECLINED)
