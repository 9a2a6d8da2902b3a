"""Entered for somebody who objects: it cannot be found valid."""

from __future__ import annotations

import pytest

from sangkien.core.errors import Conflict
from sangkien.initiatives import actions
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Flag, Initiative, Response
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from tests.factories import World, grant, make_person


def entered_for(world: World, *people: Person) -> Initiative:
    """Have an officer enter an initiative for these people, the first of whom is its principal author."""
    shares = [100 - 10 * (len(people) - 1), *[10] * (len(people) - 1)]
    authors = [
        AuthorInput(p.full_name, Category.ENTERPRISE_WORKER, share, person_id=p.pk)
        for p, share in zip(people, shares, strict=True)
    ]
    officer = make_person()
    grant(officer, world.grassroots[0])
    return world.submit(actor=officer, authors=authors)


def answer(person: Person, initiative: Initiative, response: Response) -> None:
    actions.answer_authorship(actor=person, initiative_id=initiative.pk, response=response)


def is_flagged(initiative: Initiative) -> bool:
    initiative.refresh_from_db()
    return bool(initiative.flags & Flag.OBJECTED)


def refused(world: World, initiative: Initiative) -> bool:
    """Try to find it valid; say whether that is refused because its author objects."""
    try:
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)
    except Conflict as error:
        return error.code == "author_objects"
    return False


def test_it_is_not_found_valid_while_its_principal_author_objects(world: World) -> None:
    person = make_person()
    initiative = entered_for(world, person)
    answer(person, initiative, Response.DECLINED)
    assert is_flagged(initiative)
    assert refused(world, initiative)
    assert Initiative.objects.get().state == State.SUBMITTED
    answer(person, initiative, Response.CONFIRMED)
    assert not is_flagged(initiative)
    assert not refused(world, initiative)


def test_the_other_flags_stay(world: World) -> None:
    person = make_person()
    initiative = entered_for(world, person)
    Initiative.objects.update(flags=Flag.ELIGIBILITY | Flag.LARGE_BENEFIT)
    answer(person, initiative, Response.DECLINED)
    initiative.refresh_from_db()
    assert initiative.flags == Flag.ELIGIBILITY | Flag.LARGE_BENEFIT | Flag.OBJECTED
    answer(person, initiative, Response.CONFIRMED)
    initiative.refresh_from_db()
    assert initiative.flags == Flag.ELIGIBILITY | Flag.LARGE_BENEFIT


def test_a_co_author_who_declines_stops_nothing(world: World) -> None:
    first, second = make_person(), make_person()
    initiative = entered_for(world, first, second)
    answer(second, initiative, Response.DECLINED)
    assert not is_flagged(initiative)
    assert not refused(world, initiative)


@pytest.mark.parametrize("how", ["return", "invalid"])
def test_it_can_be_returned_or_found_invalid(world: World, how: str) -> None:
    person = make_person()
    initiative = entered_for(world, person)
    answer(person, initiative, Response.DECLINED)
    act = actions.return_initiative if how == "return" else actions.mark_invalid
    decided = act(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Tác giả phản đối."
    )
    assert decided.state in (State.RETURNED, State.INVALID)


@pytest.mark.parametrize("is_same", [True, False])
def test_sent_again_with_another_principal_author_nobody_objects(world: World, is_same: bool) -> None:
    person = make_person()
    initiative = entered_for(world, person)
    answer(person, initiative, Response.DECLINED)
    actions.return_initiative(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Tác giả phản đối."
    )
    named = person if is_same else make_person()
    author = AuthorInput(named.full_name, Category.ENTERPRISE_WORKER, 100, person_id=named.pk)
    actions.resubmit(actor=initiative.submitter, initiative_id=initiative.pk, authors=[author])
    assert is_flagged(initiative) == refused(world, initiative) == is_same
