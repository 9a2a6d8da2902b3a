"""The unions between the direct ones and the grassroots: districts, sectors, zones, companies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import sqrt
from random import Random

from sangkien.demo.plan import names
from sangkien.demo.plan.model import PlannedUnit
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.plan.structure import CENTRAL, DISTRICT, REAL_SUFFIX, SECTORS, TRADE_UNION_OF_INDUSTRY

OPENED_ON = date(2021, 1, 1)
"""Before anything the programme counts; the true founding days are not part of the demo."""
SHIPBUILDING = "CDCNTT"
"""The union that moved below CDGTVT on 1/4/2022; it has no upper-level unions of its own."""


def new_unit(code: str, parent: PlannedUnit, kind: str, vi: str, en: str) -> PlannedUnit:
    """Return an invented unit below another, open all the time; change what differs with `replace`."""
    spelling = names.other_spelling(vi)
    return PlannedUnit(
        code=code,
        parent_code=parent.code,
        kind=kind,
        name_vi=vi,
        name_en=en,
        short_vi=None,
        other_names=(spelling,) if spelling else (),
        cluster_code=None,
        members=None,
        opened_on=OPENED_ON,
        closed_on=None,
        successor_code=None,
        category=None,
        invented=True,
    )


def _real_uppers(parent: PlannedUnit) -> Iterator[tuple[PlannedUnit, dict[str, int]]]:
    for row in read_rows("districts_sample.csv"):
        if row["parent_code"] == parent.code:
            suffix = row["code"].rsplit("-", 1)[1]
            district = row["kind"] == "district_federation"
            profile = DISTRICT if district else REAL_SUFFIX.get(suffix, TRADE_UNION_OF_INDUSTRY)
            short = row["name_vi"].replace("Liên đoàn Lao động", "LĐLĐ").replace("Công đoàn", "CĐ")
            yield (
                replace(
                    new_unit(row["code"], parent, row["kind"], row["name_vi"], row["name_en"]),
                    short_vi=short,
                    invented=False,
                ),
                profile,
            )


def _province_uppers(parent: PlannedUnit, size: float, rng: Random) -> Iterator[tuple[PlannedUnit, dict[str, int]]]:
    count = min(14, 7 + int(sqrt(size) / 2.4))
    sectors = 1 if size < 35 else 2 if size < 90 else 3
    city = "thành phố" in parent.name_vi
    where = parent.name_vi.removeprefix("Liên đoàn Lao động ")
    where_en = parent.name_en.removesuffix(" City Federation of Labour").removesuffix(
        " Provincial Federation of Labour"
    )
    taken: set[str] = {where.removeprefix("tỉnh ").removeprefix("thành phố ")}
    for number in range(1, count - sectors + 1):
        name = names.place(rng, taken, three=rng.random() < 0.12)
        if city:
            kind_vi, kind_en = ("quận", "Urban District") if number <= count // 2 else ("huyện", "District")
        else:
            kind_vi, kind_en = {1: ("thành phố", "City"), 2: ("thị xã", "Town")}.get(number, ("huyện", "District"))
        yield (
            replace(
                new_unit(
                    f"{parent.code}-{number:03d}",
                    parent,
                    "district_federation",
                    f"Liên đoàn Lao động {kind_vi} {name}",
                    f"{names.ascii_of(name)} {kind_en} Federation of Labour",
                ),
                short_vi=f"LĐLĐ {kind_vi} {name}",
            ),
            DISTRICT,
        )
    for suffix, kind, vi, en, profile in SECTORS[:sectors]:
        name = vi.format(p=where)
        yield (
            replace(
                new_unit(
                    f"{parent.code}-{suffix}",
                    parent,
                    kind,
                    name,
                    en.format(p=where_en),
                ),
                short_vi=name.replace("Công đoàn", "CĐ"),
            ),
            profile,
        )


def _central_uppers(parent: PlannedUnit, size: float, rng: Random) -> Iterator[tuple[PlannedUnit, dict[str, int]]]:
    pattern, profile = CENTRAL[parent.code]
    taken: set[str] = set()
    for number in range(1, min(20, 6 + int(sqrt(size))) + 1):
        where = names.place(rng, taken)
        name = pattern.format(p=where)
        yield (
            replace(
                new_unit(
                    f"{parent.code}-{number:03d}",
                    parent,
                    "upper_level_union",
                    name,
                    f"{names.ascii_of(where)} Trade Union, under the {parent.name_en}",
                ),
                short_vi=name.replace("Công đoàn", "CĐ"),
            ),
            profile,
        )


def upper_units(parent: PlannedUnit, size: float, rng: Random) -> list[tuple[PlannedUnit, dict[str, int]]]:
    """Return the unions directly below a direct union with the mix of workplaces below each."""
    if parent.code == SHIPBUILDING:
        return []
    if parent.code in ("HNI", "HCM", "THA", "HUG"):
        return list(_real_uppers(parent))
    if parent.kind == "provincial_federation":
        return list(_province_uppers(parent, size, rng))
    return list(_central_uppers(parent, size, rng))
