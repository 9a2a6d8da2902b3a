"""Who may do what: every address of the portal, for everybody who may stand before it.

The rows are compared with the addresses that there are, so a new address without a row fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from sangkien.core import clock
from sangkien.initiatives.actions import mark_invalid, return_initiative, save_draft
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.files import add_file, move_to_initiative
from sangkien.initiatives.models import DraftFile, Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.notices.models import Notice
from sangkien.notices.telling import person_token
from sangkien.people.models import Person
from sangkien.units.models import Role, UnitRequest
from tests.factories import World, grant, make_person, make_world

PEOPLE = ("nobody", "member", "owner", "scope", "beside", "below", "above", "viewer")
"""Signed out; a member; whoever submitted; a verifier of the initiative's unit, of the one beside it, of one below it,
of one above it; a viewer of its unit."""

Answers = dict[str, int]
SIGN_IN = 302  # led to the page for signing in
SIGN_OUT = "account_logout"  # whoever is signed out has nothing to do there


def everybody(status: int) -> Answers:
    return dict.fromkeys(PEOPLE, status)


def only(*people: str, status: int, others: int, nobody: int = SIGN_IN) -> Answers:
    return {"nobody": nobody} | {who: status if who in people else others for who in PEOPLE[1:]}


@dataclass(frozen=True)
class Row:
    """One way of using an address: with which method and content, and what everybody is answered."""

    name: str
    answers: Answers
    method: str = "get"
    sent: dict[str, str] = field(default_factory=dict)
    before: Callable[[World, Initiative], object] | None = None
    says: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.method} {self.says}".strip()


def find_invalid(world: World, initiative: Initiative) -> None:
    mark_invalid(actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng")


def send_back(world: World, initiative: Initiative) -> None:
    return_initiative(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.MISSING_DOCUMENT, note="Thiếu trang ký"
    )


def name_member(world: World, initiative: Initiative) -> None:
    initiative.authors.update(person=world.member)


CONFIRMED = {"response": "confirmed", "share": "100"}


def tell_the_owner(_world: World, initiative: Initiative) -> None:
    Notice.objects.create(
        pk=1, person=initiative.submitter, kind="receipt", source=1, initiative=initiative.pk, at=clock.now()
    )


def miss_a_unit(world: World, _initiative: Initiative) -> None:
    UnitRequest.objects.create(
        pk=1, person=world.member, above=world.districts[0], name="CĐCS Công ty May 10", made_at=clock.now()
    )


def begin_draft(world: World, initiative: Initiative) -> None:
    typed = {"title": "Bản nháp"}
    save_draft(actor=initiative.submitter, draft_id=DRAFT, programme=world.programme, typed=typed, seen_version=0)


def begin_draft_with_file(world: World, initiative: Initiative) -> None:
    begin_draft(world, initiative)
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64, "uploaded_at": clock.now()}
    DraftFile.objects.create(pk=1, draft_id=DRAFT, **file)


def attach(world: World, initiative: Initiative) -> None:
    begin_draft(world, initiative)
    owner = initiative.submitter
    add_file(actor=owner, draft_id=DRAFT, name="a.pdf", stream=BytesIO(b"%PDF-1.4\n%%EOF"))
    move_to_initiative(DRAFT, initiative, owner, clock.now())


DRAFT = UUID(int=1)
SAVE = {"action": "save", "version": "1", "title": "Bản nháp khác"}
SEEN = {"state": "submitted", "event": "1"}
SEEN_INVALID = {"state": "invalid", "event": "2"}

ROWS = [
    # pages that everybody may read
    *(
        Row(name, everybody(200))
        for name in ("front", "board", "unit-board", "unit", "method", "conditions", "initiatives", "initiative")
    ),
    Row("report", everybody(200)),
    *(Row(name, everybody(302)) for name in ("report-front", "language")),
    # what machines read
    *(Row(name, everybody(200)) for name in ("healthz", "readyz", "metrics", "api-docs", "api-openapi")),
    *(Row(f"api-{name}", everybody(200)) for name in ("programmes", "summary", "board", "timeline", "rules")),
    *(Row(f"api-{name}", everybody(200)) for name in ("units", "unit", "initiatives", "initiative")),
    Row("api-home", everybody(302)),
    Row("api-nowhere", everybody(404)),
    Row("api-other", everybody(404)),
    Row("api-initiative", everybody(404), before=find_invalid, says="found invalid"),
    # an initiative that is no longer public
    Row(
        "initiative",
        only("owner", "scope", "above", "viewer", status=200, others=404, nobody=404),
        before=find_invalid,
        says="found invalid",
    ),
    # accounts
    *(
        Row(f"account_{name}", {"nobody": 200} | dict.fromkeys(PEOPLE[1:], 302))
        for name in ("login", "signup", "request_login_code")
    ),
    Row("account_logout", {"nobody": 302} | dict.fromkeys(PEOPLE[1:], 200)),
    Row("account_logout", everybody(302), "post"),
    *(Row(f"account_{name}", everybody(200)) for name in ("reset_password", "inactive", "password_reset_completed")),
    *(Row(name, everybody(200)) for name in ("socialaccount_login_cancelled",)),
    Row("socialaccount_login_error", everybody(401)),
    *(  # steps that only who has taken the one before may see
        Row(name, everybody(302))
        for name in (
            "account_confirm_login_code",
            "account_confirm_password_reset_code",
            "account_complete_password_reset",
            "account_email_verification_sent",
            "account_verify_phone",
            "mfa_authenticate",
            "mfa_login_webauthn",
            "socialaccount_signup",
        )
    ),
    *(  # one's own account
        Row(name, only(*PEOPLE, status=200, others=0))
        for name in (
            "account",
            "account_email",
            "account_change_phone",
            "account_change_password",
            "mfa_index",
            "mfa_list_webauthn",
            "usersessions_list",
            "socialaccount_connections",
            "account_reauthenticate",
        )
    ),
    Row("account_set_password", everybody(302)),  # they all have one
    *(  # asks for the password once more
        Row(name, everybody(302))
        for name in (
            "mfa_activate_totp",
            "mfa_generate_recovery_codes",
            "mfa_add_webauthn",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_remove_webauthn",
            "mfa_edit_webauthn",
        )
    ),
    *(  # nobody here has any
        Row(name, only(*PEOPLE, status=404, others=0))
        for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes")
    ),
    *(  # providers that the settings do not name
        Row(f"{provider}_{step}", everybody(404))
        for provider in ("google", "facebook", "zalo", "openid_connect")
        for step in ("login", "callback")
    ),
    # what members do
    Row("submit", only(*PEOPLE, status=200, others=0)),
    Row("submit", only(*PEOPLE, status=405, others=0), "post"),
    Row("draft", only("owner", status=200, others=404), before=begin_draft),
    Row("draft", only("owner", status=422, others=404), "post", {"version": "1"}, begin_draft, "empty"),
    Row("draft", only("owner", status=303, others=404), "post", SAVE, begin_draft, "saved"),
    Row("draft-save", only(*PEOPLE, status=405, others=0, nobody=405), before=begin_draft),
    Row("draft-save", only("owner", status=200, others=404, nobody=401), "post", SAVE, begin_draft),
    Row("draft-discard", only(*PEOPLE, status=405, others=0), before=begin_draft),
    Row("draft-discard", only("owner", status=303, others=404), "post", before=begin_draft),
    Row("draft-files", only(*PEOPLE, status=405, others=0), before=begin_draft),
    Row("draft-files", only("owner", status=303, others=404), "post", before=begin_draft),
    Row("draft-file-remove", everybody(405), before=begin_draft_with_file),
    Row("draft-file-remove", only("owner", status=303, others=404), "post", before=begin_draft_with_file),
    Row("draft-upload", everybody(405), before=begin_draft),
    Row("draft-upload", only(*PEOPLE, status=422, others=0, nobody=401), "post", before=begin_draft, says="nonsense"),
    Row("attachment", only("owner", "scope", "above", "viewer", status=200, others=404), before=attach),
    Row("attachment", only(*PEOPLE, status=404, others=0), says="not there"),
    # what follows after sending
    Row("mine", only(*PEOPLE, status=200, others=0)),
    Row("receipt", only("owner", status=200, others=403)),
    Row("withdraw", only("owner", status=200, others=403)),
    Row("withdraw", only("owner", status=422, others=403), "post", SEEN, says="without a reason"),
    Row("withdraw", only("owner", status=303, others=403), "post", SEEN | {"note": "Nhầm"}),
    Row("correct", only("owner", status=303, others=403)),
    Row("correct", only("owner", status=409, others=403), "post"),
    Row("correct", only("owner", status=303, others=403), "post", before=send_back, says="returned"),
    Row("authorship", only(*PEOPLE, status=303, others=0)),
    Row("authorship", only(status=0, others=403), "post", CONFIRMED),
    Row("authorship", only("member", status=303, others=403), "post", CONFIRMED, before=name_member, says="named"),
    # what people are told
    Row("notices", only(*PEOPLE, status=200, others=0)),
    Row("notices", only(*PEOPLE, status=303, others=0), "post"),
    Row("notice", only("owner", status=303, others=404), before=tell_the_owner),
    Row("notice-preferences", only(*PEOPLE, status=200, others=0)),
    Row("notice-preferences", only(*PEOPLE, status=303, others=0), "post"),
    Row("unsubscribe", everybody(200)),
    Row("unsubscribe", everybody(200), "post"),
    # who one is, and where one works
    Row("profile", only(*PEOPLE, status=200, others=0)),
    Row("profile", only(*PEOPLE, status=422, others=0), "post", says="empty"),
    Row("profile-consent", only(*PEOPLE, status=405, others=0)),
    Row("profile-consent", only(*PEOPLE, status=303, others=0), "post", {"withdraw": "personal_data"}),
    Row("workplace", only(*PEOPLE, status=200, others=0)),
    Row("workplace", only(*PEOPLE, status=303, others=0), "post", {"action": "join", "unit": "HNI-001-0001"}),
    # what officers do
    Row("unit-requests", only("scope", "beside", "below", "above", status=200, others=403)),
    *(Row(f"unit-request-{act}", only(*PEOPLE, status=405, others=0)) for act in ("settle", "refuse")),
    *(
        Row(
            f"unit-request-{act}",
            only("scope", "above", status=303, others=404) | {"member": 403},
            "post",
            {"action": "new", "new_name": "CĐCS Công ty May 10", "answer": "Không có"},
            before=miss_a_unit,
        )
        for act in ("settle", "refuse")
    ),
    Row("decide", only(*PEOPLE, status=405, others=0)),
    Row("decide", only("scope", "above", status=303, others=403), "post", SEEN | {"decision": "valid"}, says="valid"),
    *(
        Row(
            "decide",
            only("scope", "above", status=303, others=403),
            "post",
            SEEN | {"decision": decision, "reason": "duplicate", "note": "Trùng"},
            says=decision,
        )
        for decision in ("return", "invalid")
    ),
    Row(
        "decide",
        only("scope", "above", status=303, others=404) | {"owner": 403, "viewer": 403},
        "post",
        SEEN_INVALID | {"decision": "reinstate", "note": "Không trùng"},
        before=find_invalid,
        says="reinstate",
    ),
]


def addresses(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """Every address by its name, with its namespace; one without a name by its route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def initiative(world: World) -> Initiative:
    """An initiative of a district, so that there are units above, beside and below it."""
    return world.submit(world.districts[0], actor=make_person("owner"))


@pytest.fixture
def people(world: World, initiative: Initiative) -> dict[str, Person | None]:
    verifies = {
        "scope": world.districts[0],
        "beside": world.districts[1],
        "below": world.grassroots[0],
        "above": world.unions[0],
    }
    everyone: dict[str, Person | None] = {"nobody": None, "member": world.member, "owner": initiative.submitter}
    for who, unit in verifies.items():
        everyone[who] = make_person(who)
        grant(everyone[who], unit)
    everyone["viewer"] = make_person("viewer")
    grant(everyone["viewer"], world.districts[0], Role.VIEWER)
    return everyone


def address_of(name: str, world: World, initiative: Initiative) -> str:
    unit = {"code": world.unions[0].code}
    code = {"code": code_of(initiative.pk)}
    programme = {"code": world.programme.code}
    arguments: dict[str, dict[str, object]] = {
        **dict.fromkeys(("unit", "unit-board", "api-unit"), unit),
        **dict.fromkeys(("initiative", "withdraw", "decide", "api-initiative"), code),
        **dict.fromkeys(("receipt", "correct", "authorship"), code),
        **dict.fromkeys(("api-summary", "api-board", "api-timeline", "api-rules"), programme),
        **{name: {"number": 1} for name in ("unit-request-settle", "unit-request-refuse")},
        **{name: {"draft": DRAFT} for name in ("draft", "draft-save", "draft-discard", "draft-files", "draft-upload")},
        "draft-file-remove": {"draft": DRAFT, "file": 1},
        "attachment": code | {"number": 1},
        "language": {"code": "en"},
        **{name: {"provider_id": "vneid"} for name in ("openid_connect_login", "openid_connect_callback")},
        **{name: {"pk": 1} for name in ("mfa_remove_webauthn", "mfa_edit_webauthn")},
        "notice": {"number": 1},
        "unsubscribe": {"token": person_token(initiative.submitter, None)},
        "report": {"programme": world.programme.code, "phase": world.phase.number},
    }
    address = reverse(name, kwargs=arguments.get(name))
    return f"{address}nowhere" if name in ("api-nowhere", "api-other") else address


def test_every_address_has_a_row() -> None:
    strangers = set(addresses()) - {row.name for row in ROWS}
    assert not strangers, f"say in tests/web/test_matrix.py who may use {sorted(strangers)}"


def test_every_row_has_an_address_and_answers_everybody() -> None:
    assert {row.name for row in ROWS} <= set(addresses())
    for row in ROWS:
        assert set(row.answers) == set(PEOPLE), row


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_is_answered_as_the_row_says(
    row: Row, world: World, initiative: Initiative, people: dict[str, Person | None]
) -> None:
    if row.before:
        row.before(world, initiative)
    address = address_of(row.name, world, initiative)
    assert {who: answer(row, address, person) for who, person in people.items()} == row.answers


def answer(row: Row, address: str, person: Person | None) -> int:
    """What somebody is answered; afterwards everything is again as it was."""
    client = Client()
    with transaction.atomic():
        if person:
            client.force_login(person)
        response = getattr(client, row.method)(address, row.sent)
        if response.streaming:
            response.getvalue()  # to its end, which closes what it comes from
        transaction.set_rollback(True)
    if response.status_code == SIGN_IN and not person and row.answers["member"] != SIGN_IN and row.name != SIGN_OUT:
        assert response.url.startswith("/dang-nhap/?next=")
    status: int = response.status_code
    return status
