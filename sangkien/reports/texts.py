"""A cut-off report as plain text: aligned for a terminal or a letter, in Vietnamese or English."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from sangkien.core.clock import format_cutoff_long, format_date
from sangkien.core.numbers import format_count, format_money_short, format_percent
from sangkien.programmes.models import Basis
from sangkien.reports.columns import Column, bar, cut, padded, table
from sangkien.reports.figures import ClusterLine, CutoffReport, Label, Result, UnitLine
from sangkien.tally.figures import Counts

LINE = 100
"""Places of a line."""
_NAME = 32
_BAR = 30
_ASSIGNED = "*"
_NONE = "–"


def to_text(report: CutoffReport, language: str) -> str:
    """Return the report as text in ``language`` ("vi" or "en"), at most 100 places wide, with a newline at its end."""
    with override(language):
        parts = [
            _head(report),
            _section(1, _("Overall result"), _overall(report)),
            _section(2, _("By category of author"), _categories(report)),
            _section(3, _("By cluster and block"), _clusters(report)),
            _section(4, _("Units that have reached their targets"), _reached(report)),
            _section(5, _("Every unit"), _units(report)),
            _footnotes(report),
        ]
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts) + "\n"


# --- parts --------------------------------------------------------------------------------------------------------


def _head(report: CutoffReport) -> list[str]:
    cutoff = _("Figures as of %(moment)s") % {"moment": format_cutoff_long(report.as_of, _language())}
    if report.known_at != report.as_of:
        cutoff += "; " + _("decisions known up to %(moment)s") % {
            "moment": format_cutoff_long(report.known_at, _language())
        }
    lines = [
        report.owner.name.upper(),
        "",
        (_("Report on the results of phase %(number)d") % {"number": report.phase_number}).upper(),
        *wrap(report.programme.name, LINE),
        cutoff,
    ]
    if report.asked:
        asked = format_cutoff_long(report.asked, _language())
        lines.append(_("Final figures do not reach %(moment)s yet.") % {"moment": asked})
    lines.append(_("Drawn up live from the figures; not a published report."))
    return ["═" * LINE, *(_centred(line) for line in lines), "═" * LINE]


def _overall(report: CutoffReport) -> list[str]:
    lines = [
        _fact(_("Initiatives submitted in the phase"), _count(report.phase_total.submitted)),
        *_progress(_("Target of the phase"), report.phase_result, report.phase_total),
        *_met_on(report),
        _fact(_("Initiatives submitted in the whole programme"), _count(report.total.submitted)),
        *_progress(_("Target of the whole programme"), report.result, report.total),
        "",
        _fact(_("Found valid"), _count(report.phase_total.valid)),
        _fact(_("Waiting for verification"), _count(report.phase_total.waiting)),
        _fact(_("Returned for completion"), _count(report.phase_total.returned)),
        _fact(_("Found invalid"), _count(report.phase_total.invalid)),
        _fact(_("Withdrawn"), _count(report.phase_total.withdrawn)),
        _fact(_("Benefit as the authors claim"), _money(report.phase_total.benefit_claimed)),
        _fact(_("Benefit as verified"), _money(report.phase_total.benefit_verified)),
        "",
        _fact(
            _("Units that have reached their target of the phase"), _of(len(report.units_met_phase), report.unit_count)
        ),
        _fact(
            _("Units that have reached their target of the whole programme"), _count(len(report.units_met_programme))
        ),
        _fact(_("Units that raised their registered target and still exceeded it"), _count(len(report.raised))),
    ]
    return lines


def _progress(label: str, result: Result | None, counts: Counts) -> list[str]:
    if result is None:
        return [_fact(label, _("none"))]
    beyond = _("%(count)s over") if result.excess >= 0 else _("%(count)s short")
    text = f"{_count(result.value)}  {_percent(result)}  {beyond % {'count': _count(abs(result.excess))}}"
    return [_fact(label, text), _fact("", bar(counts.submitted, result.value, _BAR))]


def _met_on(report: CutoffReport) -> list[str]:
    if report.met_on is None or report.days_early is None:
        return []
    day = format_date(report.met_on, _language())
    if report.days_early > 0:
        early = ngettext("%(count)d day early", "%(count)d days early", report.days_early)
        day = f"{day}, {early % {'count': report.days_early}}"
    return [_fact(_("Target of the phase reached on"), day)]


def _categories(report: CutoffReport) -> list[str]:
    columns = [Column(_("Category")), Column(_("Initiatives"), True), Column(_("Share"), True), Column("")]
    rows: list[list[str]] = []
    for line in report.categories:
        first, *further = wrap(str(line.category.label), LINE - _BAR - 26)
        share = format_percent(line.share_percent, _language())
        rows.append([first, _count(line.count), share, bar(line.count, report.total.submitted, _BAR)])
        rows += [[part, "", "", ""] for part in further]
    return table(columns, rows, [_("Total"), _count(sum(line.count for line in report.categories)), "", ""])


def _clusters(report: CutoffReport) -> list[str]:
    columns = [
        Column(_("No."), True),
        Column(_("Cluster, block")),
        Column(_("Submitted"), True),
        Column(_("Valid"), True),
        Column(_("Reached"), True),
        Column(_("Most submitted")),
    ]
    rows = [
        [
            str(number),
            cut(_cluster_name(line), 35),
            _count(line.phase_counts.submitted),
            _count(line.phase_counts.valid),
            f"{line.met}/{len(line.units)}",
            line.leading.short_name if line.leading else _NONE,
        ]
        for number, line in enumerate(report.clusters, start=1)
    ]
    if report.own.submitted:
        rows.append(["", _owner_line(report), _count(report.own.submitted), _count(report.own.valid), "", ""])
    total = report.phase_total
    met = f"{len(report.units_met_phase)}/{report.unit_count}"
    return table(columns, rows, ["", _("Total"), _count(total.submitted), _count(total.valid), met, ""])


def _reached(report: CutoffReport) -> list[str]:
    return [
        *_names(_("Target of the whole programme"), report.units_met_programme),
        "",
        *_names(_("Target of the phase"), report.units_met_phase),
        "",
        *_names(_("Raised their registered target and still exceeded it"), report.raised),
    ]


def _units(report: CutoffReport) -> list[str]:
    lines: list[str] = []
    for line in report.clusters:
        title = _("%(cluster)s: %(submitted)s submitted, %(met)d of %(units)d units on target") % {
            "cluster": _cluster_name(line),
            "submitted": _count(line.phase_counts.submitted),
            "met": line.met,
            "units": len(line.units),
        }
        lines += ["", *wrap(title, LINE), "", *_unit_table(line)]
    return lines[1:]


def _unit_table(line: ClusterLine) -> list[str]:
    columns = [
        Column(_("Rank"), True),
        Column(padded(_("Unit"), _NAME)),
        Column(padded(_("Submitted"), 9, right=True), True),
        Column(padded(_("Valid"), 8, right=True), True),
        Column(padded(_("Target"), 9, right=True), True),
        Column(padded(_("Reached"), 8, right=True), True),
        Column(padded(_("Programme"), 12, right=True), True),
    ]
    return table(columns, [_unit_row(unit) for unit in line.units])


def _unit_row(line: UnitLine) -> list[str]:
    return [
        str(line.rank_in_cluster),
        cut(line.unit.short_name, _NAME),
        _count(line.phase_counts.submitted),
        _count(line.phase_counts.valid),
        _target(line.phase_result),
        _percent(line.phase_result),
        _percent(line.programme_result),
    ]


def _target(result: Result | None) -> str:
    """Write a target, with a mark on the side of the ones that the level above assigned."""
    if result is None:
        return _NONE
    return _count(result.value) + (_ASSIGNED if result.basis == Basis.ASSIGNED else " ")


def _footnotes(report: CutoffReport) -> list[str]:
    notes = [
        _("* Target assigned by the level above; targets without this mark are registered by the unit itself."),
        _("Programme: progress towards the target of the whole programme."),
        _(
            "Progress is cut to one decimal, never rounded up; shares are rounded to whole percent and need not add up"
            " to 100. Submitted includes what has not been verified. Benefits are of the first year."
        ),
        report.notice,
    ]
    return ["─" * LINE, *(line for note in notes if note for line in wrap(note, LINE))]


# --- pieces -------------------------------------------------------------------------------------------------------


def _section(number: int, title: str, lines: Iterable[str]) -> list[str]:
    return [f"{number}. {title.upper()}", "", *lines]


def _fact(label: str, value: str) -> str:
    return f"{padded(label, 64)}  {value}"


def _names(label: str, units: tuple[Label, ...]) -> list[str]:
    names = "; ".join(unit.short_name for unit in units) or _NONE
    return [f"{label} ({_count(len(units))}):", *wrap(names, LINE, initial_indent="  ", subsequent_indent="  ")]


def _cluster_name(line: ClusterLine) -> str:
    return line.cluster.short_name if line.cluster else _("In no cluster")


def _owner_line(report: CutoffReport) -> str:
    return cut(_("Entered by %(unit)s itself") % {"unit": report.owner.short_name}, 35)


def _centred(text: str) -> str:
    return " " * max(0, (LINE - len(text)) // 2) + text


def _language() -> str:
    return get_language() or "vi"


def _count(number: int) -> str:
    return format_count(number, _language())


def _of(part: int, whole: int) -> str:
    return f"{_count(part)}/{_count(whole)}"


def _money(vnd: int) -> str:
    return format_money_short(vnd, _language())


def _percent(result: Result | None) -> str:
    return format_percent(result.percent if result else None, _language())
