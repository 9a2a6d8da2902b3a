"""What has happened cannot be changed, not even by SQL; and what must never be false, the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from sangkien.initiatives.models import Author, Event, Initiative
from tests.factories import World, make_world


def run(*statements: str) -> None:
    """Run SQL in one transaction, with all that is checked at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.check_constraints()


CHANGES = (
    "UPDATE initiatives_event SET valid = 1",
    "UPDATE initiatives_event SET note = 'x' WHERE false",
    "DELETE FROM initiatives_event",
    "TRUNCATE initiatives_event",
    "TRUNCATE initiatives_initiative CASCADE",
)


@pytest.mark.parametrize("sql", CHANGES)
def test_events_cannot_be_changed_by_sql(world: World, sql: str) -> None:
    world.submit()
    connection.check_constraints()  # a table with checks to come cannot be truncated
    with pytest.raises(IntegrityError, match="append-only"):
        run(sql)
    assert Event.objects.get().submitted == 1


def test_events_cannot_be_changed_by_the_models(world: World) -> None:
    world.submit()
    changes: list[Callable[[], object]] = [
        lambda: Event.objects.update(valid=1),
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.get().delete(),
        lambda: Event.objects.get().save(),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_an_initiative_with_events_cannot_be_deleted(world: World) -> None:
    initiative = world.submit()
    with pytest.raises(IntegrityError):
        run("DELETE FROM initiatives_author", f"DELETE FROM initiatives_initiative WHERE id = {initiative.pk}")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE initiatives_author SET share = 99",
        "UPDATE initiatives_author SET share = 0",
        "UPDATE initiatives_author SET share = 101",
        "DELETE FROM initiatives_author",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_shares_that_do_not_add_up_are_refused_when_the_transaction_commits(sql: str) -> None:
    make_world().submit()
    with pytest.raises(IntegrityError):
        run(sql)
    assert Author.objects.get().share == 100


@pytest.mark.django_db(transaction=True)
def test_a_second_author_is_refused_when_the_shares_exceed_the_whole_and_taken_when_they_are_parted_anew() -> None:
    initiative = make_world().submit()
    second = {"initiative": initiative, "number": 2, "name": "Lê Văn Ba", "category": "union_officer", "share": 40}
    with pytest.raises(IntegrityError, match="add up to 140"):
        Author.objects.create(**second)
    with transaction.atomic():
        Author.objects.create(**second)
        Author.objects.filter(number=1).update(share=60)
    assert Author.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_nothing_is_submitted_with_shares_of_99() -> None:
    initiative = make_world().submit()
    initiative.pk, initiative._state.adding = None, True

    @transaction.atomic
    def write() -> None:
        initiative.save(force_insert=True)
        Author.objects.create(initiative=initiative, number=1, name="Lê Văn Ba", category="union_officer", share=99)

    with pytest.raises(IntegrityError, match="add up to 99"):
        write()
    assert Initiative.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"submitted_at": timedelta(seconds=-1)},
        {"decided_at": timedelta(seconds=-1)},
        {"submitted_at": None},
        {"phase": None},
        {"benefit_claimed": -1},
        {"benefit_verified": -1},
    ],
    ids=str,
)
def test_an_initiative_that_makes_no_sense_is_refused(world: World, change: dict[str, object]) -> None:
    initiative = world.submit()
    values = {name: initiative.created_at + v if isinstance(v, timedelta) else v for name, v in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Initiative.objects.filter(pk=initiative.pk).update(**values)


def copy_of(event: Event, **changes: object) -> Event:
    fields = {f.attname: getattr(event, f.attname) for f in Event._meta.concrete_fields if f.attname != "pk"}
    return Event(**(fields | {"number": 2} | changes))


def write_and_check(event: Event) -> None:
    with transaction.atomic():
        event.save(force_insert=True)
        connection.check_constraints()


def test_an_event_that_makes_no_sense_is_refused(world: World) -> None:
    world.submit()
    event = Event.objects.get()
    for changes in (
        {"number": 0},
        {"at": event.submitted_at - timedelta(microseconds=1)},
        {"union_id": world.unions[1].pk},
        {"union_id": None},
        {"initiative_id": 10**9},
    ):
        with pytest.raises(IntegrityError):
            write_and_check(copy_of(event, **changes))
    copy_of(event).save(force_insert=True)
