"""Bars: progress towards a target, shares, the stacked bar of the categories and the ruler of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHORTEST_SCALE: Final = 300
LONGEST_SCALE: Final = 600


def at(share: float) -> str:
    """Write a position for an attribute: 0.5 is "50%". Never in the reader's notation: SVG knows only the dot."""
    return f"{round(share * 100, 2):g}%"


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale that all bars of one table share: from zero to ``end`` percent of the target.

    ``end`` is 300, 400, 500 or 600, so that the best units still differ in length; only what passes 600% is cut.
    """

    end: int = SHORTEST_SCALE

    @property
    def hundred(self) -> str:
        """Where 100% stands."""
        return at(100 / self.end)

    @property
    def name(self) -> str:
        """The class that tells the style sheet where 100% stands."""
        return f"scale-{self.end // 100}"


def scale_for(values: Iterable[Decimal | None]) -> Scale:
    """Return the shortest scale on which every one of ``values`` (percent) has its full length, up to 600%."""
    most = max((value for value in values if value is not None), default=Decimal(0))
    rounded_up = ceil(most / 100) * 100
    return Scale(min(max(rounded_up, SHORTEST_SCALE), LONGEST_SCALE))


def progress_bar(value: Decimal | None, label: str, scale: Scale = Scale()) -> SafeString:
    """Draw progress of ``value`` percent: blue once the target is reached, stone before; 100% marked in red.

    A bar longer than the scale is cut, with a gap near its end. Without a target (None) there is no bar.
    """
    if value is None:
        return mark_safe("")
    is_cut = value > scale.end
    cut = mark_safe('<line class="cut" x1="94%" x2="94%" y1="-2" y2="14"/>') if is_cut else ""
    return format_html(
        '<svg class="bar" role="img" aria-label="{}"><rect class="{}" width="{}" height="100%"/>{}'
        '<line class="tick-h" x1="{}" x2="{}" y1="0" y2="12"/>'
        '<line class="tick" x1="{}" x2="{}" y1="-4" y2="16"/></svg>',
        label,
        "f-blue" if value >= 100 else "f-stone",
        at(min(float(value) / scale.end, 1)),
        cut,
        *(scale.hundred,) * 4,
    )


def share_bar(value: int, largest: int, label: str) -> SafeString:
    """Draw ``value`` as a part of the ``largest`` one of its table, whose bar has the full length."""
    return format_html(
        '<svg class="bar" role="img" aria-label="{}"><rect class="f-blue" width="{}" height="100%"/></svg>',
        label,
        at(value / largest if largest else 0),
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a stacked bar: where it begins, how wide it is, and the classes of its fill and of its swatch."""

    x: str
    width: str
    fill: str
    swatch: str


FILLS: Final = ("f-blue", "f-mid", "f-soft", "f-stone")


def slices(counts: Sequence[int]) -> list[Slice]:
    """Return the parts of a stacked bar for up to four counts, in their order; nothing of nothing."""
    whole = sum(counts)
    begun = 0
    parts = []
    for place, count in enumerate(counts):
        fill = FILLS[place % len(FILLS)]
        share = count / whole if whole else 0
        start = begun / whole if whole else 0
        parts.append(Slice(at(start), at(share), fill, f"b-{place % len(FILLS) + 1}"))
        begun += count
    return parts


@dataclass(frozen=True, slots=True)
class Ruler:
    """A count against the target of the programme, with that of a phase marked on the way.

    ``phase_at`` is empty if the phase has no target or a larger one than the ruler is long; ``label_class`` puts the
    words under the mark, to the left of it by at most a twentieth.
    """

    filled: str
    phase_at: str
    phase_label_inside: bool
    target_at: str
    label_class: str


def ruler(count: int, target: int, phase_target: int | None) -> Ruler:
    """Return the ruler for ``count`` of ``target``; it is as long as the larger of the two."""
    length = max(count, target)
    on_it = phase_target is not None and phase_target < length
    share = (phase_target or 0) / length if on_it else 0
    return Ruler(
        filled=at(count / length),
        phase_at=at(share) if on_it else "",
        phase_label_inside=share > 0.2,
        target_at=at(target / length),
        label_class=f"at-{min(int(share * 20) * 5, 60)}",
    )
