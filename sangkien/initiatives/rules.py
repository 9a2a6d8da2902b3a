"""Who may do what with an initiative, as named rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from sangkien.initiatives.models import Appeal, Event, Initiative, Response, SecondLook
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person
from sangkien.programmes.verification import appeal_closes, verification_terms
from sangkien.units.models import Role
from sangkien.units.rules import grants_held_over, verifies_in

UNDECIDED = (State.SUBMITTED, State.RETURNED)
"""Where an initiative stands that nobody has decided on."""
DECIDED = (State.VALID, State.INVALID)
"""Where it stands once somebody has."""
SAID = frozenset(
    {Appeal.State.ALLOWED, Appeal.State.DISMISSED, SecondLook.State.CONFIRMED, SecondLook.State.OVERTURNED}
)
"""How an appeal or a second look ends when the level above has had its say."""
UNDO_WITHIN = timedelta(minutes=10)
"""How long whoever decided can take it back without giving a reason."""
UNDOABLE = frozenset({EventKind.VALIDATED, EventKind.RETURNED, EventKind.INVALIDATED})


def is_submitter(person: Person, initiative: Initiative) -> bool:
    """Whoever entered the initiative."""
    return bool(person.is_active and initiative.submitter_id == person.pk)


def is_author(person: Person, initiative: Initiative) -> bool:
    """One of the authors, known by their account, whatever they said to being named."""
    return person.is_active and any(author.person_id == person.pk for author in initiative.authors.all())


def is_named_author(person: Person, initiative: Initiative) -> bool:
    """An author whom somebody else has named."""
    return not is_submitter(person, initiative) and is_author(person, initiative)


def is_officer_of(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Whoever holds a role over its unit or one above."""
    return grants_held_over(person, tuple(Role), initiative.unit_path, at).exists()


def may_submit(person: Person) -> bool:
    """Anyone with an account."""
    return bool(person.is_active and not person.is_system)


# --- deciding ----------------------------------------------------------------------------------------------------


def may_verify(person: Person, initiative: Initiative, at: datetime) -> bool:
    """A verifier of the initiative's unit or of one above, never of an initiative of their own."""
    return verifies_in(person, initiative.unit_path, at) and not _is_own(person, initiative)


def may_decide(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Who may verify it.

    What a level above has said of the decision that stands, only that level and those above it change.
    """
    if not may_verify(person, initiative, at):
        return False
    said_above = _said_above(initiative)
    return said_above is None or verifies_in(person, said_above.unit_path, at)


def may_undo(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Whoever decided last, within 10 minutes, if the initiative waited before and nothing has happened since."""
    last = initiative.events.order_by("-number").first()
    return last is not None and is_undoable(last, person, at) and may_decide(person, initiative, at)


def is_undoable(last: Event, person: Person, at: datetime) -> bool:
    """Say whether the last event of an initiative is a decision of this person's on what waited, not yet too old."""
    waited_before = min(last.valid, last.invalid, last.returned) >= 0
    is_decision = EventKind(last.kind) in UNDOABLE and waited_before
    return is_decision and last.actor_id == person.pk and at - last.at <= UNDO_WITHIN


def is_objected(initiative: Initiative) -> bool:
    """Say whether its principal author has declined to be one: it cannot be found valid."""
    return bool(initiative.authors.filter(number=1, response=Response.DECLINED).exists())


def _is_own(person: Person, initiative: Initiative) -> bool:
    """Whoever entered it and its authors: they never decide on it."""
    return is_submitter(person, initiative) or is_author(person, initiative)


def _said_above(initiative: Initiative) -> Appeal | SecondLook | None:
    """Return what a level above has said of the decision that stands, None if nothing."""
    if initiative.state not in DECIDED or initiative.decided_at is None:
        return None
    reviews: list[Appeal | SecondLook] = [*initiative.appeals.all(), *initiative.second_looks.all()]
    since = initiative.decided_at
    return next((r for r in reviews if r.state in SAID and r.decided_at is not None and r.decided_at >= since), None)


# --- second looks and appeals --------------------------------------------------------------------------------------


def may_second_look(person: Person, look: SecondLook, at: datetime) -> bool:
    """A verifier of the level that looks or of one above: not who found it valid, and not on their own."""
    return _is_of_level_above(person, look, at)


def may_decide_appeal(person: Person, appeal: Appeal, at: datetime) -> bool:
    """A verifier of the level appealed to or of one above: not who found it invalid, and not on their own."""
    return _is_of_level_above(person, appeal, at)


def may_appeal(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Its people, while it stands invalid, within the programme's days, once against each finding."""
    if initiative.state != State.INVALID or not may_withdraw(person, initiative):
        return False
    finding = finding_of(initiative)
    return finding is not None and at < appealable_until(initiative, finding) and not _appealed(initiative, finding)


def may_withdraw_appeal(person: Person, appeal: Appeal) -> bool:
    """Whoever made it, while it waits."""
    return bool(person.is_active and appeal.person_id == person.pk and appeal.state == Appeal.State.WAITING)


def finding_of(initiative: Initiative) -> Event | None:
    """Return the event that found it invalid last, None if none did."""
    findings = [event for event in initiative.events.all() if event.kind == EventKind.INVALIDATED]
    return max(findings, key=lambda event: event.number, default=None)


def appealable_until(initiative: Initiative, finding: Event) -> datetime:
    """Return until when a finding can be appealed (UTC, exclusive), by the terms in force when it was made."""
    return appeal_closes(verification_terms(initiative.programme, finding.at), finding.at)


def _appealed(initiative: Initiative, finding: Event) -> bool:
    """Say whether somebody has appealed against this finding, however that ended."""
    return any(made.number == finding.number for made in initiative.appeals.all())


def _is_of_level_above(person: Person, asked: Appeal | SecondLook, at: datetime) -> bool:
    """A verifier over the level that is asked, who has neither decided before nor is one of its people."""
    return (
        verifies_in(person, asked.unit_path, at)
        and not Event.objects.filter(
            initiative_id=asked.initiative_id, number=asked.number, actor_id=person.pk
        ).exists()
        and not _is_own(person, asked.initiative)
    )


# --- authors and files ---------------------------------------------------------------------------------------------


def may_withdraw(person: Person, initiative: Initiative) -> bool:
    """Whoever entered it, or an author who has confirmed to be one: being named by somebody gives no right over it."""
    if is_submitter(person, initiative):
        return True
    named = (author for author in initiative.authors.all() if author.person_id == person.pk)
    return person.is_active and any(author.response == Response.CONFIRMED for author in named)


may_resubmit = may_withdraw


def may_correct(person: Person, initiative: Initiative) -> bool:
    """Who may send it again, while it is returned."""
    return initiative.state == State.RETURNED and may_resubmit(person, initiative)


def may_answer_authorship(person: Person, initiative: Initiative) -> bool:
    """An author whom somebody else has named, until it is decided."""
    return initiative.state in UNDECIDED and is_named_author(person, initiative)


def may_see_attachments(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Its people, and its officers. Attachments are never public."""
    # Who has only been named is none of its people yet.
    return may_withdraw(person, initiative) or is_officer_of(person, initiative, at)


def may_see_contact(person: Person, initiative: Initiative) -> bool:
    """Whoever entered the contacts of the authors, nobody else."""
    return is_submitter(person, initiative)
