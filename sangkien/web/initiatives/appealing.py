"""How an initiative that was found invalid stands with appeals, as its page says it; whether a second look waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sangkien.core import clock
from sangkien.initiatives import rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Event, Initiative, SecondLook
from sangkien.initiatives.reviews import appeals_of, load_reviews
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.web.initiatives.rights import Rights


@dataclass(frozen=True, slots=True)
class AppealBox:
    """What the page says of appeals: a heading, sentences, the answer in writing, and where something can be done."""

    heading: str | Promise
    lines: list[str]
    look: str = ""
    icon: str = "flag"
    answer: str = ""
    address: str = ""
    link: str | Promise = ""
    button: str = "btn-line"


def appeal_box(initiative: Initiative, person: Person, rights: Rights) -> AppealBox | None:
    """Return how it stands with appeals against the finding in force, None if there is nothing to say."""
    finding = rules.finding_of(initiative) if initiative.state == State.INVALID else None
    if finding is None:
        return None
    made = next((one for one in appeals_of(initiative) if one.number == finding.number), None)
    if made is None:
        return _open_box(initiative, finding, person, rights)
    if made.state == Appeal.State.WAITING:
        return _waiting_box(made, initiative, person, rights)
    if made.state == Appeal.State.DISMISSED:
        return AppealBox(
            heading=_("The appeal was dismissed"),
            lines=[_("Answered at %(moment)s") % {"moment": moment_of(made.decided_at)}],
            look="note-no",
            icon="x",
            answer=made.answer,
        )
    return AppealBox(heading=_("The appeal was taken back"), lines=[], icon="back") if rights.is_own else None


def second_look_address(initiative: Initiative, person: Person, rights: Rights) -> str:
    """Return where this officer looks again at the initiative, empty if it does not wait for them."""
    if not rights.is_officer or initiative.state != State.VALID:
        return ""
    load_reviews(initiative)
    look = next((one for one in initiative.second_looks.all() if one.state == SecondLook.State.WAITING), None)
    if look is None or not rules.may_second_look(person, look, clock.now()):
        return ""
    return reverse("second-look-decide", args=[code_of(initiative.pk), look.number])


def moment_of(moment: datetime | None) -> str:
    """Return a moment in running text."""
    return clock.format_cutoff_long(moment, get_language() or "vi") if moment else ""


def _open_box(initiative: Initiative, finding: Event, person: Person, rights: Rights) -> AppealBox | None:
    """Return that one can appeal, and until when; None for who cannot, and when it is over."""
    until = rules.appealable_until(initiative, finding)
    if not rights.is_own or not rules.may_withdraw(person, initiative) or clock.now() >= until:
        return None
    return AppealBox(
        heading=_("You can appeal against this"),
        lines=[
            _("The level above the officer who decided then looks at it again. You can appeal once, until %(moment)s.")
            % {"moment": moment_of(until)}
        ],
        address=reverse("appeal", args=[code_of(initiative.pk)]),
        link=_("Appeal to the level above"),
    )


def _waiting_box(made: Appeal, initiative: Initiative, person: Person, rights: Rights) -> AppealBox:
    """Return where an appeal waits and until when it is to be answered."""
    values = {"unit": made.unit.short_name, "moment": moment_of(made.made_at), "due": moment_of(made.due_at)}
    address, link, button = "", "", "btn-line"
    if made.person_id == person.pk:
        address, link = reverse("appeal", args=[code_of(initiative.pk)]), _("See your appeal, or take it back")
    elif rights.is_officer and rules.may_decide_appeal(person, made, clock.now()):
        address, link, button = reverse("appeal-decide", args=[made.pk]), _("Decide the appeal"), "btn-primary"
    return AppealBox(
        heading=_("An appeal is waiting"),
        lines=[
            _("Made at %(moment)s; it waits for %(unit)s.") % values,
            _("An answer is due by %(due)s.") % values,
        ],
        look="note-fix",
        icon="clock",
        address=address,
        link=link,
        button=button,
    )
