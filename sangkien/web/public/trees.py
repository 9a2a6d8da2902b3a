"""Figures as they stood, or under today's tree: ``?cay=hom-nay``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from sangkien.programmes.models import Programme
from sangkien.tally.figures import Tree
from sangkien.units.models import Unit
from sangkien.units.today import is_reorganised, place_today
from sangkien.web import asof


@dataclass(frozen=True, slots=True)
class TreeChoice:
    """The switch of a page: whether it offers one (only where something has been reorganised), and how it stands."""

    is_offered: bool
    is_today: bool


def read(request: HttpRequest, programme: Programme) -> asof.AsOf:
    """Return the moment and the tree that a page is asked for; an unknown tree is the one that stood."""
    is_today = request.GET.get(asof.TREE, "").strip() == asof.TODAY
    return replace(asof.read(request.GET, programme), tree=Tree.TODAY if is_today else Tree.THEN)


def choice(unit: Unit, moment: asof.AsOf) -> TreeChoice:
    """Return the switch of a page about ``unit`` and those directly below it."""
    return TreeChoice(is_reorganised(unit), moment.tree is Tree.TODAY)


def page_today(request: HttpRequest, unit: Unit, tree: Tree) -> HttpResponseRedirect | None:
    """Return the way to the same page of what stands in the unit's place today, None if that is the unit itself."""
    if tree is Tree.THEN or unit.today_path[-1] == unit.pk or request.resolver_match is None:
        return None
    address = reverse(request.resolver_match.view_name, args=[place_today(unit).code])
    return HttpResponseRedirect(f"{address}?{request.META.get('QUERY_STRING', '')}")
