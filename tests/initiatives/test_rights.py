"""Who may do what: every action × every role × every scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.initiatives import actions, rules
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Author, Event, Initiative, Response
from sangkien.initiatives.queries import get_by_number, visible_to
from sangkien.initiatives.rules import may_submit
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person, system_actor
from sangkien.units.models import Role, RoleGrant, Unit
from tests.factories import World, grant, make_person, make_unit, make_world
from tests.initiatives.conftest import STATES, bring_to

DECIDE = ("validate", "invalidate", "return", "reinstate", "correct")
OWN = ("withdraw", "resubmit")

# Where each action can be done at all, so that only the right is in question.
STATE_OF = {
    "validate": State.SUBMITTED,
    "invalidate": State.SUBMITTED,
    "return": State.SUBMITTED,
    "reinstate": State.INVALID,
    "correct": State.SUBMITTED,
    "withdraw": State.SUBMITTED,
    "resubmit": State.RETURNED,
}
ACTIONS: dict[str, Callable[[Person, int], Initiative]] = {
    "validate": lambda p, n: actions.mark_valid(actor=p, initiative_id=n),
    "invalidate": lambda p, n: actions.mark_invalid(actor=p, initiative_id=n, reason=ReasonCode.DUPLICATE, note="x"),
    "return": lambda p, n: actions.return_initiative(actor=p, initiative_id=n, reason=ReasonCode.INCOMPLETE, note="x"),
    "reinstate": lambda p, n: actions.reinstate(actor=p, initiative_id=n, note="x"),
    "correct": lambda p, n: actions.correct(actor=p, initiative_id=n, note="x", category=Category.UNION_OFFICER),
    "withdraw": lambda p, n: actions.withdraw(actor=p, initiative_id=n, note="x"),
    "resubmit": lambda p, n: actions.resubmit(actor=p, initiative_id=n),
}


def person_who(world: World, who: str) -> Person:
    """Make the person that ``who`` describes, seen from an initiative of the first grassroots union."""
    if who == "submitter":
        return world.member
    person = make_person(who.replace(" ", "-"))
    role, _, where = who.partition(" ")
    scopes: dict[str, Unit] = {
        "at-top": world.top,
        "above": world.districts[0],
        "in-unit": world.grassroots[0],
        "beside": world.grassroots[1],
        "below": make_unit("BELOW", world.grassroots[0]),
    }
    if where:
        grant(person, scopes[where], Role(role))
    return person


ALLOWED = {
    "verifier at-top": DECIDE,
    "verifier above": DECIDE,
    "verifier in-unit": DECIDE,
    "verifier beside": (),
    "verifier below": (),
    "unit_administrator at-top": (),
    "unit_administrator in-unit": (),
    "viewer at-top": (),
    "viewer in-unit": (),
    "nobody": (),
    "submitter": OWN,
}


@pytest.mark.parametrize("verb", ACTIONS)
@pytest.mark.parametrize("who", ALLOWED)
def test_an_action_is_done_by_those_who_may_and_refused_to_all_others(world: World, who: str, verb: str) -> None:
    initiative = bring_to(world, STATE_OF[verb])
    events = Event.objects.count()
    person = person_who(world, who)
    if verb in ALLOWED[who]:
        ACTIONS[verb](person, initiative.pk)
        assert Event.objects.count() > events
    else:
        with pytest.raises(NotAllowed):
            ACTIONS[verb](person, initiative.pk)
        assert Event.objects.count() == events
        assert Initiative.objects.get().state == STATE_OF[verb]


@pytest.mark.parametrize("verb", ["withdraw", "resubmit"])
def test_an_author_who_has_confirmed_may_do_what_the_submitter_may(world: World, verb: str) -> None:
    author = make_person()
    authors = [AuthorInput(name="Lê Văn Ba", category=Category.UNION_OFFICER, share=100, person_id=author.pk)]
    number = world.submit(authors=authors).pk
    Author.objects.update(response=Response.CONFIRMED)
    if verb == "resubmit":
        ACTIONS["return"](world.officer, number)
    ACTIONS[verb](author, number)


@pytest.mark.parametrize("verb", ["validate", "invalidate", "return", "correct"])
@pytest.mark.parametrize("tie", ["submitter", "author"])
def test_nobody_decides_on_an_initiative_of_their_own(world: World, verb: str, tie: str) -> None:
    person_id = world.officer.pk if tie == "author" else None
    authors = [AuthorInput(name="Lê Văn Ba", category=Category.UNION_OFFICER, share=100, person_id=person_id)]
    number = world.submit(actor=world.officer if tie == "submitter" else None, authors=authors).pk
    with pytest.raises(NotAllowed):
        ACTIONS[verb](world.officer, number)


@pytest.mark.parametrize(("since", "until"), [(1, None), (-2, -1), (-2, 0)])
def test_a_role_counts_from_its_first_moment_until_its_last(world: World, since: int, until: int | None) -> None:
    number = world.submit().pk
    now = clock.now()
    RoleGrant.objects.update(
        since=now + timedelta(hours=since), until=None if until is None else now + timedelta(hours=until)
    )
    with pytest.raises(NotAllowed):
        ACTIONS["validate"](world.officer, number)
    RoleGrant.objects.update(since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    ACTIONS["validate"](world.officer, number)


def test_an_officer_whose_account_is_closed_decides_nothing(world: World) -> None:
    number = world.submit().pk
    world.officer.is_active = False
    with pytest.raises(NotAllowed):
        ACTIONS["validate"](world.officer, number)


def test_a_correction_needs_the_right_over_both_places(world: World) -> None:
    number = world.submit(world.grassroots[0]).pk
    for place in (0, 1):
        person = make_person()
        grant(person, world.unions[place])
        with pytest.raises(NotAllowed):
            actions.correct(actor=person, initiative_id=number, note="x", unit=world.grassroots[1])
    both = make_person()
    grant(both, world.unions[0])
    grant(both, world.unions[1])
    actions.correct(actor=both, initiative_id=number, note="x", unit=world.grassroots[1])


def test_only_people_with_an_open_account_submit(world: World) -> None:
    closed = make_person(is_active=False)
    for actor in (AnonymousUser(), closed, system_actor("demo")):
        assert not may_submit(actor)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            world.submit(actor=actor)  # type: ignore[arg-type]
    assert not Initiative.objects.exists()
    world.submit(actor=make_person())


# --- who sees what -----------------------------------------------------------------------------------------------

PUBLIC = {State.SUBMITTED, State.RETURNED, State.VALID}
ALL = set(STATES)
SEEN = {
    "anonymous": PUBLIC,
    "nobody": PUBLIC,
    "submitter": ALL,
    "author": ALL,
    "closed submitter": PUBLIC,
    "verifier at-top": ALL,
    "verifier above": ALL,
    "verifier in-unit": ALL,
    "viewer at-top": ALL,
    "unit_administrator in-unit": ALL,
    "verifier beside": PUBLIC,
    "verifier below": PUBLIC,
}


def viewer_who(world: World, who: str, initiatives: list[Initiative]) -> Person | AnonymousUser:
    """Return the person that ``who`` describes; an author is one of all these initiatives."""
    if who == "anonymous":
        return AnonymousUser()
    if who == "closed submitter":
        world.member.is_active = False
        return world.member
    if who == "author":
        person = make_person()
        for initiative in initiatives:
            initiative.authors.update(person=person, response=Response.CONFIRMED)
        return person
    return person_who(world, who)


@pytest.mark.parametrize("who", SEEN)
def test_people_see_what_they_may_and_nothing_else(who: str, db: None) -> None:
    world = make_world()
    found = {state: bring_to(world, state) for state in STATES}
    viewer = viewer_who(world, who, list(found.values()))
    assert {Initiative.objects.get(pk=i.pk).state for i in visible_to(viewer)} == {str(s) for s in SEEN[who]}
    assert visible_to(viewer).count() == len(SEEN[who])
    for state, initiative in found.items():
        if state in SEEN[who]:
            assert get_by_number(initiative.pk, viewer) == initiative
        else:
            with pytest.raises(NotFound):
                get_by_number(initiative.pk, viewer)


# --- the finer rights: actor by state ----------------------------------------------------------------------------

PEOPLE = {"submitter", "author"}
OFFICERS = {who for who in SEEN if who.endswith(("at-top", "above", "in-unit"))}
UNDECIDED = {State.SUBMITTED, State.RETURNED}
FINER: dict[str, Callable[[str, State], bool]] = {
    "see files": lambda who, state: who in PEOPLE | OFFICERS,
    "see contacts": lambda who, state: who == "submitter",
    "correct": lambda who, state: who in PEOPLE and state == State.RETURNED,
    "withdraw": lambda who, state: who in PEOPLE,
    "answer": lambda who, state: who == "author" and state in UNDECIDED,
    "decide": lambda who, state: who in OFFICERS and who.startswith("verifier"),
}
ASKED: dict[str, Callable[[Person, Initiative], bool]] = {
    "see files": lambda p, i: rules.may_see_attachments(p, i, clock.now()),
    "see contacts": rules.may_see_contact,
    "correct": rules.may_correct,
    "withdraw": rules.may_withdraw,
    "answer": rules.may_answer_authorship,
    "decide": lambda p, i: rules.may_decide(p, i, clock.now()),
}


@pytest.mark.parametrize("who", SEEN)
def test_each_right_is_had_by_those_who_should_in_every_state_and_by_nobody_else(who: str, db: None) -> None:
    world = make_world()
    found = {state: bring_to(world, state) for state in STATES}
    viewer = viewer_who(world, who, list(found.values()))
    for state, initiative in found.items():
        for right, is_expected in FINER.items():
            assert ASKED[right](viewer, initiative) == is_expected(who, state), (right, state)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", DECIDE)
def test_deciding_without_a_right_stands_in_the_record_of_the_initiative(world: World, action: str) -> None:
    one = bring_to(world, STATE_OF[action])
    beside = person_who(world, "verifier beside")
    for number in (one.pk, one.pk + 1_000):  # where there is nothing, there is nothing to be said
        with pytest.raises((NotAllowed, NotFound)):
            ACTIONS[action](beside, number)
    entry = AuditEntry.objects.get(action="refused")
    assert (entry.actor, entry.subject_kind, entry.subject, entry.unit_path, entry.details) == (
        beside, "initiative", str(one.pk), one.unit_path, {"what": "decide"},
    )  # fmt: skip


@pytest.mark.parametrize("action", OWN)
def test_what_only_its_people_do_is_no_attempt_at_an_officer_s_right(world: World, action: str) -> None:
    one = bring_to(world, STATE_OF[action])
    with pytest.raises(NotAllowed):
        ACTIONS[action](make_person(), one.pk)
    assert not AuditEntry.objects.filter(action="refused").exists()
