"""Small worlds for tests: a confederation with three federations, a programme with an open phase, people and rights."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sangkien.core import clock
from sangkien.core.vietnamese import search_key, sort_key
from sangkien.initiatives.actions import save_draft, submit_new
from sangkien.initiatives.inputs import AuthorInput, InitiativeContent
from sangkien.initiatives.models import Draft, Initiative, Kind
from sangkien.people.categories import Category
from sangkien.people.models import Person, system_actor
from sangkien.programmes.eligibility import install_standard_rules
from sangkien.programmes.models import Basis, Field, Phase, Programme, Target
from sangkien.units.models import (
    Cluster,
    ClusterMembership,
    Membership,
    Role,
    RoleGrant,
    Succession,
    SuccessionKind,
    Unit,
    UnitKind,
)
from sangkien.units.trees import roll

_serial = itertools.count(1)
LONG_AGO = date(2000, 1, 1)


def make_unit(code: str, parent: Unit | None = None, *, kind: UnitKind | None = None, **fields: object) -> Unit:
    """Make a unit below ``parent``; its kind follows from its level unless given."""
    kinds = (UnitKind.CONFEDERATION, UnitKind.PROVINCIAL_FEDERATION, UnitKind.DISTRICT_FEDERATION)
    level = len(parent.path) if parent else 0
    name = str(fields.pop("name_vi", f"Liên đoàn Lao động {code}"))
    unit = Unit(
        code=code,
        kind=kind or (kinds[level] if level < len(kinds) else UnitKind.GRASSROOTS_UNION),
        name_vi=name,
        name_en=f"Federation {code}",
        parent=parent,
        path=[],
        today_path=[],
        opened_on=fields.pop("opened_on", LONG_AGO),
        search_key=search_key(f"{code} {name}"),
        sort_key=sort_key(name),
        **fields,
    )
    unit.save()
    unit.path = unit.today_path = [*(parent.path if parent else []), unit.pk]
    unit.save(update_fields=["path", "today_path"])
    return unit


def make_person(username: str | None = None, **fields: object) -> Person:
    """Make somebody with an account and the password ``mat-khau-thu``."""
    username = username or f"person{next(_serial)}"
    return Person.objects.create_user(
        username, "mat-khau-thu", full_name=str(fields.pop("full_name", f"Nguyễn Văn {username}")), **fields
    )


def grant(person: Person, unit: Unit, role: Role = Role.VERIFIER, *, since: datetime | None = None) -> RoleGrant:
    """Give somebody a role over a unit and all below it."""
    return RoleGrant.objects.create(
        person=person,
        unit=unit,
        role=role,
        since=since or clock.now() - timedelta(days=1),
        granted_by=system_actor("tests"),
    )


def follow(predecessor: Unit, successor: Unit, *, on: date | None = None) -> None:
    """Have one unit close and another follow it, today or on a day; what is below it stays where it is."""
    on = on or clock.day_of(clock.now())
    Unit.objects.filter(pk=predecessor.pk).update(closed_on=on)
    Succession.objects.create(predecessor=predecessor, successor=successor, kind=SuccessionKind.MERGER, on=on)
    roll()


def join(person: Person, unit: Unit) -> Membership:
    """Make somebody a member of a unit."""
    return Membership.objects.create(person=person, unit=unit, since=LONG_AGO)


def make_target(
    programme: Programme,
    unit: Unit,
    value: int,
    *,
    phase: Phase | None = None,
    basis: Basis = Basis.ASSIGNED,
    effective_at: datetime | None = None,
) -> Target:
    """Give a unit a target, in force since long before unless told otherwise."""
    at = effective_at or programme.starts_at
    return Target.objects.create(
        programme=programme,
        unit=unit,
        phase=phase,
        basis=basis,
        value=value,
        effective_at=at,
        recorded_at=at,
        recorded_by=system_actor("tests"),
    )


@dataclass
class World:
    """TLD > HNI, THA, HCM > a district each > a grassroots union each; one programme with one open phase."""

    top: Unit
    unions: list[Unit]
    districts: list[Unit]
    grassroots: list[Unit]
    programme: Programme
    phase: Phase
    fields: list[Field]
    member: Person
    officer: Person
    clusters: list[Cluster] = field(default_factory=list)

    def content(self, **changes: object) -> InitiativeContent:
        """Return what an eligible initiative says."""
        values: dict[str, object] = {
            "kind": Kind.TECHNICAL_SOLUTION,
            "field": self.fields[0],
            "title": "Cải tiến cơ cấu gạt than",
            "problem": "Băng tải hay kẹt.",
            "solution": "Lắp lưỡi gạt hai tầng có lò xo nén.",
            "applied_on": self.phase.applied_from,
            "recognised_by": "Hội đồng sáng kiến Công ty",
            "benefit_claimed": 12_500_000,
        }
        return InitiativeContent(**(values | changes))  # type: ignore[arg-type]

    def submit(
        self,
        unit: Unit | None = None,
        *,
        actor: Person | None = None,
        category: Category = Category.ENTERPRISE_WORKER,
        authors: Sequence[AuthorInput] | None = None,
        key: UUID | None = None,
        **changes: object,
    ) -> Initiative:
        """Submit one initiative now, by the world's member in the first grassroots union unless told otherwise."""
        return submit_new(
            actor=actor or self.member,
            programme=self.programme,
            content=self.content(**changes),
            authors=authors or [AuthorInput(name="Trần Thị Hoa", category=category, share=100)],
            unit=unit or self.grassroots[0],
            key=key,
        )

    def make_draft(
        self,
        owner: Person | None = None,
        *,
        draft_id: UUID | None = None,
        corrects: int | None = None,
        **typed: str,
    ) -> Draft:
        """Save a draft of the world's member unless told otherwise; ``typed`` is what stands in it."""
        return save_draft(
            actor=owner or self.member,
            draft_id=draft_id or uuid4(),
            programme=self.programme,
            typed=typed or {"title": "Cải tiến cơ cấu gạt than"},
            seen_version=0,
            corrects=corrects,
        )


def make_world(unions: int = 3) -> World:
    """Make a small world with ``unions`` units directly under the confederation."""
    top = make_unit("TLD", name_vi="Tổng Liên đoàn Lao động Việt Nam")
    codes = [*("HNI", "THA", "HCM"), *(f"U{n:02}" for n in range(4, 100))][:unions]
    direct = [make_unit(code, top) for code in codes]
    districts = [make_unit(f"{u.code}-001", u) for u in direct]
    grassroots = [make_unit(f"{d.code}-0001", d, name_vi=f"CĐCS Công ty {d.code}") for d in districts]
    cluster = Cluster.objects.create(
        code="CUM_TP", name_vi="Cụm các thành phố", name_en="Cluster of cities", short_vi="Thành phố", short_en="Cities"
    )
    for unit in direct[:2]:
        ClusterMembership.objects.create(cluster=cluster, unit=unit, since=LONG_AGO)
    now = clock.now()
    programme = Programme.objects.create(
        code="1trieu",
        name_vi="1 triệu sáng kiến",
        name_en="1 million initiatives",
        owner=top,
        starts_at=now - timedelta(days=200),
        ends_at=now + timedelta(days=200),
    )
    install_standard_rules(programme, at=programme.starts_at)
    phase = Phase.objects.create(
        programme=programme,
        number=1,
        name_vi="Giai đoạn 1",
        name_en="Phase 1",
        opens_at=now - timedelta(days=100),
        closes_at=now + timedelta(days=100),
        applied_from=clock.day_of(now) - timedelta(days=365),
        applied_until=clock.day_of(now) + timedelta(days=365),
    )
    fields = [
        Field.objects.create(code="MOKS", name_vi="Khai thác mỏ, khoáng sản", name_en="Mining and minerals"),
        Field.objects.create(code="GDDT", name_vi="Giáo dục và đào tạo", name_en="Education and training"),
    ]
    member, officer = make_person("member"), make_person("officer")
    join(member, grassroots[0])
    grant(officer, top)
    return World(top, direct, districts, grassroots, programme, phase, fields, member, officer, [cluster])
