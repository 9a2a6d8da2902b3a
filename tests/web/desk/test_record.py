"""The record at the desk: in plain words, within one's subtree, searched, with addresses for auditors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.audit.actions import record
from sangkien.audit.context import Face, where
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.initiatives.codes import code_of
from sangkien.people.models import Person
from sangkien.programmes.actions import spread_targets
from sangkien.units.actions import grant_role, merge_units
from sangkien.units.models import Role, Unit
from sangkien.web.desk.record.reading import Line
from tests.factories import World, grant, make_person, make_target, make_world
from tests.web.desk.test_roles import signed_in

RECORD = "/ban-lam-viec/nhat-ky/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin", full_name="Vũ Thanh Bình")
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    return person


@pytest.fixture
def auditor(world: World) -> Person:
    person = make_person("auditor")
    grant(person, world.top, Role.AUDITOR)
    return person


def write(actor: Person, unit: Unit, action: str = "join_unit", days_ago: float = 0, **details: object) -> AuditEntry:
    with where(Face.WEB, "203.0.113.7"):
        return record(
            actor=actor,
            at=clock.now() - timedelta(days=days_ago),
            action=action,
            subject_kind="unit",
            subject=unit.code,
            unit_path=unit.path,
            details=details,
        )


def test_an_entry_is_read_in_plain_words(world: World, admin: Person) -> None:
    newcomer = make_person("newcomer", full_name="Phạm Thị Lan")
    until = clock.now() + timedelta(days=3)
    grant_role(
        actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER, until=until, reason="Thay ông Đức"
    )
    page = signed_in(admin).get(RECORD).content.decode()
    for said in ("Role given", "Vũ Thanh Bình", "Phạm Thị Lan", "Verifier", "Thay ông Đức", world.districts[0].name_en):
        assert said in page, said
    assert "grant_role<" not in page
    assert until.isoformat() not in page


def test_a_value_that_nobody_foresaw_is_shown_as_it_is(world: World, auditor: Person) -> None:
    write(world.officer, world.unions[0], "something.new", strange=[1, {"a": "<b>"}], on="2025-07-01", value=12345)
    page = signed_in(auditor).get(RECORD).content.decode()
    for said in ("something.new", "strange", "&lt;b&gt;", "1 July 2025", "12,345"):
        assert said in page, said


def test_an_administrator_reads_their_subtree_and_nothing_beside_or_above(world: World, admin: Person) -> None:
    for unit in (world.top, world.unions[0], world.unions[1], world.grassroots[0]):
        write(world.officer, unit)
    answer = signed_in(admin).get(RECORD)
    assert [line.unit.code for line in answer.context["lines"]] == ["HNI-001-0001", "HNI"]
    for other in ("TLD", "THA"):
        assert signed_in(admin).get(RECORD, {"don-vi": other}).context["unit"].code == "HNI"


def test_the_address_is_shown_to_auditors_and_programme_administrators_only(
    world: World, admin: Person, auditor: Person
) -> None:
    write(world.officer, world.unions[0])
    programme = make_person("programme")
    grant(programme, world.top, Role.PROGRAMME_ADMINISTRATOR)
    shown = {
        p.username: "203.0.113.7" in signed_in(p).get(RECORD).content.decode() for p in (admin, auditor, programme)
    }
    assert shown == {"admin": False, "auditor": True, "programme": True}


def test_an_initiative_in_the_record_is_named_by_its_code_and_led_to(world: World, auditor: Person) -> None:
    initiative = world.submit()
    code = code_of(initiative.pk)
    record(
        actor=world.officer,
        at=clock.now(),
        action="open_attachment",
        subject_kind="initiative",
        subject=str(initiative.pk),
        unit_path=initiative.unit_path,
    )
    write(world.officer, world.unions[0])
    found = signed_in(auditor).get(RECORD, {"cho": code})
    assert [line.code for line in found.context["lines"]] == [code]
    assert f'href="/sang-kien/{code}/"' in found.content.decode()


def test_it_is_searched_by_person_action_unit_and_days(world: World, auditor: Person, admin: Person) -> None:
    old = write(admin, world.unions[0], "target.set", days_ago=3)
    new = write(world.officer, world.unions[1], "join_unit")
    yesterday = clock.format_date(clock.day_of(clock.now() - timedelta(days=1)), "vi")
    client = signed_in(auditor)
    for asked, entry in (
        ({"ai": "thanh bình"}, old),
        ({"ai": "officer"}, new),
        ({"viec": "target.set"}, old),
        ({"cho": "THA"}, new),
        ({"den": yesterday}, old),
        ({"tu": yesterday}, new),
        ({"don-vi": "HNI"}, old),
    ):
        answer = client.get(RECORD, asked)
        assert [line.entry.pk for line in answer.context["lines"]] == [entry.pk], asked
    nothing = client.get(RECORD, {"ai": "officer", "viec": "target.set"}).content.decode()
    assert "Nothing of this kind stands in the record here." in nothing


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"tu": "hôm qua"}, "tu"),
        ({"tu": "1/1/0001"}, "tu"),
        ({"den": "31/12/9999"}, "den"),
        ({"viec": "nope"}, "viec"),
        ({"cho": "nobody"}, "cho"),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_its_field(
    world: World, auditor: Person, asked: dict[str, str], field: str
) -> None:
    write(world.officer, world.unions[0])
    answer = signed_in(auditor).get(RECORD, asked)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert f'id="id_{field}_error"' in page
    assert answer.context["lines"] == []


def test_pages_lead_on_and_a_place_that_is_none_is_the_beginning(
    world: World, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sangkien.web.desk.record.views.PER_PAGE", 2)
    entries = [write(world.officer, world.unions[0], days_ago=n).pk for n in range(3)]
    client = signed_in(auditor)
    first = client.get(RECORD)
    second = client.get(RECORD, {"sau": str(first.context["next"])})
    assert [line.entry.pk for page in (first, second) for line in page.context["lines"]] == entries
    assert second.context["next"] is None
    assert len(client.get(RECORD, {"sau": "x"}).context["lines"]) == 2


def test_as_many_queries_for_one_entry_as_for_many(world: World, auditor: Person) -> None:
    client = signed_in(auditor)

    def asks() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(RECORD)
        return len(queries)

    write(world.officer, world.unions[0], person=world.member.pk)
    asks()
    first = asks()
    for unit in world.districts:
        write(make_person(), unit, person=auditor.pk)
    assert asks() == first


def test_nothing_in_the_record_says_so(world: World, auditor: Person) -> None:
    assert "Nothing stands in the record here yet." in signed_in(auditor).get(RECORD).content.decode()


def test_a_verifier_has_no_record_to_read(world: World) -> None:
    assert signed_in(world.officer).get(RECORD).status_code == 403
    assert Client().get(RECORD).status_code == 302


def test_a_merger_is_told_once_with_all_its_units_and_at_each_of_them_when_one_asks_there(
    world: World, auditor: Person
) -> None:
    chief = make_person("chief")
    grant(chief, world.top, Role.UNIT_ADMINISTRATOR)
    today = clock.day_of(clock.now())
    merge_units(actor=chief, units=world.unions[:2], into=world.unions[2], on=today, reason="Sáp nhập")
    assert AuditEntry.objects.filter(action="merge_units").count() == 3
    client = signed_in(auditor)

    def told(**query: str) -> list[Line]:
        return [one for one in client.get(RECORD, query).context["lines"] if one.entry.action == "merge_units"]

    (line,) = told()
    assert line.subject == f"{world.unions[2].name_en} (HCM)"
    assert ("Units that merged", "HNI, THA") in line.details
    assert [one.subject for one in told(cho="THA")] == [f"{world.unions[1].name_en} (THA)"]


def test_targets_that_were_set_together_are_told_once_with_each_unit_and_why(
    world: World, auditor: Person, admin: Person
) -> None:
    chief = make_person("chief")
    grant(chief, world.top, Role.UNIT_ADMINISTRATOR)
    make_target(world.programme, world.unions[0], 50, phase=world.phase)
    spread_targets(
        actor=chief,
        programme=world.programme,
        phase=world.phase,
        parent=world.top,
        values={world.unions[0].pk: 70, world.unions[1].pk: 1_200},
        expected={},
        reason="Theo số đoàn viên",
        document="15/KH",
    )
    (line,) = signed_in(auditor).get(RECORD, {"viec": "target.set"}).context["lines"]
    said = dict(line.details)
    assert line.subject == "2 targets"
    first, second = (f"{unit.name_en} ({unit.code})" for unit in world.unions[:2])
    assert said["Units"] == f"{first}: 50 → 70; {second}: 1,200"
    assert (said["Why"], said["Document"]) == ("Theo số đoàn viên", "15/KH")
    (own,) = signed_in(admin).get(RECORD, {"viec": "target.set"}).context["lines"]
    assert own.subject.endswith("(HNI)")
    assert (dict(own.details)["Target"], own.place) == ("70", "")


def test_what_says_nothing_is_left_out(world: World, auditor: Person) -> None:
    write(world.officer, world.unions[0], "revise_verification_terms", before={"due_days": 10, "second_benefit": None})
    write(world.officer, world.unions[0], "move_unit", to="THA", number=3)
    write(world.officer, world.unions[0], "export", units=41)
    record(actor=world.officer, at=clock.now(), action="bulk_decision", subject_kind="bulk", subject="0-1-2",
           unit_path=world.unions[0].path)  # fmt: skip
    bulk, export, moved, terms = signed_in(auditor).get(RECORD).context["lines"]
    assert terms.details == [("Before", "Days for a decision: 10")]
    assert moved.details == [("Moved below", "THA")]
    assert export.details == [("Rows", "41")]
    assert (bulk.subject, bulk.place) == ("", world.unions[0].short_name)
    assert f"in {bulk.place}" in signed_in(auditor).get(RECORD).content.decode()
