"""What phase 1 stands on: units, clusters, fields, the programme with its phases and targets, and demo accounts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from sangkien.core import clock
from sangkien.core.copying import copy_in, copy_line
from sangkien.core.vietnamese import sort_key
from sangkien.demo.plan import Plan, PlannedTarget, PlannedUnit
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.stories.picking import BURSTS, MEMBER, NEWCOMER, OFFICER, home_of
from sangkien.people.models import Person, system_actor
from sangkien.programmes.eligibility import install_standard_rules
from sangkien.programmes.models import Campaign, Field, Phase, Programme, Target
from sangkien.units.inputs import Names, key_of
from sangkien.units.models import (
    Cluster,
    ClusterMembership,
    Membership,
    Role,
    RoleGrant,
    Succession,
    SuccessionKind,
    Unit,
)
from sangkien.units.trees import roll

PROGRAMME_CODE = "1trieu"
PASSWORD = "sangkien-demo"  # printed with the accounts: it guards made-up data on the reader's own machine
DEMO_PHASE = 9
LOADER = "demo"

# Short names as the boards of the time wrote them; the CSV holds the official long ones.
_CLUSTER_SHORT = {
    "CUM_TP": ("5 thành phố trực thuộc Trung ương", "Five centrally-run cities"),
    "CUM_BG": ("Miền núi, biên giới phía Bắc", "Northern border and mountains"),
    "CUM_TD": ("Trung du Bắc Bộ", "Northern midlands"),
    "CUM_SH": ("Đồng bằng sông Hồng", "Red River Delta"),
    "CUM_BTB": ("6 tỉnh Bắc Trung Bộ", "Six North Central provinces"),
    "CUM_NTN": ("10 tỉnh Nam Trung Bộ và Tây Nguyên", "South Central and Central Highlands"),
    "CUM_DNB": ("7 tỉnh Đông Nam Bộ", "Seven South-eastern provinces"),
    "CUM_TNB": ("Tây Nam Bộ", "South-west (Mekong Delta)"),
    "KHOI_NTW": ("11 công đoàn ngành Trung ương", "Eleven central industry unions"),
    "KHOI_TCT": ("Tập đoàn, tổng công ty", "Corporation unions"),
    "KHOI_BAN": ("Các ban Tổng Liên đoàn", "VGCL departments"),
    "KHOI_DVTT": ("Đơn vị trực thuộc Tổng Liên đoàn", "VGCL affiliated units"),
}


class DemoAccount(NamedTuple):
    """Somebody whom a visitor can sign in as. ``role`` None: a member of the unit; all share one password."""

    username: str
    full_name: str
    unit_code: str
    role: Role | None


ACCOUNTS = (
    DemoAccount(MEMBER, "Nguyễn Thị Thu Hà", "HNI-001", None),
    DemoAccount(OFFICER, "Trần Quốc Việt", "HNI-001", Role.VERIFIER),
    DemoAccount("canbo.hanoi", "Lê Minh Đức", "HNI", Role.VERIFIER),
    DemoAccount("canbo.thanhhoa", "Phạm Thị Lan", "THA", Role.VERIFIER),
    DemoAccount("quantri.hanoi", "Vũ Thanh Bình", "HNI", Role.UNIT_ADMINISTRATOR),
    DemoAccount("tonglienoan", "Hoàng Anh Tuấn", "TLD", Role.VERIFIER),
    DemoAccount("xem.hanoi", "Đỗ Thùy Linh", "HNI", Role.VIEWER),
    DemoAccount("quantri.tong", "Bùi Thị Hạnh", "TLD", Role.UNIT_ADMINISTRATOR),
    DemoAccount("chuongtrinh", "Đặng Văn Khoa", "TLD", Role.PROGRAMME_ADMINISTRATOR),
    DemoAccount("kiemtra", "Ngô Thị Mai", "TLD", Role.AUDITOR),
)
"""Made-up people."""
OTHERS = ((NEWCOMER, "Lý Thị Mơ"), *((burst.username, burst.full_name) for burst in BURSTS))
"""More of them, as whom nobody signs in: username and name."""


def demo_secret(username: str) -> str:
    """Return the secret of a demo officer's authenticator app (base 32): always the same, printed with the accounts."""
    return base64.b32encode(hashlib.sha1(f"sangkien-demo:{username}".encode()).digest()).decode()


@transaction.atomic
def make_world(plan: Plan) -> Programme:
    """Make everything but the initiatives, in one transaction. The tables must be empty."""
    units = _make_units(plan.units)
    _make_clusters(plan.units, units)
    fields = read_rows("fields.csv")
    Field.objects.bulk_create(Field(code=r["code"], name_vi=r["name_vi"], name_en=r["name_en"]) for r in fields)
    programme = _make_programme(units["TLD"])
    _make_targets(plan.targets, units, programme)
    _make_accounts(plan.units, units)
    return programme


def _make_units(planned: Sequence[PlannedUnit]) -> dict[str, Unit]:
    """Write the units; ids follow the plan's order, so that a unit's id is its position there plus one."""
    iso = {row["code"]: row["iso_3166_2"] for row in read_rows("units_2022.csv")}
    units: dict[str, Unit] = {}
    for pk, p in enumerate(planned, start=1):
        parent = units[p.parent_code] if p.parent_code else None
        names = Names(p.name_vi, p.name_en, p.short_vi or "", _short_english(p.name_en))
        units[p.code] = Unit(
            pk=pk,
            code=p.code,
            kind=p.kind,
            name_vi=names.name_vi,
            name_en=names.name_en,
            short_vi=names.short_vi,
            short_en=names.short_en,
            other_names=list(p.other_names),
            parent=parent,
            path=[*(parent.path if parent else ()), pk],
            today_path=[*(parent.path if parent else ()), pk],
            opened_on=p.opened_on,
            closed_on=p.closed_on,
            members=p.members,
            iso_code=iso.get(p.code) or "",
            is_invented=p.invented,
            search_key=key_of(p.code, names, p.other_names),
            sort_key=sort_key(p.name_vi),
        )
    columns = [f.attname for f in Unit._meta.concrete_fields]
    copy_in(Unit._meta.db_table, columns, (copy_line([getattr(u, c) for c in columns]) for u in units.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('units_unit', 'id'), %s)", [len(units)])
    Succession.objects.bulk_create(
        Succession(
            predecessor=units[p.code], successor=units[p.successor_code], kind=SuccessionKind.TRANSFER, on=p.closed_on
        )
        for p in planned
        if p.successor_code and p.closed_on
    )
    roll()
    return units


_ENGLISH_ENDINGS = {
    " Provincial Federation of Labour": " Province",
    " City Federation of Labour": " City",
    " District Federation of Labour": " District",
    " Town Federation of Labour": " Town",
    " Grassroots Trade Union": "",
}


def _short_english(name: str) -> str:
    """Return the short English name of a federation or a grassroots union; empty for units that have none."""
    for ending, short in _ENGLISH_ENDINGS.items():
        if name.endswith(ending):
            return (name.removesuffix(ending) + short)[:100]
    return ""


def _make_clusters(planned: Sequence[PlannedUnit], units: dict[str, Unit]) -> None:
    """Write the clusters and blocks of 2022 and who competes in them."""
    rows = read_rows("clusters_2022.csv")
    clusters = {
        r["code"]: Cluster(
            code=r["code"],
            name_vi=r["name_vi"],
            name_en=r["name_en"],
            short_vi=_CLUSTER_SHORT[r["code"]][0],
            short_en=_CLUSTER_SHORT[r["code"]][1],
            is_block=r["kind"] == "block",
            position=position,
        )
        for position, r in enumerate(rows, start=1)
    }
    Cluster.objects.bulk_create(clusters.values())
    ClusterMembership.objects.bulk_create(
        ClusterMembership(
            cluster=clusters[p.cluster_code], unit=units[p.code], since=date(2021, 12, 15), until=p.closed_on
        )
        for p in planned
        if p.cluster_code
    )


def _make_programme(owner: Unit) -> Programme:
    """Write the programme, its phase 1 and its drive, and the phase in which visitors of the demo can submit."""
    programme = Programme.objects.create(
        code=PROGRAMME_CODE,
        name_vi="1 triệu sáng kiến - nỗ lực vượt khó, sáng tạo, quyết tâm chiến thắng đại dịch Covid-19",
        name_en="1 million initiatives: overcoming hardship, creative, determined to defeat the Covid-19 pandemic",
        owner=owner,
        starts_at=clock.start_of_day(date(2021, 12, 15)),
        ends_at=clock.start_of_day(date(2100, 1, 1)),
        notice_vi=(
            "Dữ liệu minh họa: số liệu giai đoạn 1 của toàn quốc, bốn nhóm tác giả và các đơn vị đã công bố được dựng "
            "lại đúng đến từng sáng kiến; nội dung, tên người và số liệu chưa có nguồn là do chúng tôi đặt ra."
        ),
        notice_en=(
            "Demonstration data: the published phase 1 figures of the country, the four categories and some units are "
            "reproduced to the last initiative; texts, names of people and figures without a source are made up."
        ),
    )
    install_standard_rules(programme, at=programme.starts_at)
    window = {"applied_from": date(2021, 9, 1)}
    phase = Phase.objects.create(
        programme=programme,
        number=1,
        name_vi="Giai đoạn 1",
        name_en="Phase 1",
        opens_at=clock.start_of_day(date(2022, 1, 8)),
        closes_at=clock.start_of_day(date(2022, 6, 1)),
        applied_until=date(2023, 9, 1),
        **window,
    )
    Phase.objects.create(
        programme=programme,
        number=DEMO_PHASE,
        name_vi="Giai đoạn dùng thử",
        name_en="Demo phase",
        opens_at=clock.start_of_day(date(2024, 1, 1)),
        closes_at=clock.start_of_day(date(2100, 1, 1)),
        applied_until=date(2099, 12, 31),
        **window,
    )
    programme.headline_phase = phase
    programme.save(update_fields=["headline_phase"])
    Campaign.objects.create(
        programme=programme,
        name_vi="Thi đua cao điểm 40 ngày",
        name_en="40-day peak drive",
        starts_at=clock.start_of_day(date(2022, 4, 22)),
        ends_at=clock.start_of_day(date(2022, 6, 1)),
    )
    return programme


def _make_targets(planned: Sequence[PlannedTarget], units: dict[str, Unit], programme: Programme) -> None:
    """Write the targets; each is closed by the next of the same unit, phase and basis."""
    phases = {p.number: p for p in programme.phases.all()}
    actor = system_actor(LOADER)
    next_at: dict[tuple[str, int | None, str], datetime] = {}
    rows = []
    for p in sorted(planned, key=lambda p: p.effective_at, reverse=True):
        key = (p.unit_code, p.phase, p.basis)
        rows.append(
            Target(
                programme=programme,
                phase=phases[p.phase] if p.phase else None,
                unit=units[p.unit_code],
                basis=p.basis,
                value=p.value,
                effective_at=p.effective_at,
                closed_at=next_at.get(key),
                recorded_at=p.effective_at,
                recorded_by=actor,
                reason=p.reason_vi,
                document=p.document,
            )
        )
        next_at[key] = p.effective_at
    Target.objects.bulk_create(reversed(rows))


def _make_accounts(planned: Sequence[PlannedUnit], units: dict[str, Unit]) -> None:
    """Write the demo accounts: members in a grassroots union of their unit, officers with role and app; and others."""
    since = datetime(2022, 1, 1, tzinfo=UTC)
    granter = system_actor(LOADER)
    password = make_password(PASSWORD)  # hashed once: it is the same for all, and hashing is slow on purpose
    for account in ACCOUNTS:
        person = Person.objects.create(username=account.username, password=password, full_name=account.full_name)
        unit = units[account.unit_code]
        if account.role is None:
            home = units[home_of(planned, account.unit_code).code]
            Membership.objects.create(person=person, unit=home, since=since.date())
        else:
            RoleGrant.objects.create(person=person, unit=unit, role=account.role, since=since, granted_by=granter)
            secret = {"secret": encrypt(demo_secret(account.username))}
            Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=secret)
    for username, full_name in OTHERS:
        Person.objects.create_user(username, full_name=full_name)
