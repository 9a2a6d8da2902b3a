"""Questions that are written out once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sangkien.core.questions import Question, ask_together
from sangkien.initiatives.models import Draft
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from tests.factories import World, make_world

BY_ID = Question(Person, "WHERE id = %(id)s")
DRAFT = Question(Draft, "WHERE owner_id = %(id)s")
PROGRAMME = Question(Programme, "ORDER BY id LIMIT 1")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def _values(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_a_row_is_what_django_reads(world: World) -> None:
    asked = BY_ID.ask(id=world.member.pk)
    assert asked is not None
    assert _values(asked) == _values(Person.objects.get(pk=world.member.pk))
    asked.full_name = "Trần Thị Hoa"
    asked.save()  # it is known to be in the database
    assert Person.objects.get(pk=asked.pk).full_name == "Trần Thị Hoa"


def test_no_row_is_none(world: World) -> None:
    assert BY_ID.ask(id=-1) is None


def test_several_are_asked_in_one_statement_and_json_is_read(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    typed = {"title": "Máy cắt “mới”, 100 %"}
    made = Draft.objects.create(
        id=uuid4(), owner=world.member, programme=world.programme, typed=typed, created_at=now, saved_at=now
    )
    with django_assert_num_queries(1):
        draft, nobody, programme = ask_together(
            [DRAFT, Question(Person, "WHERE id = -%(id)s"), PROGRAMME], id=world.member.pk
        )
    assert _values(draft) == _values(Draft.objects.get(pk=made.pk))
    assert draft.typed == typed
    assert nobody is None
    assert _values(programme) == _values(Programme.objects.order_by("pk")[0])
