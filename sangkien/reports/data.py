"""A cut-off report as JSON: codes and names in both languages, plain numbers, moments in Vietnam time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import override

from sangkien.core.clock import VIETNAM, format_cutoff
from sangkien.people.categories import Category
from sangkien.reports.figures import ClusterLine, CutoffReport, Label, Result, UnitLine
from sangkien.tally.figures import Counts


def to_json(report: CutoffReport) -> dict[str, Any]:
    """Return the report as what ``json.dumps`` takes; the names of its fields are those of the API.

    Progress is a number with one decimal, a share a whole percentage, money whole đồng. ``as_of``, ``known_at`` and
    ``closes_at`` are exclusive.
    """
    return {
        "as_of": _moment(report.as_of),
        "as_of_text": format_cutoff(report.as_of),
        "known_at": _moment(report.known_at),
        "asked": _moment(report.asked) if report.asked else None,
        **_counts(report.total),
        "programme": {**_label(report.programme), "owner": _label(report.owner), **_result(report.result)},
        "phase": {
            "number": report.phase_number,
            "name": report.phase.name_vi,
            "name_en": report.phase.name_en,
            "opens_at": _moment(report.opens_at),
            "closes_at": _moment(report.closes_at),
            **_counts(report.phase_total),
            **_result(report.phase_result),
            "met_on": report.met_on.isoformat() if report.met_on else None,
            "days_early": report.days_early,
        },
        "categories": [
            {**_category(line.category), "count": line.count, "share_percent": line.share_percent}
            for line in report.categories
        ],
        "units": report.unit_count,
        "units_met_phase": [_label(unit) for unit in report.units_met_phase],
        "units_met_programme": [_label(unit) for unit in report.units_met_programme],
        "units_raised_and_exceeded": [_label(unit) for unit in report.raised],
        "clusters": [_cluster(line) for line in report.clusters],
        "own": _counts(report.own),
        "notice": report.notice_vi,
        "notice_en": report.notice_en,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).isoformat()


def _label(label: Label) -> dict[str, str]:
    return {"code": label.code, "name": label.name_vi, "name_en": label.name_en}


def _category(category: Category) -> dict[str, str]:
    with override("vi"):
        name = str(category.label)
    with override("en"):
        return {"code": category.value, "name": name, "name_en": str(category.label)}


def _counts(counts: Counts) -> dict[str, int]:
    return {
        "submitted": counts.submitted,
        "valid": counts.valid,
        "invalid": counts.invalid,
        "returned": counts.returned,
        "withdrawn": counts.withdrawn,
        "waiting": counts.waiting,
        "benefit_claimed_vnd": counts.benefit_claimed,
        "benefit_verified_vnd": counts.benefit_verified,
    }


def _result(result: Result | None) -> dict[str, Any]:
    if result is None:
        return {"target": None, "basis": None, "progress_percent": None, "excess": None}
    return {
        "target": result.value,
        "basis": result.basis.value,
        "progress_percent": float(result.percent),
        "excess": result.excess,
    }


def _cluster(line: ClusterLine) -> dict[str, Any]:
    return {
        "cluster": _label(line.cluster) if line.cluster else None,
        **_counts(line.phase_counts),
        "units": len(line.units),
        "units_met": line.met,
        "leading_unit": _label(line.leading) if line.leading else None,
        "rows": [_unit(unit) for unit in line.units],
    }


def _unit(line: UnitLine) -> dict[str, Any]:
    return {
        "rank": line.rank_in_cluster,
        "rank_overall": line.rank,
        "rank_change": line.rank_change,
        "unit": _label(line.unit),
        **_counts(line.phase_counts),
        **_result(line.phase_result),
        "programme": {"submitted": line.counts.submitted, **_result(line.programme_result)},
    }
