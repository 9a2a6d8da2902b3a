"""How the flags of an initiative are drawn: what an officer should look at before deciding."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from sangkien.initiatives.models import Flag

LOOKS: dict[Flag, tuple[str, str]] = {
    Flag.ELIGIBILITY: ("tag-no", "cal"),
    Flag.NO_DOCUMENT: ("tag-fix", "file"),
    Flag.LARGE_BENEFIT: ("tag-wait", "money"),
    Flag.OBJECTED: ("tag-no", "warn"),
}


@dataclass(frozen=True, slots=True)
class FlagTag:
    """One flag: its words, class of the tag and icon."""

    label: str | Promise
    look: str
    icon: str


def tags_of(flags: int) -> list[FlagTag]:
    """Return the flags that are set, as tags."""
    return [FlagTag(flag.label, *LOOKS[flag]) for flag in Flag if flags & flag]
