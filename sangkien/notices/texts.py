"""What notices say, plain and short: on the page, in a mail, in a short message. All in the language that is active."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sangkien.initiatives.models import Appeal, Response
from sangkien.initiatives.states import ReasonCode
from sangkien.notices.models import Kind
from sangkien.units.models import UnitRequest

PRINCIPAL = "principal"
"""Outcome of being named as an author by somebody else: as the principal one."""
HEADINGS: dict[Kind, Promise] = {
    Kind.RECEIPT: gettext_lazy("We have received your initiative"),
    Kind.RETURNED: gettext_lazy("Returned for completion"),
    Kind.VALIDATED: gettext_lazy("Found valid"),
    Kind.INVALIDATED: gettext_lazy("Found invalid"),
    Kind.REINSTATED: gettext_lazy("Waiting for verification again"),
    Kind.WITHDRAWN: gettext_lazy("Withdrawn"),
    Kind.NAMED_AS_AUTHOR: gettext_lazy("You are named as a co-author"),
    Kind.UNIT_REQUESTED: gettext_lazy("Somebody asks for a unit that is not listed"),
    Kind.APPEAL_MADE: gettext_lazy("An appeal waits for you"),
    Kind.OVERTURNED: gettext_lazy("The level above has changed a decision of yours"),
    Kind.ROLE_GRANTED: gettext_lazy("You have been given a role"),
    Kind.ROLE_ENDED: gettext_lazy("A role of yours has been taken away"),
    Kind.TARGET_SET: gettext_lazy("Your unit has been assigned a target"),
    Kind.REORGANISED: gettext_lazy("Your unit has been reorganised"),
}
NEXT_STEPS: dict[Kind, Promise] = {
    Kind.RECEIPT: gettext_lazy("An officer of your union will look at it. You will be told of the decision."),
    Kind.RETURNED: gettext_lazy("Put right what is asked for and send it again: it keeps its code."),
    Kind.VALIDATED: gettext_lazy("It now counts as valid in the programme."),
    Kind.INVALIDATED: gettext_lazy("The page of the initiative says what you can do."),
    Kind.REINSTATED: gettext_lazy("The decision was taken back; it will be looked at again."),
    Kind.WITHDRAWN: gettext_lazy("It is no longer shown to others and will not be verified."),
    Kind.NAMED_AS_AUTHOR: gettext_lazy("Please confirm that you are one of its authors, or decline."),
    Kind.UNIT_REQUESTED: gettext_lazy("Please find the unit, or open it: until then they cannot choose it."),
    Kind.APPEAL_MADE: gettext_lazy("Look at it again, and answer the author in writing before it is due."),
    Kind.OVERTURNED: gettext_lazy("The reason stands with the initiative."),
    Kind.ROLE_GRANTED: gettext_lazy("Your desk shows what you can do. Set up a second factor if you have none."),
    Kind.ROLE_ENDED: gettext_lazy("From now on you cannot do what it allowed."),
    Kind.TARGET_SET: gettext_lazy("It counts from now on. You can spread it over the units below yours."),
    Kind.REORGANISED: gettext_lazy("What was entered before stays where it was; see which unit follows."),
}
ANSWERED: dict[Kind, dict[str, tuple[Promise, Promise]]] = {
    Kind.AUTHORSHIP_ANSWERED: {
        Response.CONFIRMED: (
            gettext_lazy("An author has confirmed"),
            gettext_lazy("The initiative shows who has confirmed so far."),
        ),
        Response.DECLINED: (
            gettext_lazy("An author has declined"),
            gettext_lazy("Ask them, and correct the authors if they should not be named."),
        ),
    },
    Kind.NAMED_AS_AUTHOR: {
        PRINCIPAL: (
            gettext_lazy("An initiative has been entered for you"),
            gettext_lazy("Please confirm that you are its author, or decline: then it cannot be found valid."),
        ),
    },
    Kind.APPEAL_DECIDED: {
        Appeal.State.ALLOWED: (
            gettext_lazy("Your appeal was allowed"),
            gettext_lazy("The initiative is valid from now on."),
        ),
        Appeal.State.DISMISSED: (
            gettext_lazy("Your appeal was dismissed"),
            gettext_lazy("The finding that it is invalid stands. That is final: nobody can appeal against it again."),
        ),
    },
    Kind.UNIT_SETTLED: {
        UnitRequest.State.SETTLED: (
            gettext_lazy("Your unit is listed now"),
            gettext_lazy("You belong to it and can submit initiatives under its name."),
        ),
        UnitRequest.State.REFUSED: (
            gettext_lazy("Your request for a unit was not granted"),
            gettext_lazy("See what the officer wrote, and choose your unit from the list."),
        ),
    },
}
"""Heading and what comes next where they depend on the answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words; what does not belong to its kind is empty.

    ``title`` and ``code`` are those of the initiative, or a role or a figure and the code of its unit; ``note`` is what
    the officer wrote, ``path`` where to look at it.
    """

    heading: str
    next_step: str
    title: str = ""
    code: str = ""
    reason: str = ""
    note: str = ""
    path: str = ""

    @property
    def about(self) -> str:
        """The initiative in running text."""
        return f"“{self.title}” ({self.code})" if self.title else self.code


def heading_of(kind: Kind, outcome: str = "") -> str:
    """Return in a few words what has happened."""
    answered = ANSWERED.get(kind, {}).get(outcome)
    return str(answered[0] if answered else HEADINGS[kind])


def next_step_of(kind: Kind, outcome: str = "") -> str:
    """Return in a sentence what follows, or what is to be done."""
    answered = ANSWERED.get(kind, {}).get(outcome)
    return str(answered[1] if answered else NEXT_STEPS[kind])


def appeal_until(day: str) -> str:
    """Return what somebody who does not agree with a finding of invalid can do, and until the end of which day."""
    return _("If you do not agree, appeal on the page of the initiative: you can until the end of %(day)s.") % {
        "day": day
    }


def overtaken() -> str:
    """Return what is said of a decision that was taken back or changed afterwards."""
    return _("This no longer holds: the decision was taken back or changed afterwards.")


def reason_of(kind: Kind, outcome: str) -> str:
    """Return the reason of a decision in words; empty where there is none."""
    is_given = kind in (Kind.RETURNED, Kind.INVALIDATED) and outcome in ReasonCode.values
    return str(ReasonCode(outcome).label) if is_given else ""


def subject_of(told: list[Told]) -> str:
    """Return the subject line of a mail."""
    if len(told) == 1:
        return f"{told[0].heading}: {told[0].about}" if told[0].about else told[0].heading
    return ngettext("%(count)d notice from Sáng Kiến", "%(count)d notices from Sáng Kiến", len(told)) % {
        "count": len(told)
    }


def mail_body(name: str, told: list[Told], *, portal: str, preferences: str, unsubscribe: str, stops: str) -> str:
    """Return the text of a mail with these notices; ``stops`` says what the link to unsubscribe stops."""
    parts = [_("Hello %(name)s,") % {"name": name}]
    parts += [_paragraph(one, portal) for one in told]
    choose = _("You choose here what you are told of, and how:")
    footer = "\n".join(("--", f"{choose}\n{preferences}", f"{stops}\n{unsubscribe}"))
    return "\n\n".join((*parts, footer)) + "\n"


def _paragraph(told: Told, portal: str) -> str:
    """Return one notice as lines of a mail."""
    link = portal + told.path if told.path else ""
    reason = _("Reason: %(reason)s") % {"reason": told.reason} if told.reason else ""
    note = _("The officer wrote: %(note)s") % {"note": told.note} if told.note else ""
    head = f"{told.heading}: {told.about}" if told.about else told.heading
    return "\n".join(line for line in (head, reason, note, told.next_step, link) if line)


def stops_kind(kind: Kind | None) -> str:
    """Return what a link to unsubscribe stops: one kind, or all mail."""
    if kind is None:
        return _("No more e-mail from us, with one click:")
    return _("No more e-mail of this kind, with one click:")


def short_text(told: list[Told], link: str) -> str:
    """Return the text of a short message."""
    return _("Sáng Kiến: %(what)s. See %(link)s") % {"what": subject_of(told), "link": link}


def invitation_subject() -> str:
    """Return the subject line of an invitation."""
    return _("Somebody names you as a co-author of an initiative")


def invitation_body(sign_up: str, unsubscribe: str) -> str:
    """Return the text of an invitation. It says nothing of the initiative: whoever reads it may be the wrong person."""
    return (
        "\n\n".join(
            (
                _("Hello,"),
                _(
                    "Somebody who submitted an initiative in the programme Sáng Kiến names you as a co-author and gave"
                    " this address. To see the initiative, and to confirm or decline, sign up with this same address:"
                )
                + f"\n{sign_up}",
                _("If you know nothing of it, you need do nothing."),
                "--\n" + _("No more invitations to this address, with one click:") + f"\n{unsubscribe}",
            )
        )
        + "\n"
    )


def invitation_text(sign_up: str, unsubscribe: str) -> str:
    """Return the short message of an invitation."""
    return _(
        "Sáng Kiến: somebody names you as a co-author. Sign up with this number to see it: %(link)s. Stop: %(stop)s"
    ) % {
        "link": sign_up,
        "stop": unsubscribe,
    }
