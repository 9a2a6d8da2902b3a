"""The moment that a page is asked for: ``?den=24h00 31/5/2022``, and the moments worth offering beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.programmes.models import Campaign, Phase, Programme
from sangkien.tally import queries as tally
from sangkien.tally.figures import Moments, Tree

PARAMETER = "den"
TREE = "cay"
TODAY = "hom-nay"
"""The value of ``?cay=`` for figures under today's tree."""
IN_FUTURE = "as_of_in_future"


@dataclass(frozen=True, slots=True)
class AsOf:
    """Which moment a page shows.

    ``text`` is what stands in the field: what was typed, or the moment shown. ``error`` says in words why that
    cannot be shown; the figures are then those of the newest moment, and ``status`` is 400 or 422 instead of 200.
    ``tree`` is the tree of units that a page which offers a choice adds up by (``public.trees``).
    """

    moments: Moments
    text: str
    error: str = ""
    status: int = 200
    is_chosen: bool = False
    tree: Tree = Tree.THEN

    @property
    def query(self) -> str:
        """What links to other pages carry so that they show the same moment and tree; empty for the newest one."""
        carried = {PARAMETER: written(self.moments.as_of)} if self.is_chosen else {}
        if self.tree is Tree.TODAY:
            carried[TREE] = TODAY
        return "?" + urlencode(carried) if carried else ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A moment worth offering: what it is called, how it is written in an address, whether it is the one shown."""

    text: str | Promise
    value: str
    is_current: bool


def read(query: QueryDict, programme: Programme) -> AsOf:
    """Return the moment that a page is asked for. Never raises: what cannot be read leads to the newest moment."""
    typed = query.get(PARAMETER, "").strip()
    if not typed:
        newest = tally.moments(programme)
        return AsOf(newest, written(newest.as_of))
    try:
        chosen = tally.moments(programme, clock.parse_moment(typed))
    except InvalidInput as error:
        status = 400 if isinstance(error, clock.MomentError) else 422
        return AsOf(tally.moments(programme), typed, str(error), status)
    return AsOf(chosen, typed, is_chosen=True)


def read_since(
    query: QueryDict, parameter: str, programme: Programme, moments: Moments
) -> tuple[datetime | None, str, str]:
    """Return (moment to compare with or None for the usual one, what stands in the field, error in words)."""
    typed = query.get(parameter, "").strip()
    if not typed:
        return None, "", ""
    try:
        since = clock.parse_moment(typed)
    except InvalidInput as error:
        return None, typed, str(error)
    if not programme.starts_at <= since < moments.as_of:
        return None, typed, str(_("Choose a moment after the programme began and before the one that the board shows."))
    return since, typed, ""


def written(moment: datetime) -> str:
    """Write a moment as the field takes it, whatever the language of the page: 24h00 31/5/2022."""
    return clock.format_cutoff(moment)


def presets(asof: AsOf, phases: list[Phase], campaigns: list[Campaign]) -> list[Preset]:
    """Return the moments worth offering, in time: before each drive, the close of each phase, and now."""
    offers: list[tuple[datetime, str | Promise]] = [
        (campaign.starts_at, _("Before the drive: %(moment)s") % {"moment": written(campaign.starts_at)})
        for campaign in campaigns
    ]
    offers += [(phase.closes_at, _("Close of phase %(number)d") % {"number": phase.number}) for phase in phases]
    past = sorted((offer for offer in offers if offer[0] <= asof.moments.published), key=lambda offer: offer[0])
    chosen = [Preset(text, written(at), asof.is_chosen and at == asof.moments.as_of) for at, text in past]
    return [*chosen, Preset(_("Now"), "", not asof.is_chosen)]
