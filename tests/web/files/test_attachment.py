from __future__ import annotations

import io

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.initiatives.actions import mark_invalid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.files import add_file, move_to_initiative
from sangkien.initiatives.files.storing import key_of, storage
from sangkien.initiatives.models import Attachment, Author, Initiative, Response
from sangkien.initiatives.states import ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role
from tests.factories import World, grant, make_person
from tests.initiatives.files import samples as s

CONTENT = s.pdf(200_000)


@pytest.fixture
def initiative(world: World) -> Initiative:
    """An initiative of a district with one attachment."""
    owner = make_person("owner")
    made = world.submit(world.districts[0], actor=owner)
    draft = world.make_draft(owner)
    add_file(actor=owner, draft_id=draft.pk, name="Quyết định số 214.pdf", stream=io.BytesIO(CONTENT))
    move_to_initiative(draft.pk, made, owner, clock.now())
    return made


@pytest.fixture
def people(world: World, initiative: Initiative) -> dict[str, Person | None]:
    everyone: dict[str, Person | None] = {"nobody": None, "member": world.member, "owner": initiative.submitter}
    for who, unit, role in (
        ("verifier", world.districts[0], Role.VERIFIER),
        ("viewer", world.districts[0], Role.VIEWER),
        ("administrator", world.districts[0], Role.UNIT_ADMINISTRATOR),
        ("above", world.unions[0], Role.VERIFIER),
        ("top", world.top, Role.VIEWER),
        ("beside", world.districts[1], Role.VERIFIER),
        ("below", world.grassroots[0], Role.VERIFIER),
    ):
        everyone[who] = make_person(who)
        grant(everyone[who], unit, role)
    author = everyone["author"] = make_person("author")
    Author.objects.filter(initiative=initiative, number=1).update(person=author, response=Response.CONFIRMED)
    return everyone


def get(initiative: Initiative, person: Person | None, number: int = 1, **more: object) -> HttpResponse:
    client = Client()
    if person:
        client.force_login(person)
    response = client.get(reverse("attachment", args=[code_of(initiative.pk), number]), **more)
    response.body = response.getvalue()  # read to its end, which closes the file
    return response


SEES = {"owner", "author", "verifier", "viewer", "administrator", "above", "top"}


@pytest.mark.parametrize("is_secret", [False, True])
@pytest.mark.parametrize("is_invalid", [False, True])
def test_only_its_people_and_officers_above_get_an_attachment(
    world: World, initiative: Initiative, people: dict[str, Person | None], is_secret: bool, is_invalid: bool
) -> None:
    Initiative.objects.filter(pk=initiative.pk).update(is_secret=is_secret)
    if is_invalid:
        mark_invalid(actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    answers = {who: get(initiative, person).status_code for who, person in people.items()}
    assert answers == {who: 200 if who in SEES else 302 if who == "nobody" else 404 for who in people}


def test_it_comes_whole_as_a_download_that_nothing_keeps_or_runs(initiative: Initiative) -> None:
    response = get(initiative, initiative.submitter, headers={"accept-encoding": "gzip"})
    assert response.body == CONTENT
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%20s%E1%BB%91%20214.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"
    assert not response.has_header("Content-Encoding")


def test_an_officers_look_is_recorded_and_its_peoples_is_not(
    initiative: Initiative, people: dict[str, Person | None]
) -> None:
    for who in ("owner", "author", "verifier", "member"):
        get(initiative, people[who])
    (entry,) = AuditEntry.objects.filter(action="open_attachment")
    assert entry.actor == people["verifier"]
    assert (entry.subject_kind, entry.subject) == ("initiative", str(initiative.pk))
    assert entry.unit_path == initiative.unit_path
    assert entry.details["number"] == 1


@pytest.mark.parametrize("number", [0, 2, 32_768, 2**40, 10**25])
def test_a_number_that_there_is_not_is_not_found(initiative: Initiative, number: int) -> None:
    assert get(initiative, initiative.submitter, number).status_code == 404


def test_a_content_that_was_lost_is_not_found(initiative: Initiative) -> None:
    storage().delete(key_of(Attachment.objects.get(initiative=initiative).sha256))
    assert get(initiative, initiative.submitter).status_code == 404


def test_it_is_only_read(initiative: Initiative) -> None:
    client = Client()
    client.force_login(initiative.submitter)
    with transaction.atomic():
        assert client.post(reverse("attachment", args=[code_of(initiative.pk), 1])).status_code == 405
