"""The map of provinces and cities, coloured by progress towards a target."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DATA: Final = Path(__file__).with_name("vietnam.json")

# The lowest progress of each class in percent; the classes split at 100%.
CLASSES: Final[tuple[tuple[int, str, str | Promise], ...]] = (
    (250, "m5", _("250% and more")),
    (150, "m4", _("150% to less than 250%")),
    (100, "m3", _("100% to less than 150%")),
    (75, "m2", _("75% to less than 100%")),
    (0, "m1", _("less than 75%")),
)
NO_TARGET: Final[tuple[str, str | Promise]] = ("m0", _("no target"))


@dataclass(frozen=True, slots=True)
class Province:
    """One province: its shape, its colour and what a pointer over it says."""

    path: str
    fill: str
    name: str
    progress: Decimal | None


@dataclass(frozen=True, slots=True)
class MapClass:
    """A line of the legend: how many provinces have this colour."""

    fill: str
    text: str | Promise
    count: int


@dataclass(frozen=True, slots=True)
class ProvinceMap:
    """The map with its legend. The islands are always drawn and named."""

    width: int
    height: int
    provinces: tuple[Province, ...]
    islands: tuple[tuple[int, int], ...]
    legend: tuple[MapClass, ...]


@lru_cache(maxsize=1)
def _shapes() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return data


def fill_for(progress: Decimal | None) -> str:
    """Return the class of the colour for progress in percent; None: there is no target."""
    if progress is None:
        return NO_TARGET[0]
    return next(fill for lowest, fill, _text in CLASSES if progress >= lowest)


def province_map(progress: Iterable[tuple[str, str, Decimal | None]]) -> ProvinceMap:
    """Return the map for (ISO 3166-2 code, name, progress in percent) of each province.

    A shape without a province is drawn blank; a province without a shape counts in the legend nonetheless.
    """
    shapes = _shapes()
    given = list(progress)
    by_code = {code: (name, value) for code, name, value in given}
    provinces = tuple(
        Province(path, fill_for(by_code[code][1]) if code in by_code else NO_TARGET[0], *by_code.get(code, ("", None)))
        for code, path in shapes["provinces"].items()
    )
    return ProvinceMap(
        width=shapes["width"],
        height=shapes["height"],
        provinces=provinces,
        islands=tuple((x, y) for x, y in shapes["islands"]),
        legend=_legend([fill_for(value) for _code, _name, value in given]),
    )


def _legend(fills: Sequence[str]) -> tuple[MapClass, ...]:
    lines = [MapClass(fill, text, fills.count(fill)) for _lowest, fill, text in CLASSES]
    if NO_TARGET[0] in fills:
        lines.append(MapClass(*NO_TARGET, fills.count(NO_TARGET[0])))
    return tuple(lines)
