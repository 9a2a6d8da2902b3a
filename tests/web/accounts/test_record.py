"""What officers do to sign in stands in the record; what members do is nobody's business."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from sangkien.audit.models import AuditEntry
from sangkien.people.models import Person
from sangkien.web.accounts.second_factor import SecondFactorAdapter
from tests.factories import World, make_person, make_world
from tests.web.accounts.conftest import PASSWORD, sign_in

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def recorded() -> list[tuple[str, str, str | None]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "face", "origin"))


def give_app(person: Person) -> None:
    secret = SecondFactorAdapter().encrypt(SECRET)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})


def test_an_officer_who_signs_in_stands_in_the_record_with_the_address(world: World, client: Client) -> None:
    sign_in(client, "officer")
    assert recorded() == [("sign_in", "web", "127.0.0.1")]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.unit_path, entry.subject) == (world.officer, world.top.path, str(world.officer.pk))


def test_a_member_who_signs_in_does_not(world: World, client: Client) -> None:
    sign_in(client, "member")
    assert recorded() == []


def test_with_a_second_factor_one_is_signed_in_after_it_and_a_wrong_code_is_recorded(
    world: World, client: Client
) -> None:
    give_app(world.officer)
    sign_in(client, "officer")
    assert recorded() == []
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    right = hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))
    client.post(reverse("mfa_authenticate"), {"code": f"{right:06}"})
    assert [action for action, _face, _origin in recorded()] == ["second_factor_failed", "sign_in"]


def test_changes_of_what_an_officer_signs_in_with_are_recorded(world: World, client: Client) -> None:
    give_app(world.officer)
    client.force_login(world.officer)
    changed = {"oldpassword": PASSWORD, "password1": "mot-mat-khau-khac", "password2": "mot-mat-khau-khac"}
    client.post(reverse("account_change_password"), changed)
    client.post(reverse("mfa_reauthenticate"), {"code": code_now()})
    client.post(reverse("mfa_deactivate_totp"))
    assert [action for action, _face, _origin in recorded()] == ["change_password", "second_factor_removed"]
    assert AuditEntry.objects.get(action="second_factor_removed").details == {"factor": "totp"}


def code_now() -> str:
    return f"{hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))):06}"


def test_whoever_holds_no_role_any_more_is_a_member_again(world: World, client: Client) -> None:
    sign_in(client, make_person("once").username)
    assert recorded() == []
