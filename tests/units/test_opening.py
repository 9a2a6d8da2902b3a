"""Opening, closing and renaming one unit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.models import Person
from sangkien.units.actions import close_unit, open_unit, rename_unit
from sangkien.units.models import ClusterMembership, FormerName, Role, Unit, UnitKind
from sangkien.units.previews import preview_close
from sangkien.units.queries import clusters_of, former_names, get_unit, search_units
from tests.factories import World, grant, make_person, make_unit, make_world
from tests.units.trees import assert_rolled

ON = date(2025, 7, 1)
DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def today() -> date:
    return clock.day_of(clock.now())


def now(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


# --- opening ------------------------------------------------------------------------------------------------------


def test_a_unit_opens_below_another_with_the_next_code(world: World, admin: Person) -> None:
    opened = open_unit(
        actor=admin,
        parent=world.districts[0],
        kind=UnitKind.GRASSROOTS_UNION,
        name_vi="  CĐCS  Trường Chu Văn An ",
        short_en="Chu Van An",
        members=52,
    )
    assert (opened.code, opened.name_vi, opened.name_en) == ("HNI-001-0002", *["CĐCS Trường Chu Văn An"] * 2)
    assert (opened.opened_on, opened.members, opened.path[:-1]) == (today(), 52, world.districts[0].path)
    assert search_units("chu van an", open_on=today()) == [opened] == search_units("hni 001 0002")
    assert AuditEntry.objects.get(action="open_unit").unit_path == opened.path
    assert_rolled()


def test_upper_and_lowest_units_are_numbered_apart(world: World, admin: Person) -> None:
    union = world.unions[0]
    codes = [
        open_unit(actor=admin, parent=union, kind=kind, name_vi=f"Đơn vị {number}").code
        for number, kind in enumerate(
            [UnitKind.GRASSROOTS_UNION, UnitKind.ZONE_UNION, UnitKind.OCCUPATIONAL_UNION, UnitKind.LOCAL_SECTOR_UNION]
        )
    ]
    assert codes == ["HNI-0001", "HNI-002", "HNI-0002", "HNI-003"]


def test_numbers_go_on_beyond_their_digits(world: World, admin: Person) -> None:
    make_unit("HNI-999", world.unions[0])
    codes = [
        open_unit(actor=admin, parent=world.unions[0], kind=UnitKind.ZONE_UNION, name_vi=f"Khu {n}").code
        for n in ("một", "hai")
    ]
    assert codes == ["HNI-1000", "HNI-1001"]


def test_what_makes_no_sense_is_not_opened(world: World, admin: Person) -> None:
    closed = make_unit("DONG", world.top, closed_on=date(2024, 1, 1))
    good: dict[str, object] = {"parent": world.districts[0], "kind": "grassroots_union", "name_vi": "CĐCS Mới"}
    cases: list[tuple[dict[str, object], str, str]] = [
        ({"parent": closed}, "closed", "parent"),
        ({"kind": "provincial_federation"}, "wrong_kind", "kind"),
        ({"kind": "confederation"}, "wrong_kind", "kind"),
        ({"kind": "nonsense"}, "kind_needed", "kind"),
        ({"name_vi": "\u200b "}, "no_name", "name_vi"),
        ({"name_vi": "x" * 201}, "too_long", "name_vi"),
        ({"name_en": "x" * 201}, "too_long", "name_en"),
        ({"short_vi": "x" * 101}, "too_long", "short_vi"),
        ({"name_vi": "công đoàn cơ sở CÔNG TY HNI-001"}, "unit_exists", "name_vi"),
        ({"members": -1}, "bad_members", "members"),
        ({"opened_on": today() + DAY}, "future", "opened_on"),
    ]
    count = Unit.objects.count()
    for changes, code, field in cases:
        with pytest.raises(InvalidInput) as refused:
            open_unit(actor=admin, **(good | changes))  # type: ignore[arg-type]
        assert (code, field) in [(error.code, error.field) for error in refused.value.errors]
    assert Unit.objects.count() == count


def test_who_administers_a_unit_opens_others_below_it_and_nowhere_else(world: World) -> None:
    inside = make_person()
    grant(inside, world.unions[0], Role.UNIT_ADMINISTRATOR)
    kind = UnitKind.GRASSROOTS_UNION
    assert open_unit(actor=inside, parent=world.districts[0], kind=kind, name_vi="CĐCS Mới").pk
    for parent in (world.top, world.districts[1]):
        with pytest.raises(NotAllowed):
            open_unit(actor=inside, parent=parent, kind=kind, name_vi="CĐCS Mới")


# --- closing ------------------------------------------------------------------------------------------------------


def test_a_unit_closes_and_leaves_its_cluster_and_keeps_its_history(world: World, admin: Person) -> None:
    union = make_unit("CDX", world.top, kind=UnitKind.CORPORATION_UNION)
    ClusterMembership.objects.create(cluster=world.clusters[0], unit=union, since=date(2020, 1, 1))
    assert preview_close(union, ON).units_closing == 1
    close_unit(actor=admin, unit=union, on=ON, reason="Giải thể", document="QĐ 12/2025")
    closed = get_unit("CDX")
    assert closed.closed_on == ON
    assert ClusterMembership.objects.get(unit=union).until == ON
    assert clusters_of([closed], today()) == {union.pk: world.clusters[0]}
    details = AuditEntry.objects.get(action="close_unit").details
    assert details == {"on": "2025-07-01", "reason": "Giải thể", "document": "QĐ 12/2025"}
    assert_rolled()


@pytest.mark.parametrize(
    ("which", "changes", "code"),
    [
        ("districts", {}, "open_below"),
        ("grassroots", {"on": date(1999, 1, 1)}, "not_yet_open"),
        ("grassroots", {"on": date(2999, 1, 1)}, "future"),
        ("grassroots", {"reason": ""}, "reason_needed"),
    ],
)
def test_what_cannot_close_stays_open(
    world: World, admin: Person, which: str, changes: dict[str, object], code: str
) -> None:
    unit: Unit = getattr(world, which)[0]
    asked = {"on": ON, "reason": "Giải thể"} | changes
    with pytest.raises(InvalidInput) as refused:
        close_unit(actor=admin, unit=unit, **asked)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert now(unit).closed_on is None


def test_nobody_closes_the_unit_that_they_only_run(world: World) -> None:
    inside = make_person()
    grant(inside, world.grassroots[0], Role.UNIT_ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        close_unit(actor=inside, unit=world.grassroots[0], on=ON, reason="Giải thể")


# --- renaming -----------------------------------------------------------------------------------------------------


def rename(actor: Person, unit: Unit, name: str, **more: object) -> Unit:
    return rename_unit(actor=actor, unit=unit, **({"name_vi": name, "name_en": "", "reason": "Đổi tên"} | more))  # type: ignore[arg-type]


def test_a_unit_is_found_by_its_old_names_and_keeps_its_code(world: World, admin: Person) -> None:
    union = world.grassroots[0]
    Unit.objects.filter(pk=union.pk).update(short_vi="CĐ Cũ", other_names=["Nhà máy 7"])
    rename(admin, union, "CĐCS Công ty Thăng Long", since=ON)
    rename(admin, union, "CĐCS Công ty Đông Đô", short_vi="CĐ Đông Đô")
    renamed = now(union)
    assert (renamed.code, renamed.name_vi) == ("HNI-001-0001", "CĐCS Công ty Đông Đô")
    for words in ("ty dong do", "thăng long", "cong ty hni", "cđ cũ", "nha may 7", "hni-001-0001"):
        assert search_units(words) == [renamed]
    names = [(former.name_vi, former.until) for former in former_names(renamed)]
    assert names == [("CĐCS Công ty Thăng Long", today()), ("CĐCS Công ty HNI-001", ON)]
    assert [entry.details["after"] for entry in AuditEntry.objects.order_by("pk")][-1] == "CĐCS Công ty Đông Đô"


def test_a_name_that_comes_back_is_no_other_name(world: World, admin: Person) -> None:
    first = world.grassroots[0].name_vi
    rename(admin, world.grassroots[0], "CĐCS Công ty Thăng Long")
    rename(admin, world.grassroots[0], first)
    assert now(world.grassroots[0]).other_names[0] == "CĐCS Công ty Thăng Long"
    assert first not in now(world.grassroots[0]).other_names


def test_a_name_that_makes_no_sense_is_refused(world: World, admin: Person) -> None:
    union = world.grassroots[0]
    make_unit("HNI-001-0002", world.districts[0], name_vi="CĐCS Công ty Đông Đô")
    closed = make_unit("HNI-001-0003", world.districts[0], closed_on=date(2024, 1, 1))
    cases: list[tuple[Unit, str, dict[str, object], str]] = [
        (union, union.name_vi, {"name_en": union.name_en}, "unchanged"),
        (union, "CĐCS công ty Đông Đô", {}, "unit_exists"),
        (union, "", {}, "no_name"),
        (union, "CĐCS Mới", {"reason": ""}, "reason_needed"),
        (union, "CĐCS Mới", {"since": today() + DAY}, "future"),
        (union, "CĐCS Mới", {"since": date(1999, 1, 1)}, "too_early"),
        (closed, "CĐCS Mới", {}, "closed"),
    ]
    for unit, name, more, code in cases:
        with pytest.raises(InvalidInput) as refused:
            rename(admin, unit, name, **more)
        assert code in [error.code for error in refused.value.errors]
    assert not FormerName.objects.exists()


def test_who_administers_a_unit_renames_it_and_not_the_one_beside(world: World) -> None:
    inside = make_person()
    grant(inside, world.grassroots[0], Role.UNIT_ADMINISTRATOR)
    assert rename(inside, world.grassroots[0], "CĐCS Mới").name_vi == "CĐCS Mới"
    with pytest.raises(NotAllowed):
        rename(inside, world.grassroots[1], "CĐCS Mới")
