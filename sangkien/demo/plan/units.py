"""The tree of phase 1: confederation, 83 direct unions, their upper-level unions, grassroots unions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import sqrt
from random import Random

from sangkien.demo.plan import names
from sangkien.demo.plan.model import CATEGORIES, PlannedUnit
from sangkien.demo.plan.reference import apportion, read_rows, scaled
from sangkien.demo.plan.uppers import OPENED_ON, SHIPBUILDING, new_unit, upper_units

TRANSFER_ON = date(2022, 4, 1)
SHIPBUILDING_NOW = "CDGTVT-CNTT"

GRASSROOTS_TOTAL = 19_600
THA_SORTS = {"commune": (559, 15_609), "school": (1_974, 52_356), "company": (736, 206_100)}
"""Thanh Hóa's grassroots unions by sort: how many, and their members, as published."""
THA_OTHERS = (386, 34_533)
MEMBERS = {"THA": 308_598, "HUG": 36_313}

OTHER_NAMES = {
    "TLD": ("Tổng Liên đoàn", "TLĐ", "VGCL"),
    "HNI": ("LĐLĐ Thủ đô", "LĐLĐ thành phố Hà Nội", "LĐLĐ Hà Nội"),
    "HCM": ("LĐLĐ thành phố Hồ Chí Minh", "LĐLĐ TPHCM", "LĐLĐ Sài Gòn"),
    "TTH": ("LĐLĐ tỉnh Thừa Thiên - Huế",),
    "BRV": ("LĐLĐ tỉnh Bà Rịa – Vũng Tàu", "LĐLĐ BR-VT"),
    "DLK": ("LĐLĐ tỉnh Đắc Lắc", "LĐLĐ tỉnh Đăk Lăk"),
    "DNO": ("LĐLĐ tỉnh Đắc Nông", "LĐLĐ tỉnh Đăk Nông"),
    "CDTKV": ("CĐ TKV", "Công đoàn TKV"),
    "CDDL": ("CĐ Điện lực Việt Nam", "CĐ EVN"),
    "CDDK": ("CĐ Dầu khí Việt Nam", "CĐ PVN"),
    "CDTTTT": ("CĐ Thông tin và Truyền thông Việt Nam", "CĐ TT&TT"),
    "CDNN": ("CĐ NN và PTNT VN", "CĐ Nông nghiệp và PTNT"),
    "CDQP": ("Công đoàn Quân đội", "Ban Công đoàn Quốc phòng"),
    "CDHK": ("CĐ Vietnam Airlines",),
    "CDHH": ("CĐ Vinalines", "CĐ Hàng hải VN"),
    "CDCNTT": ("CĐ Vinashin", "CĐ SBIC"),
}

_INDUSTRIAL = {"HNI", "HCM", "HPG", "BNH", "BGG", "BDG", "DNI", "HDG", "LAN", "TNN", "VPC", "BRV", "TNH"}
_MEMBERS_OF_SORT = {"school": (18, 44), "commune": (16, 42), "office": (15, 90), "union_office": (8, 30)}


def _other_names(code: str, short: str) -> tuple[str, ...]:
    spelling = names.other_spelling(short)
    return OTHER_NAMES.get(code, ()) + ((spelling,) if spelling else ())


def direct_units() -> list[PlannedUnit]:
    """Return the confederation and its 83 direct unions, as the reference data has them."""
    units = []
    for row in read_rows("units_2022.csv"):
        code = row["code"]
        closed = code == SHIPBUILDING
        units.append(
            PlannedUnit(
                code=code,
                parent_code=row["parent_code"] or None,
                kind=row["kind"],
                name_vi=row["name_vi"],
                name_en=row["name_en"],
                short_vi=row["short_vi"],
                other_names=_other_names(code, row["short_vi"]),
                cluster_code=row["cluster_code"] or None,
                members=MEMBERS.get(code),
                opened_on=OPENED_ON,
                closed_on=TRANSFER_ON if closed else None,
                successor_code=row["successor_code"] or None,
                category=None,
                invented=False,
            )
        )
    return units


def demo_members() -> dict[str, float]:
    """Return invented members, in thousands, of each direct unit: weights for the demo, never a fact."""
    return {
        row["code"]: float(row["members_demo_thousand"])
        for row in read_rows("units_2022.csv")
        if row["members_demo_thousand"]
    }


def _sorts(profile: dict[str, int], count: int, industrial: bool) -> list[str]:
    """Return how the grassroots unions of one upper-level union divide into sorts of workplace."""
    weights = {sort: weight * (1.8 if industrial and sort == "company" else 1) for sort, weight in profile.items()}
    parts = apportion(count, list(weights.values()))
    return [sort for sort, part in zip(weights, parts, strict=True) for _ in range(part)]


def _tha_sorts(uppers: list[tuple[PlannedUnit, dict[str, int]]], total: int) -> list[list[str]]:
    """Divide Thanh Hóa's grassroots unions over its districts and sectors so that the published sums hold."""
    known = {sort: count for sort, (count, _members) in THA_SORTS.items()}
    sums = apportion(total, [*known.values(), THA_OTHERS[0]])
    result: list[list[str]] = [[] for _ in uppers]
    districts = [i for i, (unit, _) in enumerate(uppers) if unit.kind == "district_federation"]
    zones = [i for i, (unit, _) in enumerate(uppers) if unit.kind == "zone_union"]

    def spread(sort: str, count: int, where: list[int], weights: list[float]) -> None:
        for position, part in zip(where, apportion(count, weights), strict=True):
            result[position].extend([sort] * part)

    uneven = [1.0 + (i * 7 % 11) / 10 for i in districts]
    spread("commune", sums[0], districts, uneven)
    spread("school", sums[1], districts, uneven)
    spread("company", sums[2], districts + zones, [*uneven, *([9.0] * len(zones))])
    others: list[tuple[int, str]] = []
    for position, (unit, profile) in enumerate(uppers):
        if unit.kind == "district_federation":
            others += [(position, s) for s in ("union_office", "health", "office", "public", "office")]
        elif unit.kind != "zone_union":
            others += [(position, s) for s in _sorts(profile, 120, False)]
    step = max(1.0, len(others) / sums[3]) if sums[3] else 1.0
    for number in range(sums[3]):
        position, sort = others[int(number * step) % len(others)]
        result[position].append(sort)
    return result


def _members(rng: Random, sort: str) -> int:
    low, high = _MEMBERS_OF_SORT.get(sort, (30, 160))
    drawn = rng.random()
    if sort in ("company", "plant", "telecom", "bank", "shipyard"):
        return 25 + int(1600 * drawn * drawn * drawn)
    return low + int((high - low) * drawn)


def _grassroots(
    upper: PlannedUnit, sorts: list[str], rng: Random, sums: dict[str, list[int]] | None
) -> Iterator[PlannedUnit]:
    """Yield the grassroots unions below one union; `sums` holds members to hand out by sort, if published."""
    taken: set[str] = set()
    communes: set[str] = set()
    places = [names.place(rng, communes) for _ in range(max(3, len(sorts) // 5))]
    for number, sort in enumerate(sorts, start=1):
        if sort == "union_office" and number == 1:
            vi, en = f"Cơ quan {upper.short_vi}", f"Office of {upper.name_en}"
        else:
            vi, en = names.workplace(rng, sort, places, taken)
        members = _members(rng, sort)
        if sums is not None:
            members = sums[sort if sort in THA_SORTS else "other"].pop()
        yield replace(
            new_unit(
                f"{upper.code}-{number:04d}",
                upper,
                "grassroots_union",
                f"CĐCS {vi}",
                f"{en} Grassroots Trade Union",
            ),
            members=members,
            category=CATEGORIES[names.WORKPLACES[sort][0]],
        )


def _tha_members(sorts: list[list[str]], rng: Random) -> dict[str, list[int]]:
    """Return members for each grassroots union of Thanh Hóa by sort, adding up to the published sums."""
    flat = [sort if sort in THA_SORTS else "other" for part in sorts for sort in part]
    sums: dict[str, list[int]] = {}
    for sort, (_count, members) in {**THA_SORTS, "other": THA_OTHERS}.items():
        count = flat.count(sort)
        weights = [20.0 + _members(rng, sort) for _ in range(count)]
        sums[sort] = apportion(members, weights) if count else []
    return sums


def _grassroots_counts(direct: list[PlannedUnit], sizes: dict[str, float], scale: float) -> dict[str, int]:
    tha = THA_OTHERS[0] + sum(count for count, _ in THA_SORTS.values())
    others = [unit.code for unit in direct if unit.parent_code and unit.code not in ("THA", SHIPBUILDING)]
    parts = apportion(GRASSROOTS_TOTAL - tha, [sqrt(sizes[code]) for code in others])
    counts = dict(zip(others, parts, strict=True)) | {"THA": tha, SHIPBUILDING: 12}
    return {code: scaled(count, scale, least=1) for code, count in counts.items()}


def _shipbuilding(direct: dict[str, PlannedUnit], count: int, rng: Random) -> list[PlannedUnit]:
    """Return the shipbuilders' unions before their transfer of 1/4/2022 and, reopened, after it."""
    before = direct[SHIPBUILDING]
    now = new_unit(
        SHIPBUILDING_NOW,
        direct["CDGTVT"],
        "upper_level_union",
        "Công đoàn Tổng công ty Công nghiệp Tàu thủy",
        "Shipbuilding Industry Corporation Trade Union",
    )
    now = replace(now, short_vi="CĐ TCT Công nghiệp Tàu thủy", opened_on=TRANSFER_ON, invented=False)
    units = [now]
    for old in _grassroots(before, ["shipyard"] * count, rng, None):
        new_code = SHIPBUILDING_NOW + old.code.removeprefix(SHIPBUILDING)
        units.append(replace(old, closed_on=TRANSFER_ON, successor_code=new_code))
        units.append(replace(old, code=new_code, parent_code=now.code, opened_on=TRANSFER_ON))
    return units


def plan_units(scale: float) -> list[PlannedUnit]:
    """Return all units of the demo, parents before children; about 20,600 at full scale.

    The upper levels are the same at every scale; grassroots unions grow fewer, but about one stays below
    every upper-level union.
    """
    rng = Random("units")
    sizes = demo_members()
    direct = direct_units()
    counts = _grassroots_counts(direct, sizes, scale)
    uppers_of: dict[str, list[tuple[PlannedUnit, dict[str, int]]]] = {}
    for unit in direct[1:]:
        uppers_of[unit.code] = upper_units(unit, sizes[unit.code], rng)
    units = direct + [upper for uppers in uppers_of.values() for upper, _ in uppers]
    for code, uppers in uppers_of.items():
        if not uppers:
            continue
        total = max(counts[code], len(uppers))
        sums = None
        if code == "THA":
            sorts = _tha_sorts(uppers, total)
            sums = _tha_members(sorts, rng)
        else:
            sorts = []
            weights = [0.6 + rng.random() for _ in uppers]
            for (upper, profile), extra in zip(uppers, apportion(total - len(uppers), weights), strict=True):
                head = ["union_office"] if upper.kind == "district_federation" and extra else []
                mix = _sorts(profile, 1 + extra - len(head), code in _INDUSTRIAL)
                sorts.append(head + mix)
        for (upper, _profile), part in zip(uppers, sorts, strict=True):
            units.extend(_grassroots(upper, part, rng, sums))
    units.extend(_shipbuilding({unit.code: unit for unit in direct}, counts[SHIPBUILDING], rng))
    return units
