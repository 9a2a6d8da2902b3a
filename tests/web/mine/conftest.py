"""A small programme, and people who have sent something."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.initiatives.actions import return_initiative
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.people.categories import Category
from sangkien.people.models import Person
from tests.factories import World, make_person, make_world

WORKER = Category.ENTERPRISE_WORKER


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def member(world: World) -> Client:
    """A browser in which the world's member has signed in; it speaks English."""
    return browser_of(world.member)


def browser_of(person: Person) -> Client:
    """Return a browser in which somebody has signed in; it speaks English."""
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


def address(initiative: Initiative, what: str) -> str:
    return f"/sang-kien/{code_of(initiative.pk)}/{what}/"


def seen(initiative: Initiative) -> dict[str, str]:
    """What a form says that its sender saw."""
    initiative.refresh_from_db()
    return {"state": initiative.state, "event": str(initiative.events.count())}


def returned(world: World, initiative: Initiative, **asked: str) -> Initiative:
    """Return an initiative to its author, with what is asked of single fields."""
    return return_initiative(
        actor=world.officer,
        initiative_id=initiative.pk,
        reason=ReasonCode.MISSING_DOCUMENT,
        note="Thiếu trang ký",
        asked=asked,
    )


def with_co_author(world: World, share: int = 30, **content: object) -> tuple[Initiative, Person]:
    """Submit something that names somebody with an account as a co-author."""
    person = make_person()
    authors = [
        AuthorInput("Trần Thị Hoa", WORKER, 100 - share, person_id=world.member.pk),
        AuthorInput(person.full_name, WORKER, share, person_id=person.pk, contact="dong.tac.gia@example.vn"),
    ]
    return world.submit(authors=authors, **content), person
