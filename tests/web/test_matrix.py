"""Who may do what: every address of the portal, for everybody who may stand before it.

The rows are compared with the addresses that there are, so a new address without a row fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from sangkien.core import clock
from sangkien.initiatives.actions import appeal as make_appeal
from sangkien.initiatives.actions import mark_invalid, mark_valid, return_initiative, save_draft
from sangkien.initiatives.bulk import prepare_bulk
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.files import add_file, move_to_initiative
from sangkien.initiatives.models import Appeal, DraftFile, Initiative
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.notices.models import Notice
from sangkien.notices.telling import person_token
from sangkien.people.models import Person
from sangkien.programmes.models import VerificationTerms
from sangkien.units.actions import NewUnit, merge_units
from sangkien.units.models import Reorganisation, Role, RoleGrant, UnitRequest
from tests.factories import World, grant, make_person, make_unit, make_world

VERIFIERS = ("scope", "beside", "below", "above")
READERS = ("viewer", "administrator", "programme", "auditor")
PEOPLE = ("nobody", "member", "owner", "scope", "beside", "below", "above", *READERS, "admin-beside")
"""Signed out; a member; whoever submitted; a verifier of the initiative's unit, of the one beside it, of one below it,
of one above it; those who read what is in their scope and verify nothing: a viewer and its administrator, the
administrator and the auditor of the programme, at its owner; the administrator of the unit beside it."""

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


def decide_many(world: World, initiative: Initiative) -> None:
    prepare_bulk(actor=world.officer, kind=EventKind.VALIDATED, numbers=[initiative.pk], bulk_id=BULK)


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


def first_officer(world: World) -> Person:
    """A verifier of the district, who is none of the people: the level above is the union."""
    first = make_person("first")
    grant(first, world.districts[0])
    return first


def appeal_against(world: World, initiative: Initiative) -> None:
    mark_invalid(actor=first_officer(world), initiative_id=initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    make_appeal(actor=initiative.submitter, initiative_id=initiative.pk, note="Không trùng")


def pick_second_look(world: World, initiative: Initiative) -> None:
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )
    mark_valid(actor=first_officer(world), initiative_id=initiative.pk)


def decided_by_scope(_world: World, initiative: Initiative) -> None:
    mark_valid(actor=Person.objects.get(username="scope"), initiative_id=initiative.pk)


DRAFT = UUID(int=1)
BULK = UUID(int=2)
ROLE_HOLDERS = ("scope", "beside", "below", "above", *READERS, "admin-beside")
NEWCOMER = 1_000_001
GRANT = {"person": "member", "role": "verifier", "unit": "HNI-001"}
GIVE = GRANT | {"person": "newcomer", "seen": str(NEWCOMER), "action": "grant"}
CANNOT_GIVE = {"admin-beside": 422, "programme": 422}  # they run something, but not this


def meet(_world: World, _initiative: Initiative) -> None:
    make_person("newcomer", pk=NEWCOMER)


SAVE = {"action": "save", "version": "1", "title": "Bản nháp khác"}
SEEN = {"state": "submitted", "event": "1"}
SEEN_INVALID = {"state": "invalid", "event": "2"}
ADMINISTRATORS = ("administrator", "admin-beside")
OVER_DISTRICT = ("scope", "above", *READERS)
"""Who holds a role over the district that pages of the tree are about, or above it."""
NO_OFFICERS = {"member": 403, "owner": 403}
INSIDERS = dict.fromkeys(("scope", "above", *READERS), 403)
"""Officers who see what was found invalid, and do not act for its people."""


def merge_two(world: World, _initiative: Initiative) -> None:
    actor = make_person()
    grant(actor, world.districts[0], Role.UNIT_ADMINISTRATOR)
    second = make_unit("HNI-001-0009", world.districts[0])
    new = NewUnit("CĐCS Công ty Gộp")
    merge_units(actor=actor, units=[world.grassroots[0], second], into=new, on=date(2025, 7, 1), reason="Gộp")


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
        only("owner", "scope", "above", *READERS, status=200, others=404, nobody=404),
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
    Row("attachment", only("owner", "scope", "above", *READERS, status=200, others=404), before=attach),
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
    Row(
        "unit-requests",
        only("scope", "beside", "below", "above", "administrator", "admin-beside", status=200, others=403),
    ),
    *(Row(f"unit-request-{act}", only(*PEOPLE, status=405, others=0)) for act in ("settle", "refuse")),
    # how a unit is doing: whoever holds any role
    *(
        Row(name, only(*(who for who in PEOPLE[1:] if who not in ("member", "owner")), status=200, others=403))
        for name in ("unit-overview", "unit-overview-export", "unusual")
    ),
    *(
        Row(
            f"unit-request-{act}",
            only("scope", "above", "administrator", status=303, others=404) | {"member": 403},
            "post",
            {"action": "new", "new_name": "CĐCS Công ty May 10", "answer": "Không có"},
            before=miss_a_unit,
        )
        for act in ("settle", "refuse")
    ),
    # targets and the tree of units
    *(Row(name, only(*ROLE_HOLDERS, status=200, others=403)) for name in ("targets", "target-history", "unit-tree")),
    Row("targets", only(*ADMINISTRATORS, status=422, others=403), "post", {"action": "preview"}),
    Row("target-register", only(*PEOPLE, status=405, others=0)),
    Row("target-register", only(*ADMINISTRATORS, status=303, others=403), "post", {"value": "5", "seen": "{}"}),
    Row("unit-edit", only(*OVER_DISTRICT, status=200, others=404) | NO_OFFICERS),
    *(
        Row(name, only(*OVER_DISTRICT, status=403, others=404) | NO_OFFICERS | {"administrator": 200})
        for name in ("unit-open", "unit-rename")
    ),
    *(
        Row(name, only(*OVER_DISTRICT, "below", status=403, others=404) | NO_OFFICERS | {"administrator": 200})
        for name in ("unit-move", "unit-close")
    ),
    *(
        Row(
            name,
            only(*OVER_DISTRICT, *also, status=403, others=404) | NO_OFFICERS | {"administrator": 303},
            "post",
            sent | {"action": "confirm", "reason": "Sắp xếp", "on": "1/7/2025"},
        )
        for name, sent, also in (
            ("unit-open", {"kind": "grassroots_union", "name_vi": "CĐCS Công ty May 10"}, ()),
            ("unit-rename", {"name_vi": "LĐLĐ phường Mới"}, ()),
            ("unit-close", {}, ("below",)),
        )
    ),
    Row("unit-merge", only(*ADMINISTRATORS, status=200, others=403)),
    Row("unit-merge", only(*ADMINISTRATORS, status=422, others=403), "post", {"action": "confirm"}),
    Row("reorganisation-undo", only(*PEOPLE, status=404, others=0), says="there is none"),
    *(
        Row(
            "reorganisation-undo",
            only("administrator", status=status, others=404),
            method,
            before=merge_two,
            says="merged",
        )
        for method, status in (("get", 200), ("post", 303))
    ),
    Row("roles", only(*ROLE_HOLDERS, status=200, others=403)),
    Row("role-grant", only("administrator", "admin-beside", "programme", status=200, others=403)),
    Row("role-grant", only("administrator", "admin-beside", "programme", status=422, others=403), "post", says="empty"),
    Row("role-grant", only("administrator", status=200, others=403) | CANNOT_GIVE, "post", GRANT, says="who is it"),
    Row("role-grant", only("administrator", status=303, others=403) | CANNOT_GIVE, "post", GIVE, meet, "confirmed"),
    Row("role-end", only("administrator", "scope", status=200, others=404)),
    Row("role-end", only("administrator", "scope", status=303, others=404), "post", {"reason": "Thôi việc"}),
    Row("record", only("administrator", "admin-beside", "programme", "auditor", status=200, others=403)),
    Row("desk", only(*VERIFIERS, status=200, others=302) | dict.fromkeys(("member", "owner"), 403)),
    Row("desk-item", only("scope", "above", *READERS, status=200, others=403)),
    Row("assisted", only(*VERIFIERS, *READERS, "admin-beside", status=200, others=403)),
    Row("bulk", only(*VERIFIERS, status=302, others=403)),
    Row("bulk", only(*VERIFIERS, status=422, others=403), "post", says="nothing marked"),
    Row(
        "bulk",
        only("scope", "above", status=200, others=403) | {"beside": 422, "below": 422},
        "post",
        {"pham-vi": "tat-ca"},
        says="all of the list",
    ),
    Row("bulk-progress", only(*PEOPLE, status=404, others=0), before=decide_many, says="another's"),
    Row("bulk-stop", only(*PEOPLE, status=405, others=0), before=decide_many),
    Row("bulk-stop", only(*PEOPLE, status=404, others=0), "post", before=decide_many, says="another's"),
    Row("decide", only("scope", "above", status=303, others=403)),
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
        only("scope", "above", status=303, others=404) | dict.fromkeys(("owner", *READERS), 403),
        "post",
        SEEN_INVALID | {"decision": "reinstate", "note": "Không trùng"},
        before=find_invalid,
        says="reinstate",
    ),
    Row("undo", only("scope", "above", status=303, others=403)),
    Row("undo", only("scope", status=303, others=403), "post", {"event": "2"}, decided_by_scope),
    # what follows a decision
    Row("appeal", only("owner", status=200, others=404) | INSIDERS, before=find_invalid),
    Row(
        "appeal",
        only("owner", status=303, others=404) | INSIDERS,
        "post",
        SEEN_INVALID | {"note": "Không trùng"},
        before=find_invalid,
    ),
    Row("second-looks", only(*VERIFIERS, status=200, others=403)),
    *(
        Row(name, only("above", status=status, others=403), method, sent, before=arrange)
        for name, decision, arrange in (
            ("appeal-decide", {"decision": "dismiss", "note": "Đúng là trùng"}, appeal_against),
            ("second-look-decide", {"decision": "confirm"}, pick_second_look),
        )
        for method, status, sent in (("get", 200, {}), ("post", 303, decision))
    ),
    Row("programme-settings", only("programme", "auditor", status=200, others=403)),
    Row("programme-settings", only("programme", status=422, others=403), "post", says="empty"),
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
    others = {
        "viewer": (world.districts[0], Role.VIEWER),
        "administrator": (world.districts[0], Role.UNIT_ADMINISTRATOR),
        "admin-beside": (world.districts[1], Role.UNIT_ADMINISTRATOR),
        "programme": (world.top, Role.PROGRAMME_ADMINISTRATOR),
        "auditor": (world.top, Role.AUDITOR),
    }
    for who, (unit, role) in others.items():
        everyone[who] = make_person(who)
        grant(everyone[who], unit, role)
    return everyone


def address_of(name: str, world: World, initiative: Initiative) -> str:
    unit = {"code": world.unions[0].code}
    code = {"code": code_of(initiative.pk)}
    programme = {"code": world.programme.code}
    arguments: dict[str, dict[str, object]] = {
        **dict.fromkeys(("unit", "unit-board", "api-unit"), unit),
        **dict.fromkeys(("initiative", "withdraw", "decide", "api-initiative"), code),
        **dict.fromkeys(("receipt", "correct", "authorship", "desk-item", "undo", "appeal"), code),
        "appeal-decide": {"appeal_id": Appeal.objects.values_list("pk", flat=True).first() or 1},
        "second-look-decide": code | {"number": 2},
        **{key: {"bulk_id": BULK} for key in ("bulk-progress", "bulk-stop")},
        **dict.fromkeys(("api-summary", "api-board", "api-timeline", "api-rules"), programme),
        **{name: {"number": 1} for name in ("unit-request-settle", "unit-request-refuse")},
        **{name: {"draft": DRAFT} for name in ("draft", "draft-save", "draft-discard", "draft-files", "draft-upload")},
        "draft-file-remove": {"draft": DRAFT, "file": 1},
        "attachment": code | {"number": 1},
        **{key: {"code": world.districts[0].code} for key in ("unit-edit", "unit-open", "unit-rename")},
        **{key: {"code": world.grassroots[0].code} for key in ("unit-move", "unit-close")},
        "reorganisation-undo": {"number": Reorganisation.objects.values_list("pk", flat=True).first() or 1},
        "language": {"code": "en"},
        "role-end": {"number": RoleGrant.objects.get(person__username="scope").pk},
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
