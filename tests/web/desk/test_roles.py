"""Rights at the desk: who can do what and why, giving a role to somebody known exactly, taking it away at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sangkien.core import clock
from sangkien.initiatives.actions import mark_invalid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant
from sangkien.units.queries import roles_of
from tests.factories import World, grant, join, make_person, make_world

ROLES = "/ban-lam-viec/quyen/"
GIVE = f"{ROLES}cap/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin", full_name="Vũ Thanh Bình")
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    return person


@pytest.fixture
def newcomer(world: World) -> Person:
    person = make_person("newcomer", full_name="Phạm Thị Lan", phone="+84912345678", phone_verified=True)
    join(person, world.grassroots[0])
    return person


def signed_in(person: Person) -> Client:
    """A browser that reads English, in which somebody has signed in."""
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(person)
    return client


def asked(**changes: str) -> dict[str, str]:
    return {"person": "0912 345 678", "role": "verifier", "unit": "HNI-001", "action": "check"} | changes


def end_address(given: RoleGrant) -> str:
    return f"{ROLES}{given.pk}/thu-hoi/"


# --- reading ------------------------------------------------------------------------------------------------------


def test_the_page_says_who_holds_what_from_where_by_whom_and_why(world: World, admin: Person, newcomer: Person) -> None:
    given = grant(newcomer, world.districts[0])
    RoleGrant.objects.filter(pk=given.pk).update(reason="Quyết định 12", until=clock.now() + timedelta(days=9))
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.TOTP, data={})
    answer = signed_in(admin).get(ROLES, {"don-vi": "HNI-001"})
    page = answer.content.decode()
    (own,), inherited = answer.context["own"], answer.context["inherited"]
    assert own["grant"] == given
    assert own["is_safe"]
    assert own["may_end"]
    assert [(row["grant"].person.username, row["source"].code, row["is_safe"]) for row in inherited] == [
        ("admin", "HNI", False), ("officer", "TLD", False),
    ]  # fmt: skip
    for said in ("Phạm Thị Lan", "Quyết định 12", "No second factor yet", "Vũ Thanh Bình", "given by tests"):
        assert said in page


def test_a_viewer_reads_it_and_is_offered_nothing_to_change(world: World, newcomer: Person) -> None:
    viewer = make_person("viewer")
    own = grant(viewer, world.districts[0], Role.VIEWER)
    grant(newcomer, world.districts[0])
    page = signed_in(viewer).get(ROLES).content.decode()
    assert GIVE not in page
    assert page.count("/thu-hoi/") == 1
    assert end_address(own) in page


def test_another_unit_is_found_by_a_word_and_one_of_others_not_at_all(world: World, admin: Person) -> None:
    client = signed_in(admin)
    found = client.get(ROLES, {"don-vi": "công ty"})
    assert [one.unit.code for one in found.context["asked"].offered] == ["HNI-001-0001"]
    for other in ("THA-001", "nonsense", "\x00"):
        answer = client.get(ROLES, {"don-vi": other})
        assert (answer.status_code, answer.context["unit"].code) == (404, "HNI")
        assert "There is no unit of yours by this name or code" in answer.content.decode()


def test_roles_below_come_in_pages(world: World, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangkien.web.desk.roles.views.PER_PAGE", 2)
    for number in range(3):
        grant(make_person(f"p{number}"), world.grassroots[0])
    first = signed_in(admin).get(ROLES)
    second = signed_in(admin).get(ROLES, {"sau": str(first.context["next"])})
    assert [len(page.context["below"]) for page in (first, second)] == [2, 1]
    assert second.context["next"] is None


def test_as_many_queries_for_one_holder_as_for_many(world: World, admin: Person) -> None:
    client = signed_in(admin)
    client.get(ROLES)

    def asks() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(ROLES)
        return len(queries)

    grant(make_person(), world.districts[0])
    first = asks()
    for unit in (world.unions[0], world.districts[0], world.grassroots[0]):
        grant(make_person(), unit)
    assert asks() == first


# --- giving -------------------------------------------------------------------------------------------------------


def test_the_name_is_shown_to_be_confirmed_and_only_then_is_anything_given(
    world: World, admin: Person, newcomer: Person
) -> None:
    client = signed_in(admin)
    shown = client.post(GIVE, asked(reason="Thay ông Đức", until="31/12/2100"))
    page = shown.content.decode()
    assert shown.status_code == 200
    for said in ("Phạm Thị Lan", world.grassroots[0].name_en, "31 December 2100", "Thay ông Đức", "no second factor"):
        assert said in page
    assert roles_of(newcomer, clock.now()) == frozenset()
    done = client.post(GIVE, asked(reason="Thay ông Đức", until="31/12/2100", action="grant", seen=str(newcomer.pk)))
    given = RoleGrant.objects.get(person=newcomer)
    assert (done.status_code, done.url) == (303, f"{ROLES}?don-vi=HNI-001")
    assert given.until == clock.end_of_day(date(2100, 12, 31))
    assert (given.unit, given.role, given.reason) == (world.districts[0], "verifier", "Thay ông Đức")


def test_whoever_confirms_another_person_than_was_shown_is_asked_again(
    world: World, admin: Person, newcomer: Person
) -> None:
    for seen in ("", "1", str(admin.pk)):
        answer = signed_in(admin).post(GIVE, asked(action="grant", seen=seen))
        assert answer.status_code == 200
        assert answer.templates[0].name == "desk/roles/confirm.html"
    assert not RoleGrant.objects.filter(person=newcomer).exists()


def test_going_back_keeps_everything_that_was_typed(world: World, admin: Person, newcomer: Person) -> None:
    page = signed_in(admin).post(GIVE, asked(reason="Thay ông Đức", action="change")).content.decode()
    for kept in ('value="0912 345 678"', 'value="HNI-001"', 'value="Thay ông Đức"', 'value="verifier" checked'):
        assert kept in page


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"person": "0912 345 679"}, "person", "Nobody is known by exactly this"),
        ({"person": "Phạm Thị Lan"}, "person", "Nobody is known by exactly this"),
        ({"person": ""}, "person", "Fill in this field"),
        ({"role": "auditor"}, "role", "Choose one of these"),
        ({"role": ""}, "role", "Choose one of these"),
        ({"unit": "THA-001"}, "unit", "over your own units"),
        ({"unit": "công ty"}, "unit", "Choose one of these"),
        ({"unit": "zzz"}, "unit", "No unit is known by this name"),
        ({"until": "1/1/2020", "action": "grant"}, "until", "This day is over"),
        ({"until": "31/2/2030"}, "until", "This is not a day"),
        ({"until": "1/1/9999"}, "until", "This is not a day"),
        ({"person": "admin", "action": "grant"}, "person", "Nobody gives a role to themselves"),
        ({"person": "admin"}, "person", "Nobody gives a role to themselves"),
        ({"reason": "x" * 501}, "reason", "too long"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_given(
    world: World, admin: Person, newcomer: Person, changes: dict[str, str], field: str, said: str
) -> None:
    before = RoleGrant.objects.count()
    meant = admin if changes.get("person") == "admin" else newcomer
    answer = signed_in(admin).post(GIVE, asked(seen=str(meant.pk)) | changes)
    assert answer.status_code == 422
    assert any(said in str(error) for error in answer.context["form"].errors[field]), answer.context["form"].errors
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert RoleGrant.objects.count() == before


def test_nobody_s_name_is_shown_to_whoever_may_not_give_the_role(world: World, admin: Person, newcomer: Person) -> None:
    page = signed_in(admin).post(GIVE, asked(unit="THA-001")).content.decode()
    assert "Phạm Thị Lan" not in page


# --- taking away --------------------------------------------------------------------------------------------------


def test_an_officer_is_refused_at_the_very_next_request_in_another_session(
    world: World, admin: Person, newcomer: Person
) -> None:
    initiative = world.submit(world.districts[0])
    given = grant(newcomer, world.districts[0])
    officer, decide = signed_in(newcomer), reverse("decide", args=[code_of(initiative.pk)])
    assert officer.get(ROLES).status_code == 200
    assert signed_in(admin).post(end_address(given), {"reason": "Nghỉ hưu"}).status_code == 303
    assert officer.get(ROLES).status_code == 403
    assert officer.post(decide, {"state": "submitted", "event": "1", "decision": "valid"}).status_code == 403
    assert Initiative.objects.get(pk=initiative.pk).state == State.SUBMITTED


def test_what_only_officers_may_see_is_gone_from_the_api_and_the_pages_with_the_role(
    world: World, admin: Person, newcomer: Person
) -> None:
    initiative = world.submit(world.districts[0])
    mark_invalid(actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    given = grant(newcomer, world.districts[0])
    officer = signed_in(newcomer)
    code = code_of(initiative.pk)
    assert officer.get(f"/sang-kien/{code}/").status_code == 200
    signed_in(admin).post(end_address(given), {"reason": "Nghỉ hưu"})
    assert officer.get(f"/sang-kien/{code}/").status_code == 404
    assert officer.get(f"/api/v1/initiatives/{code}").status_code == 404


def test_taking_a_role_away_asks_why_and_keeps_what_was_typed(world: World, admin: Person, newcomer: Person) -> None:
    given = grant(newcomer, world.districts[0])
    client = signed_in(admin)
    page = client.get(end_address(given)).content.decode()
    assert "Phạm Thị Lan" in page
    assert "It ends at once" in page
    answer = client.post(end_address(given), {"reason": ""})
    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    assert roles_of(newcomer, clock.now()) == {Role.VERIFIER}


def test_the_second_of_two_who_take_it_away_is_told_who_did_and_when(
    world: World, admin: Person, newcomer: Person
) -> None:
    given = grant(newcomer, world.districts[0])
    signed_in(admin).post(end_address(given), {"reason": "Nghỉ hưu"})
    answer = signed_in(admin).post(end_address(given), {"reason": "Nghỉ hưu"})
    assert answer.status_code == 409
    assert "Vũ Thanh Bình took it away" in answer.content.decode()


def test_the_last_administrator_at_the_top_is_told_why_it_cannot_be_laid_down(world: World) -> None:
    last = make_person("last")
    held = grant(last, world.top, Role.UNIT_ADMINISTRATOR)
    answer = signed_in(last).post(end_address(held))
    assert answer.status_code == 409
    assert "give it to somebody else first" in answer.content.decode()
    assert roles_of(last, clock.now()) == {Role.UNIT_ADMINISTRATOR}


def test_whoever_lays_down_their_last_role_leaves_the_desk(world: World, newcomer: Person) -> None:
    held = grant(newcomer, world.districts[0])
    answer = signed_in(newcomer).post(end_address(held))
    assert (answer.status_code, answer.url) == (303, reverse("account"))


def test_a_number_that_no_grant_can_have_is_not_found(world: World, admin: Person) -> None:
    assert signed_in(admin).get(f"{ROLES}{10**30}/thu-hoi/").status_code == 404
