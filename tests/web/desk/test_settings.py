"""How a programme's initiatives are verified: read and changed on one page."""

from __future__ import annotations

import pytest
from django.test import Client

from sangkien.audit.models import AuditEntry
from sangkien.programmes.actions import revise_verification_terms
from sangkien.programmes.models import VerificationTerms
from sangkien.units.models import Role
from tests.factories import World, grant, make_person, make_world

PAGE = "/ban-lam-viec/thiet-lap/"
SENT = {
    "seen": "0",
    "due_days": "7",
    "appeal_days": "15",
    "second_share": "5",
    "second_benefit": "1 tỷ",
    "reason": "Rút ngắn theo kế hoạch 12.",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def browser(world: World, role: Role = Role.PROGRAMME_ADMINISTRATOR, *, at_top: bool = True) -> Client:
    person = make_person(full_name="Đỗ Thị Chương Trình")
    grant(person, world.top if at_top else world.unions[0], role)
    client = Client()
    client.force_login(person)
    return client


def test_they_are_changed_from_now_on_with_a_reason_that_stays_in_the_history(world: World) -> None:
    client = browser(world)
    assert client.get(PAGE).context["changes"] == []
    answer = client.post(PAGE, SENT)
    terms = VerificationTerms.objects.get()
    assert (answer.status_code, answer.url) == (303, PAGE)
    assert (terms.due_days, terms.appeal_days, terms.second_share, terms.second_benefit) == (7, 15, 5, 1_000_000_000)
    page = client.get(PAGE)
    for said in (SENT["reason"], "Đỗ Thị Chương Trình"):
        assert said in page.content.decode()
    client.post(PAGE, SENT | {"seen": str(terms.pk), "due_days": "9", "reason": "Quá ngắn."})
    changes = client.get(PAGE).context["changes"]
    assert [sorted(change.changed) for change in changes] == [
        ["due_days"],
        ["appeal_days", "due_days", "second_benefit", "second_share"],
    ]
    assert VerificationTerms.objects.get(pk=terms.pk).ended_at == VerificationTerms.objects.latest("pk").effective_at
    assert AuditEntry.objects.filter(action="revise_verification_terms").count() == 2


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"due_days": "0"}, ["due_days"]),
        ({"due_days": "366", "appeal_days": "x"}, ["due_days", "appeal_days"]),
        ({"second_share": "101"}, ["second_share"]),
        ({"second_benefit": "-1"}, ["second_benefit"]),
        ({"reason": " "}, ["reason"]),
        ({"due_days": "10", "appeal_days": "30", "second_share": "0", "second_benefit": ""}, ["__all__"]),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_changes_nothing(
    world: World, change: dict[str, str], fields: list[str]
) -> None:
    answer = browser(world).post(PAGE, SENT | change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, fields)
    assert not VerificationTerms.objects.exists()
    assert 'value="15"' in answer.content.decode() or "appeal_days" in change


@pytest.mark.parametrize("seen", ["0", "", "abc"])
def test_who_changes_what_they_have_not_seen_is_told_and_nothing_is_changed(world: World, seen: str) -> None:
    revise_verification_terms(
        actor=_administrator(world),
        programme=world.programme,
        due_days=8,
        appeal_days=30,
        second_share=0,
        second_benefit=None,
        reason="Trước đó.",
    )
    answer = browser(world).post(PAGE, SENT | {"seen": seen})
    assert answer.status_code == 409
    assert answer.context["terms"].due_days == 8
    assert SENT["reason"] in answer.content.decode()
    assert VerificationTerms.objects.count() == 1


def _administrator(world: World) -> object:
    person = make_person()
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def test_auditors_read_and_do_not_change(world: World) -> None:
    client = browser(world, Role.AUDITOR)
    page = client.get(PAGE)
    assert (page.status_code, page.context["form"]) == (200, None)
    assert client.post(PAGE, SENT).status_code == 403


@pytest.mark.parametrize(
    ("role", "at_top"),
    [(Role.VERIFIER, True), (Role.VIEWER, True), (Role.PROGRAMME_ADMINISTRATOR, False), (Role.AUDITOR, False)],
)
def test_others_neither_read_nor_change(world: World, role: Role, at_top: bool) -> None:
    client = browser(world, role, at_top=at_top)
    assert client.get(PAGE).status_code == client.post(PAGE, SENT).status_code == 403
    assert not VerificationTerms.objects.exists()
