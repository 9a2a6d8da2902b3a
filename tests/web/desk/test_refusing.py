"""What is sent to a page without the right to it is in the record of what it was aimed at; looking is no attempt."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.audit.models import AuditEntry
from sangkien.initiatives import actions
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.states import ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from tests.factories import World, follow, grant, make_person, make_world

DESK = "/ban-lam-viec/"
TREE = f"{DESK}to-chuc/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def beside(world: World) -> Person:
    """An administrator and verifier of another province."""
    person = make_person("ben-canh")
    for role in (Role.UNIT_ADMINISTRATOR, Role.VERIFIER):
        grant(person, world.unions[1], role)
    return person


def refusals(person: Person, address: str) -> list[tuple[str, list[int]]]:
    """Look at a page, and send to it; return what the record says of that: what was refused, and in whose scope."""
    client = Client()
    client.force_login(person)
    before = AuditEntry.objects.filter(action="refused").count()
    assert client.get(address).status_code in (403, 404, 405)
    assert AuditEntry.objects.filter(action="refused").count() == before
    assert client.post(address, {"state": "submitted", "event": "1"}).status_code in (403, 404)
    entries = AuditEntry.objects.filter(action="refused", actor=person).order_by("pk")[before:]
    return [(entry.details["what"], entry.unit_path) for entry in entries]


@pytest.mark.parametrize(
    ("address", "what"),
    [("mo", "open_unit"), ("doi-ten", "rename_unit"), ("dong", "close_unit"), ("chuyen", "move_unit")],
)
def test_changing_a_unit_of_others(world: World, beside: Person, address: str, what: str) -> None:
    theirs = world.districts[0]
    assert refusals(beside, f"{TREE}{theirs.code}/{address}/") == [(what, theirs.path)]


def test_changing_one_s_own_unit_in_a_way_that_only_the_level_above_may(world: World, beside: Person) -> None:
    assert refusals(beside, f"{TREE}{world.unions[1].code}/dong/") == [("close_unit", world.unions[1].path)]


def test_a_unit_that_there_is_not_is_aimed_at_by_nobody(world: World, beside: Person) -> None:
    assert refusals(beside, f"{TREE}KHONG-CO/dong/") == []


def test_deciding_on_what_others_verify(world: World, beside: Person) -> None:
    one = world.submit()
    assert refusals(beside, f"{DESK}{code_of(one.pk)}/quyet-dinh/") == [("decide", one.unit_path)]


def test_answering_an_appeal_to_others(world: World, beside: Person) -> None:
    one = actions.mark_invalid(
        actor=world.officer, initiative_id=world.submit().pk, reason=ReasonCode.NOT_RECOGNISED, note="Chưa có."
    )
    made = actions.appeal(actor=world.member, initiative_id=one.pk, note="Đã có quyết định.")
    assert refusals(beside, f"{DESK}xem-lai/khieu-nai/{made.pk}/") == [("decide_appeal", made.unit_path)]


def test_giving_a_role_and_merging_without_any_right(world: World) -> None:
    nobody = make_person()
    client = Client()
    client.force_login(nobody)
    code = world.unions[0].code
    assert client.post(f"{DESK}quyen/cap/", {"unit": code}).status_code == 403
    assert client.post(f"{TREE}sap-nhap/", {"units": f"{code} Hà Nội"}).status_code == 403
    entries = AuditEntry.objects.filter(action="refused", actor=nobody).order_by("pk")
    assert [(e.details["what"], e.unit_path) for e in entries] == [
        ("grant_role", world.unions[0].path),
        ("merge_units", world.unions[0].path),
    ]


def test_setting_the_target_of_a_unit_that_has_closed_is_no_attempt(world: World) -> None:
    runs = make_person()
    grant(runs, world.top, Role.UNIT_ADMINISTRATOR)
    follow(world.unions[0], world.unions[1])
    client = Client()
    client.force_login(runs)
    for address in ("", "dang-ky/"):
        answer = client.post(f"{DESK}chi-tieu/{address}?don-vi={world.unions[0].code}", {"value": "5"})
        assert answer.status_code == 409
    assert not AuditEntry.objects.filter(action="refused").exists()


def test_changing_the_terms_of_a_programme(world: World, beside: Person) -> None:
    assert refusals(beside, f"{DESK}thiet-lap/") == [("revise_verification_terms", world.top.path)]


def test_deciding_on_what_one_may_not_even_see(world: World, beside: Person) -> None:
    one = actions.mark_invalid(
        actor=world.officer, initiative_id=world.submit().pk, reason=ReasonCode.NOT_RECOGNISED, note="Chưa có."
    )
    assert refusals(beside, f"{DESK}{code_of(one.pk)}/quyet-dinh/") == [("decide", one.unit_path)]


def test_whom_a_level_above_has_overtaken_is_told_so_and_has_attempted_nothing(world: World) -> None:
    lower = make_person()
    grant(lower, world.districts[0])
    one = actions.mark_invalid(
        actor=lower, initiative_id=world.submit().pk, reason=ReasonCode.NOT_RECOGNISED, note="Chưa có."
    )
    made = actions.appeal(actor=world.member, initiative_id=one.pk, note="Đã có quyết định.")
    actions.decide_appeal(actor=world.officer, appeal_id=made.pk, allow=True, answer="Đúng.", benefit_verified=None)
    client = Client()
    client.force_login(lower)
    answer = client.post(
        f"{DESK}{code_of(one.pk)}/quyet-dinh/", {"state": "invalid", "event": "2", "decision": "reinstate", "note": "?"}
    )
    assert answer.status_code == 409
    assert not AuditEntry.objects.filter(action="refused").exists()


def test_taking_away_a_role_over_units_of_others(world: World, beside: Person) -> None:
    held = grant(make_person(), world.districts[0])
    assert refusals(beside, f"{DESK}quyen/{held.pk}/thu-hoi/") == [("end_grant", world.districts[0].path)]


def test_setting_targets_without_running_the_unit(world: World) -> None:
    viewer = make_person()
    unit: Unit = world.unions[0]
    grant(viewer, unit, Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    for address in ("", "dang-ky/"):
        answer = client.post(f"{DESK}chi-tieu/{address}?don-vi={unit.code}", {"value": "5"})
        assert answer.status_code == 403
    entries = AuditEntry.objects.filter(action="refused", actor=viewer)
    assert [(e.details["what"], e.unit_path) for e in entries] == [("target.set", unit.path)] * 2


def test_setting_targets_of_a_unit_of_others(world: World, beside: Person) -> None:
    theirs = world.districts[0]
    for address in ("", "dang-ky/"):
        asked = f"{DESK}chi-tieu/{address}?don-vi={theirs.code}"
        assert refusals(beside, asked) == [("target.set", theirs.path)]
