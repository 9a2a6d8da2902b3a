"""The first administrator: given by whoever runs the server, through the same action as on pages, and on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from sangkien.audit.context import Face, where
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.ops.commands import grant as command
from sangkien.ops.program import parser
from sangkien.people.models import Person, system_actor
from sangkien.units.actions import grant_role
from sangkien.units.models import Role, RoleGrant
from sangkien.units.rules import administers
from tests.factories import World, make_person, make_world

GIVEN = {"role": "unit_administrator", "unit": "TLD", "to": "canbo", "reason": "Quyết định 12/QĐ-TLĐ"}


@pytest.fixture(autouse=True)
def _on_the_command_line() -> Iterator[None]:
    with where(Face.COMMAND):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def officer(world: World) -> Person:
    return make_person("canbo", full_name="Trần Thị Bình", phone="+84912345678", phone_verified=True)


def sangkien_grant(*more: str, **changes: str) -> int:
    """Run the command; return its exit code."""
    given = GIVEN | changes
    return command.run(parser().parse_args(["grant", *(f"--{key}={text}" for key, text in given.items()), *more]))


def test_the_first_administrator_is_given_by_the_operator_and_stands_in_the_record(
    world: World, officer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    RoleGrant.objects.all().delete()
    assert sangkien_grant() == 0
    assert administers(officer, world.grassroots[0].path, clock.now())
    assert "Trần Thị Bình (canbo)" in capsys.readouterr().out
    given = RoleGrant.objects.get()
    assert (given.until, given.reason, given.granted_by.username) == (None, GIVEN["reason"], "system:operator")
    entry = AuditEntry.objects.get(action="grant_role")
    assert (entry.face, entry.actor, entry.unit_path) == ("command", given.granted_by, world.top.path)
    assert AuditEntry.objects.filter(action="find_person", face="command", subject=str(officer.pk)).exists()


def test_given_a_second_time_it_says_so_and_changes_nothing(
    officer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [sangkien_grant("--language=en"), sangkien_grant("--language=en")] == [0, 0]
    assert "holds the role here already" in capsys.readouterr().out
    assert RoleGrant.objects.filter(person=officer).count() == 1


def test_what_is_held_longer_than_asked_is_not_cut_short_and_that_is_no_success(
    officer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    day = clock.format_date(clock.day_of(clock.now()) + timedelta(days=30), "vi")
    assert [sangkien_grant(), sangkien_grant("--language=en", until=day)] == [0, 2]
    assert "holds the role here already" in capsys.readouterr().err
    assert RoleGrant.objects.get(person=officer).until is None


def test_the_same_day_asked_twice_is_held_already(officer: Person) -> None:
    day = clock.format_date(clock.day_of(clock.now()) + timedelta(days=30), "vi")
    assert [sangkien_grant(until=day), sangkien_grant(until=day)] == [0, 0]


def test_a_day_is_the_last_on_which_the_role_holds(officer: Person, capsys: pytest.CaptureFixture[str]) -> None:
    last = clock.day_of(clock.now()) + timedelta(days=30)
    assert sangkien_grant(until=f"{last.day}/{last.month}/{last.year}", to="0912 345 678") == 0
    assert RoleGrant.objects.get(person=officer).until == clock.end_of_day(last)
    assert clock.format_date(last, "vi") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": "king"}, "king: it is one of verifier, unit_administrator"),
        ({"unit": "XYZ"}, "no unit with this code"),
        ({"to": "nobody"}, "Nobody is known by exactly this"),
        ({"to": "system:operator"}, "Nobody is known by exactly this"),
        ({"until": "31/2/2030"}, "no such day"),
        ({"until": str(date(2020, 1, 1))}, "This day is over"),
        ({"reason": "x" * 501}, "too long"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    officer: Person, capsys: pytest.CaptureFixture[str], changes: dict[str, str], said: str
) -> None:
    assert sangkien_grant("--language=en", **changes) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert not printed.out
    assert not RoleGrant.objects.filter(person=officer).exists()


@pytest.mark.usefixtures("officer")
def test_the_operator_has_a_name_that_is_kept(world: World) -> None:
    sangkien_grant()
    operator = system_actor("operator")
    assert operator.full_name not in ("", "operator")
    Person.objects.filter(pk=operator.pk).update(full_name="Phòng Công nghệ thông tin")
    sangkien_grant(role="auditor")
    assert system_actor("operator").full_name == "Phòng Công nghệ thông tin"


def test_no_other_part_of_the_system_and_nobody_who_takes_its_name_may_give_a_role(
    world: World, officer: Person
) -> None:
    for actor in (system_actor("tests"), make_person("system:operator")):
        with pytest.raises(NotAllowed):
            grant_role(actor=actor, person=officer, unit=world.top, role=Role.VIEWER)
