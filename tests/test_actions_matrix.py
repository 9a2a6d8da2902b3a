"""Who may do what: every action of every floor, for everybody who may call it, each call really carried out.

The rows are compared with what the floors' packages of actions give out, so a new action without a row fails. Rows of
a floor's own are added to ``ROWS``; a row arranges what the action is done to and says who may.
"""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

import sangkien
from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.initiatives import actions as initiatives
from sangkien.initiatives import bulk, files
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.notices import actions as notices
from sangkien.notices.models import Notice
from sangkien.people import actions as people
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes import actions as programmes
from sangkien.programmes.eligibility import RuleText
from sangkien.programmes.models import Basis, EligibilityRule, VerificationTerms
from sangkien.tally import actions as tally
from sangkien.units import actions as units
from sangkien.units.models import Reorganisation, Role, RoleGrant, Unit, UnitKind, UnitRequest
from tests.factories import World, grant, make_person, make_target, make_unit, make_world

MORE = ("sangkien.initiatives.files", "sangkien.initiatives.bulk")
"""Packages that give out actions beside the floors' ``actions``."""

# --- who ----------------------------------------------------------------------------------------------------------

IN, ABOVE, BESIDE, BELOW, OUTSIDE = WHERE = ("in", "above", "beside", "below", "outside")
"""Over the unit that it is about; the one above it; its sibling; the one below it; a union that is not above it."""
OWNER, AUTHOR, MEMBER, INACTIVE = SINGLE = ("owner", "author", "member", "inactive")
"""Whoever entered the initiative; a co-author who has confirmed; another; a closed account that holds every role."""


def by(*roles: Role, where: tuple[str, ...] = (IN, ABOVE)) -> frozenset[str]:
    """Those who hold one of the roles over the unit, or over one above it."""
    return frozenset(f"{role} {place}" for role in roles for place in where)


OFFICERS = by(*Role, where=WHERE)
ANYBODY = OFFICERS | {OWNER, AUTHOR, MEMBER}
VERIFIERS = by(Role.VERIFIER)
ADMINISTRATORS = by(Role.UNIT_ADMINISTRATOR)
ADMINISTRATORS_ABOVE = by(Role.UNIT_ADMINISTRATOR, where=(ABOVE,))


@dataclass
class Scene:
    """A world with a district ``unit`` in the middle, an initiative of it that waits, and everybody."""

    world: World
    unit: Unit
    initiative: Initiative
    people: dict[str, Person]

    def fresh(self) -> Unit:
        """The unit as stored: a call of somebody before may have changed the one in hand."""
        return Unit.objects.get(pk=self.unit.pk)


@pytest.fixture
def scene(db: None) -> Scene:
    world = make_world()
    unit = world.districts[0]
    scopes = {
        IN: unit,
        ABOVE: world.unions[0],
        BESIDE: make_unit("HNI-002", world.unions[0]),
        BELOW: world.grassroots[0],
        OUTSIDE: world.unions[1],
    }
    everyone = {who: make_person(who) for who in (OWNER, AUTHOR, INACTIVE)} | {MEMBER: world.member}
    for role in Role:
        grant(everyone[INACTIVE], world.top, role)
        for place, over in scopes.items():
            who = f"{role} {place}"
            everyone[who] = make_person(who.replace(" ", "-"))
            grant(everyone[who], over, role)
    Person.objects.filter(pk=everyone[INACTIVE].pk).update(is_active=False)
    everyone[INACTIVE].is_active = False
    authors = [
        AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=60),
        AuthorInput(name="Lê Văn Tám", category=Category.ENTERPRISE_WORKER, share=40),
    ]
    initiative = world.submit(unit, actor=everyone[OWNER], authors=authors)
    initiative.authors.filter(number=2).update(person=everyone[AUTHOR], response=Response.CONFIRMED)
    return Scene(world, unit, initiative, everyone)


# --- what ---------------------------------------------------------------------------------------------------------

Call = Callable[[Person], object]


@dataclass(frozen=True)
class Row:
    """An action, who may do it, and how the scene is arranged for it: ``arrange`` returns the call."""

    action: Callable[..., Any]
    who: frozenset[str]
    arrange: Callable[[Scene], Call]
    says: str = ""

    def __str__(self) -> str:
        return f"{self.action.__name__} {self.says}".strip()


def on_initiative(action: Callable[..., Any], **given: Any) -> Callable[[Scene], Call]:
    """The action on the scene's initiative."""
    return lambda scene: lambda actor: action(actor=actor, initiative_id=scene.initiative.pk, **given)


def simply(action: Callable[..., Any], **given: Any) -> Callable[[Scene], Call]:
    """The action with what it is given, on nothing of the scene."""
    return lambda _scene: lambda actor: action(actor=actor, **given)


def must(done: object) -> None:
    """An action that does nothing for whoever may not do it: say so."""
    if not done:
        raise NotFound


# Arranging: each returns the call that everybody makes.


def reinstate(scene: Scene) -> Call:
    initiatives.mark_invalid(
        actor=scene.world.officer, initiative_id=scene.initiative.pk, reason=ReasonCode.DUPLICATE, note="Trùng"
    )
    return lambda actor: initiatives.reinstate(actor=actor, initiative_id=scene.initiative.pk, note="Không trùng")


def resubmit(scene: Scene) -> Call:
    initiatives.return_initiative(
        actor=scene.world.officer, initiative_id=scene.initiative.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu"
    )
    return lambda actor: initiatives.resubmit(actor=actor, initiative_id=scene.initiative.pk)


def looked_at_again(scene: Scene) -> None:
    """Have everything that is found valid in the scene's programme looked at again."""
    world = scene.world
    VerificationTerms.objects.create(
        programme=world.programme,
        second_share=100,
        effective_at=world.programme.starts_at,
        recorded_by=world.officer,
    )


def find_invalid(scene: Scene) -> int:
    """Have the unit's own officer find it invalid; return its number."""
    first = scene.people[f"{Role.VERIFIER} {IN}"]
    return initiatives.mark_invalid(actor=first, initiative_id=scene.initiative.pk, **REFUSAL).pk


def undo_decision(scene: Scene) -> Call:
    number = find_invalid(scene)
    return lambda actor: initiatives.undo_decision(actor=actor, initiative_id=number, expected_event=2)


def appeal(scene: Scene) -> Call:
    number = find_invalid(scene)
    return lambda actor: initiatives.appeal(actor=actor, initiative_id=number, note="Đã có quyết định.")


def made_appeal(scene: Scene) -> int:
    number = find_invalid(scene)
    return initiatives.appeal(actor=scene.people[OWNER], initiative_id=number, note="Đã có quyết định.").pk


def withdraw_appeal(scene: Scene) -> Call:
    made = made_appeal(scene)
    return lambda actor: initiatives.withdraw_appeal(actor=actor, appeal_id=made)


def decide_appeal(scene: Scene) -> Call:
    made = made_appeal(scene)
    return lambda actor: initiatives.decide_appeal(actor=actor, appeal_id=made, allow=True, answer="Đúng.")


def decide_second_look(scene: Scene) -> Call:
    looked_at_again(scene)
    number = scene.initiative.pk
    initiatives.mark_valid(actor=scene.people[f"{Role.VERIFIER} {IN}"], initiative_id=number)
    return lambda actor: initiatives.decide_second_look(actor=actor, initiative_id=number, number=2, confirm=True)


def decide_many(scene: Scene) -> Call:
    numbers = [scene.initiative.pk]
    return lambda actor: bulk.prepare_bulk(actor=actor, kind=EventKind.VALIDATED, numbers=numbers)


def stop_many(scene: Scene) -> Call:
    """Its own: of the verifier over the unit."""
    first = scene.people[f"{Role.VERIFIER} {IN}"]
    made = bulk.prepare_bulk(actor=first, kind=EventKind.VALIDATED, numbers=[scene.initiative.pk])
    return lambda actor: bulk.stop_bulk(actor=actor, bulk_id=made.pk)


def revise_terms(scene: Scene) -> Call:
    """The unit in the middle runs the programme."""
    programme = scene.world.programme
    programme.owner = scene.unit
    programme.save()
    return lambda actor: programmes.revise_verification_terms(
        actor=actor, programme=programme, due_days=7, appeal_days=7, second_share=5, second_benefit=None, reason="Mới"
    )


def submit(scene: Scene) -> Call:
    authors = [AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=100)]
    world = scene.world
    return lambda actor: initiatives.submit_new(
        actor=actor, programme=world.programme, content=world.content(), authors=authors, unit=scene.unit
    )


def save_draft(scene: Scene) -> Call:
    return lambda actor: initiatives.save_draft(
        actor=actor, draft_id=UUID(int=7), programme=scene.world.programme, typed={"title": "Nháp"}, seen_version=0
    )


def begun(scene: Scene) -> UUID:
    """A draft of the owner's."""
    return scene.world.make_draft(scene.people[OWNER], draft_id=UUID(int=9)).pk


def with_file(scene: Scene) -> tuple[UUID, int]:
    draft = begun(scene)
    return draft, files.add_file(actor=scene.people[OWNER], draft_id=draft, name="a.pdf", stream=PDF()).pk


class PDF(BytesIO):
    """The smallest file that is one."""

    def __init__(self) -> None:
        super().__init__(b"%PDF-1.4\n%%EOF")


def discard_draft(scene: Scene) -> Call:
    draft = begun(scene)
    return lambda actor: initiatives.discard_draft(actor=actor, draft_id=draft)


def add_file(scene: Scene) -> Call:
    draft = begun(scene)
    return lambda actor: files.add_file(actor=actor, draft_id=draft, name="b.pdf", stream=PDF())


def remove_file(scene: Scene) -> Call:
    draft, file = with_file(scene)
    return lambda actor: files.remove_file(actor=actor, draft_id=draft, file_id=file)


def uploading(scene: Scene, content: bytes = b"") -> dict[str, UUID]:
    """An upload of the owner's of which ``content`` has been received."""
    owner, draft = scene.people[OWNER], begun(scene)
    size = len(PDF().getvalue())
    upload = files.start_upload(actor=owner, draft_id=draft, name="a.pdf", size=size)
    if content:
        files.receive_part(actor=owner, draft_id=draft, upload_id=upload.pk, start=0, content=content)
    return {"draft_id": draft, "upload_id": upload.pk}


def start_upload(scene: Scene) -> Call:
    draft = begun(scene)
    return lambda actor: files.start_upload(actor=actor, draft_id=draft, name="a.pdf", size=9)


def receive_part(scene: Scene) -> Call:
    upload = uploading(scene)
    return lambda actor: files.receive_part(actor=actor, start=0, content=b"%PDF", **upload)


def finish_upload(scene: Scene) -> Call:
    upload = uploading(scene, PDF().getvalue())
    return lambda actor: files.finish_upload(actor=actor, **upload)


def cancel_upload(scene: Scene) -> Call:
    upload = uploading(scene)
    return lambda actor: files.cancel_upload(actor=actor, **upload)


def waiting_request(scene: Scene) -> UnitRequest:
    return UnitRequest.objects.create(
        person=scene.world.member, above=scene.unit, name="CĐCS Công ty May 10", made_at=clock.now()
    )


def settle(scene: Scene) -> Call:
    asked = waiting_request(scene)
    return lambda actor: units.settle_request(actor=actor, request_id=asked.pk, unit=scene.world.grassroots[0])


def refuse(scene: Scene) -> Call:
    asked = waiting_request(scene)
    return lambda actor: units.refuse_request(actor=actor, request_id=asked.pk, answer="Không có")


def take_back_request(scene: Scene) -> Call:
    waiting_request(scene)
    return lambda actor: must(units.withdraw_request(actor=actor))


def beside(scene: Scene) -> Unit:
    """The unit beside the one in the middle."""
    return Unit.objects.get(code="HNI-002")


def open_below(scene: Scene) -> Call:
    return lambda actor: units.open_unit(
        actor=actor, parent=scene.fresh(), kind=UnitKind.GRASSROOTS_UNION, name_vi="CĐCS Công ty May 10"
    )


def rename(scene: Scene) -> Call:
    return lambda actor: units.rename_unit(
        actor=actor, unit=scene.fresh(), name_vi="LĐLĐ quận Ba Đình", name_en="", reason="Đổi tên"
    )


def close(scene: Scene) -> Call:
    """With nothing open below it."""
    day = clock.day_of(clock.now())
    Unit.objects.filter(parent=scene.unit).update(closed_on=day)
    return lambda actor: units.close_unit(actor=actor, unit=scene.fresh(), on=day, reason="Giải thể")


def move(scene: Scene) -> Call:
    """Below another unit of the same union."""
    to = make_unit("HNI-TCT", scene.world.unions[0], kind=UnitKind.CORPORATION_UNION)
    day = clock.day_of(clock.now())
    return lambda actor: units.move_unit(actor=actor, unit=scene.fresh(), to=to, on=day, reason="Sắp xếp")


def merge(scene: Scene) -> Call:
    """Into the unit beside it."""
    day = clock.day_of(clock.now())
    return lambda actor: units.merge_units(
        actor=actor, units=[scene.fresh()], into=beside(scene), on=day, reason="Sáp nhập"
    )


def undo_merger(scene: Scene) -> Call:
    """Of the unit in the middle, by the administrator of the unit above."""
    made = merge(scene)(scene.people[f"{Role.UNIT_ADMINISTRATOR} {ABOVE}"])
    assert isinstance(made, Reorganisation)
    return lambda actor: units.undo_reorganisation(actor=actor, reorganisation_id=made.pk)


def give(role: Role) -> Callable[[Scene], Call]:
    def arrange(scene: Scene) -> Call:
        newcomer = make_person("newcomer")
        return lambda actor: units.grant_role(actor=actor, person=newcomer, unit=scene.fresh(), role=role)

    return arrange


def take(role: Role) -> Callable[[Scene], Call]:
    def arrange(scene: Scene) -> Call:
        held = RoleGrant.objects.get(person=scene.people[f"{role} {IN}"])
        return lambda actor: units.end_grant(actor=actor, grant_id=held.pk, reason="Thôi việc")

    return arrange


def target(basis: Basis) -> Callable[[Scene], Call]:
    def arrange(scene: Scene) -> Call:
        world = scene.world
        return lambda actor: programmes.set_target(
            actor=actor, programme=world.programme, phase=None, unit=scene.fresh(), basis=basis, value=5
        )

    return arrange


def spread_targets(scene: Scene) -> Call:
    """Over the one unit below the one in the middle."""
    world, below = scene.world, scene.world.grassroots[0]
    return lambda actor: programmes.spread_targets(
        actor=actor, programme=world.programme, phase=None, parent=scene.fresh(), values={below.pk: 5},
        expected={below.pk: None}, reason="Giao",
    )  # fmt: skip


def carry_targets(scene: Scene) -> Call:
    """To the unit in the middle, from the one beside it."""
    beside = Unit.objects.get(code="HNI-002")
    make_target(scene.world.programme, beside, 5)
    return lambda actor: programmes.carry_targets(
        actor=actor, predecessors=[beside], successor=scene.fresh(), reason="Sáp nhập"
    )


def revise_rule(scene: Scene) -> Call:
    """The unit in the middle runs the programme."""
    programme = scene.world.programme
    programme.owner = scene.unit
    programme.save()
    held = EligibilityRule.objects.filter(programme=programme, ended_at__isnull=True).order_by("code")[0]
    text = RuleText(**{name: getattr(held, name) for name in RuleText.__dataclass_fields__})
    return lambda actor: programmes.revise_rule(actor=actor, programme=programme, rule=text, reason="Rõ hơn")


def notice_of_the_owner(scene: Scene) -> Notice:
    return Notice.objects.create(
        person=scene.people[OWNER], kind="receipt", source=1, initiative=scene.initiative.pk, at=clock.now()
    )


def read_one(scene: Scene) -> Call:
    told = notice_of_the_owner(scene)

    def call(actor: Person) -> None:
        notices.mark_read(actor=actor, notice_id=told.pk)
        must(Notice.objects.filter(pk=told.pk, read_at__isnull=False).exists())

    return call


def read_all(scene: Scene) -> Call:
    told = notice_of_the_owner(scene)
    return lambda actor: must(notices.mark_all_read(actor=actor, newest=told.pk))


def withdraw_consent(scene: Scene) -> Call:
    people.give_consent(actor=scene.people[OWNER], purpose="mail", version="1", language="vi", text="Đồng ý")
    return lambda actor: must(people.withdraw_consent(actor=actor, purpose="mail"))


PROFILE = {
    "full_name": "Nguyễn Thị Thu Hà",
    "date_of_birth": None,
    "job_title": "",
    "qualification": "",
    "category": "",
    "language": "vi",
}
CONSENT = {"purpose": "mail", "version": "1", "language": "vi", "text": "Đồng ý"}
REFUSAL = {"reason": ReasonCode.DUPLICATE, "note": "Trùng"}
SESSION_GUARDS = frozenset({INACTIVE})
"""What only touches one's own things: a closed account is kept out by having no session."""

ROWS = [
    # people, notices: one's own things
    Row(people.update_profile, ANYBODY, simply(people.update_profile, **PROFILE)),
    Row(people.give_consent, ANYBODY | SESSION_GUARDS, simply(people.give_consent, **CONSENT)),
    Row(people.withdraw_consent, frozenset({OWNER}), withdraw_consent),
    Row(notices.mark_read, frozenset({OWNER}), read_one),
    Row(notices.mark_all_read, frozenset({OWNER}), read_all),
    Row(notices.choose, ANYBODY, simply(notices.choose, choices={}, no_mail=True)),
    # units: belonging to one
    Row(units.join_unit, ANYBODY, lambda s: lambda actor: units.join_unit(actor=actor, unit=s.world.grassroots[1])),
    Row(
        units.request_unit,
        ANYBODY,
        lambda s: lambda actor: units.request_unit(actor=actor, above=s.unit, name="CĐCS Công ty May 10"),
    ),
    Row(units.withdraw_request, frozenset({MEMBER}), take_back_request),
    Row(units.settle_request, VERIFIERS | ADMINISTRATORS, settle),
    Row(units.refuse_request, VERIFIERS | ADMINISTRATORS, refuse),
    # units: the tree
    Row(units.open_unit, ADMINISTRATORS, open_below),
    Row(units.rename_unit, ADMINISTRATORS, rename),
    Row(units.close_unit, ADMINISTRATORS_ABOVE, close),
    Row(units.move_unit, ADMINISTRATORS_ABOVE, move),
    Row(units.merge_units, ADMINISTRATORS_ABOVE, merge),
    Row(units.undo_reorganisation, ADMINISTRATORS_ABOVE, undo_merger),
    # units: roles
    *(
        Row(units.grant_role, by(giver), give(role), role)
        for role, giver in (
            (Role.VERIFIER, Role.UNIT_ADMINISTRATOR),
            (Role.VIEWER, Role.UNIT_ADMINISTRATOR),
            (Role.UNIT_ADMINISTRATOR, Role.UNIT_ADMINISTRATOR),
            (Role.PROGRAMME_ADMINISTRATOR, Role.PROGRAMME_ADMINISTRATOR),
            (Role.AUDITOR, Role.PROGRAMME_ADMINISTRATOR),
        )
    ),
    Row(units.end_grant, ADMINISTRATORS | by(Role.VERIFIER, where=(IN,)), take(Role.VERIFIER), "a verifier's"),
    Row(
        units.end_grant,
        by(Role.PROGRAMME_ADMINISTRATOR) | by(Role.AUDITOR, where=(IN,)),
        take(Role.AUDITOR),
        "an auditor's",
    ),
    Row(
        units.look_up_person,
        ADMINISTRATORS,
        lambda s: (
            lambda actor: units.look_up_person(
                actor=actor, known_as=s.world.member.username, unit=s.unit, role=Role.VERIFIER
            )
        ),
    ),
    # units: what officers do stands in the record
    Row(units.note_officer, OFFICERS, lambda _s: lambda actor: must(units.note_officer(actor=actor, what="sign_in"))),
    # programmes
    Row(programmes.set_target, ADMINISTRATORS_ABOVE, target(Basis.ASSIGNED), "assigned"),
    Row(programmes.set_target, ADMINISTRATORS, target(Basis.REGISTERED), "registered"),
    Row(programmes.spread_targets, ADMINISTRATORS, spread_targets),
    Row(programmes.carry_targets, ADMINISTRATORS_ABOVE, carry_targets),
    Row(programmes.revise_rule, ADMINISTRATORS | by(Role.PROGRAMME_ADMINISTRATOR), revise_rule),
    Row(programmes.revise_verification_terms, ADMINISTRATORS | by(Role.PROGRAMME_ADMINISTRATOR), revise_terms),
    # tally: taking figures away
    Row(
        tally.export_overview,
        by(*Role),
        lambda s: lambda actor: tally.export_overview(actor=actor, unit=s.unit, as_of=clock.now(), rows=0),
    ),
    # initiatives: whoever writes them
    Row(initiatives.submit_new, ANYBODY, submit),
    Row(initiatives.save_draft, ANYBODY, save_draft),
    Row(initiatives.discard_draft, frozenset({OWNER}), discard_draft),
    Row(files.add_file, frozenset({OWNER}), add_file),
    Row(files.remove_file, frozenset({OWNER}), remove_file),
    *(
        Row(action, frozenset({OWNER}), arrange)
        for action, arrange in (
            (files.start_upload, start_upload),
            (files.receive_part, receive_part),
            (files.finish_upload, finish_upload),
            (files.cancel_upload, cancel_upload),
        )
    ),
    Row(initiatives.withdraw, frozenset({OWNER, AUTHOR}), on_initiative(initiatives.withdraw, note="Nhầm")),
    Row(initiatives.resubmit, frozenset({OWNER, AUTHOR}), resubmit),
    Row(
        initiatives.answer_authorship,
        frozenset({AUTHOR}),
        on_initiative(initiatives.answer_authorship, response=Response.DECLINED),
    ),
    # initiatives: whoever decides on them
    Row(initiatives.mark_valid, VERIFIERS, on_initiative(initiatives.mark_valid)),
    Row(initiatives.mark_invalid, VERIFIERS, on_initiative(initiatives.mark_invalid, **REFUSAL)),
    Row(initiatives.return_initiative, VERIFIERS, on_initiative(initiatives.return_initiative, **REFUSAL)),
    Row(initiatives.reinstate, VERIFIERS, reinstate),
    Row(
        initiatives.correct,
        VERIFIERS,
        on_initiative(initiatives.correct, note="Sai", category=Category.UNION_OFFICER),
    ),
    # initiatives: what follows a decision of the unit's own officer
    Row(initiatives.undo_decision, by(Role.VERIFIER, where=(IN,)), undo_decision),
    Row(initiatives.appeal, frozenset({OWNER, AUTHOR}), appeal),
    Row(initiatives.withdraw_appeal, frozenset({OWNER}), withdraw_appeal),
    Row(initiatives.decide_appeal, by(Role.VERIFIER, where=(ABOVE,)), decide_appeal),
    Row(initiatives.decide_second_look, by(Role.VERIFIER, where=(ABOVE,)), decide_second_look),
    # initiatives: many at once; whose they are not is decided for each when it is carried out
    Row(bulk.prepare_bulk, by(Role.VERIFIER, where=WHERE), decide_many),
    Row(bulk.stop_bulk, by(Role.VERIFIER, where=(IN,)), stop_many),
]


def given_out() -> Iterator[Callable[..., Any]]:
    """Every action that a floor gives out: what takes an ``actor`` by name."""
    floors = [f"sangkien.{found.name}.actions" for found in pkgutil.iter_modules(sangkien.__path__) if found.ispkg]
    for name in (*floors, *MORE):
        if importlib.util.find_spec(name) is None:
            continue
        package = importlib.import_module(name)
        for thing in (getattr(package, one) for one in getattr(package, "__all__", vars(package))):
            is_ours = inspect.isfunction(thing) and thing.__module__.startswith(name)
            if is_ours and not thing.__name__.startswith("_") and "actor" in inspect.signature(thing).parameters:
                by_name = inspect.signature(thing).parameters["actor"].kind == inspect.Parameter.KEYWORD_ONLY
                if by_name and thing.__module__ != "sangkien.audit.actions":  # it writes down what the others do
                    yield thing


def test_every_action_has_a_row() -> None:
    strangers = {f"{thing.__module__}.{thing.__name__}" for thing in set(given_out()) - {row.action for row in ROWS}}
    assert not strangers, f"say in tests/test_actions_matrix.py who may do {sorted(strangers)}"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_action_is_done_by_those_whom_the_row_names_and_by_nobody_else(row: Row, scene: Scene) -> None:
    call = row.arrange(scene)
    assert {who for who, person in scene.people.items() if succeeds(call, person)} == row.who


def succeeds(call: Call, person: Person) -> bool:
    """Whether somebody may do it; afterwards everything is again as it was. Any other refusal is a fault of the row."""
    with transaction.atomic():
        try:
            call(person)
            done = True
        except (NotAllowed, NotFound):
            done = False
        transaction.set_rollback(True)
    return done
