"""The overview as a spreadsheet: the same figures as on the page, numbers as numbers, and where they come from.

Rows are written one after another to a file on disk, never held all together. Every text is written as a text: one that
begins with an equals sign is the title of an initiative, not a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sangkien.core import clock
from sangkien.initiatives.queries import Viewer
from sangkien.people.models import Person
from sangkien.tally.patterns import MAX_PAGE, Unusual, list_patterns
from sangkien.web.desk.overview.children import Child
from sangkien.web.desk.overview.gathering import Against, Overview

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32_767  # characters of a cell
_PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Cell = str | Promise | int | Decimal | date | None


@dataclass
class Sheet:
    """A worksheet that is written from the top down, row by row."""

    sheet: Worksheet
    heading: Format
    day: Format
    moment: Format
    row: int = 0

    def write(self, cells: Iterable[Cell], form: Format | None = None) -> None:
        """Write one row: numbers as numbers, days as days, moments as it was then here, everything else as a text."""
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, datetime):
                local = cell.astimezone(clock.VIETNAM).replace(tzinfo=None, microsecond=0)  # a cell knows no zone
                self.sheet.write_datetime(self.row, column, local, self.moment)
            elif isinstance(cell, date):
                self.sheet.write_datetime(self.row, column, datetime(cell.year, cell.month, cell.day), self.day)
            elif isinstance(cell, int | Decimal):
                self.sheet.write_number(self.row, column, cell, form)
            else:
                self.sheet.write_string(self.row, column, str(cell)[:LONGEST_TEXT], form)
        self.row += 1

    def table(self, heads: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
        """Write a table and an empty row below it."""
        self.write(heads, self.heading)
        for row in rows:
            self.write(row)
        self.row += 1


def spreadsheet(found: Overview, children: Sequence[Child], *, source: str, person: Person) -> IO[bytes]:
    """Return the workbook as an open file at its beginning; whoever gets it closes it.

    ``source`` is the address of the page with the same figures. Headings are in the reader's language.
    """
    file = TemporaryFile()  # noqa: SIM115  it is sent after this has returned
    with Workbook(file, _PLAIN) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})

        def begin(name: str, widths: Sequence[int]) -> Sheet:
            sheet = Sheet(book.add_worksheet(name), heading, day, moment)
            for column, width in enumerate(widths):
                sheet.sheet.set_column(column, column, width)
            sheet.write([f"{found.unit.name} ({found.unit.code})"], heading)
            sheet.write([_("Figures as of"), moment_text(found.moments.as_of)])
            sheet.write([_("Source"), source])
            sheet.row += 1
            return sheet

        _overview(begin(_("Overview"), (44, 34, 16, 16, 16, 16, 16, 16)), found, person)
        _children(begin(_("Units below"), (18, 48, *(14,) * 14)), found, children)
        _parts(begin(_("Categories and fields"), (60, 16, 12)), found)
        _days(begin(_("By day"), (14, 16, 16, 16)), found)
        if found.found:
            _unusual(begin(_("Unusual patterns"), (34, 18, 60, 48, 30, *(16,) * 6)), found, person)
    file.seek(0)
    return file


def file_name(found: Overview) -> str:
    """Return a name that says of which unit and of which moment the figures are, in plain letters."""
    return f"tong-quan-{found.unit.code}-{clock.day_of_cutoff(found.moments.as_of):%Y%m%d}.xlsx"


def moment_text(moment: datetime) -> str:
    """Write a moment as pages do: 24h00 ngày 31/5/2022."""
    return clock.format_cutoff_long(moment, get_language() or "vi")


def _overview(sheet: Sheet, found: Overview, person: Person) -> None:
    """What stands on top of the page, and the targets."""
    counts, analysis = found.summary.counts, found.analysis
    now = clock.now()
    sheet.write([_("Programme"), found.programme.name])
    sheet.write([_("Taken out"), f"{moment_text(now)}, {person.full_name}"])
    sheet.row += 1
    lines: list[tuple[Cell, ...]] = [
        (_("Submitted"), counts.submitted),
        (_("Valid"), counts.valid),
        (_("Awaiting verification"), counts.waiting),
        (_("Returned for completion"), counts.returned),
        (_("Invalid"), counts.invalid),
        (_("Withdrawn"), counts.withdrawn),
        (_("Benefit claimed, VND"), counts.benefit_claimed),
        (_("Benefit verified, VND"), counts.benefit_verified),
    ]
    if found.overdue is not None:
        lines.append((_("Overdue"), found.overdue.total, _at(found.overdue.computed_at or now)))
    if found.reviews is not None:
        lines.append((_("Appeals and second looks that wait"), found.reviews.total, _at(now)))
        lines.append((_("Appeals and second looks overdue"), found.reviews.overdue, _at(now)))
    if analysis.computed_at:
        made = _at(analysis.computed_at)
        lines.append((_("Median benefit claimed, VND (analysis)"), analysis.median, made))
        lines += [(_("%(figure)s (analysis)") % {"figure": one.text}, one.count, made) for one in found.entered]
    sheet.table([_("Figure"), _("Value"), _("Counted at, if not as above")], lines)
    heads = [_("Target of"), _("Set how"), _("Target"), _("Submitted"), _("Progress, %"), _("Each day")]
    sheet.table([*heads, _("Met on"), _("Earliest"), _("Latest")], map(_target, found.against))


def _target(row: Against) -> list[Cell]:
    """One target with its pace."""
    progress, pace = row.progress, row.pace
    scope = progress.phase.name if progress.phase else _("Whole programme")
    cells: list[Cell] = [scope, progress.basis.label, progress.value, progress.count, progress.progress_percent]
    if pace is None:
        return cells
    return [*cells, Decimal(f"{pace.rate_per_day:.1f}"), pace.met_on, pace.earliest, pace.latest]


def _children(sheet: Sheet, found: Overview, children: Sequence[Child]) -> None:
    """Every unit directly below, what the unit has entered itself, and all together."""
    waiting = pgettext("how many wait", "Waiting")
    heads = [_("Code"), _("Unit"), _("Rank"), _("Submitted"), _("Valid"), waiting, _("Overdue")]
    heads += [_("Returned for completion"), _("Invalid"), _("Withdrawn")]
    heads += [_("Target"), _("Set how"), _("Progress, %"), _("Benefit claimed, VND"), _("Benefit verified, VND")]
    sheet.table(heads, map(_child, children))
    overdue = found.overdue.total if found.overdue else None
    own, total = found.board.own, found.board.total
    for text, counts, late in ((_("Entered at this level itself"), own, None), (_("Total"), total, overdue)):
        row: list[Cell] = [None, text, None, counts.submitted, counts.valid, counts.waiting, late, counts.returned]
        row += [counts.invalid, counts.withdrawn, None, None, None]
        sheet.write([*row, counts.benefit_claimed, counts.benefit_verified])


def _child(child: Child) -> list[Cell]:
    """One unit directly below."""
    counts, target = child.row.counts, child.row.phase_progress
    cells: list[Cell] = [child.unit.code, child.unit.name, child.row.rank, counts.submitted, counts.valid]
    cells += [counts.waiting, child.overdue, counts.returned, counts.invalid, counts.withdrawn]
    cells += [target.value, target.basis.label, target.progress_percent] if target else [None, None, None]
    return [*cells, counts.benefit_claimed, counts.benefit_verified]


def _parts(sheet: Sheet, found: Overview) -> None:
    """By category and by field."""
    heads = [_("Submitted"), _("Share, %")]
    categories = found.summary.categories
    sheet.table([_("Category"), *heads], ([one.category.label, one.count, one.share_percent] for one in categories))
    sheet.table([_("Field"), *heads], ([one.field.name, one.count, one.share_percent] for one in found.fields))


def _days(sheet: Sheet, found: Overview) -> None:
    """Day by day while anything comes, then the days on which anything changed, and the day of the figures.

    A programme that was over long ago would end in years of rows that say nothing.
    """
    begun = [day for day in found.days if day.submitted]
    total = begun[-1].submitted if begun else 0
    heads = [_("Day"), _("Submitted that day"), _("Submitted so far"), _("Valid so far")]
    rows: list[list[Cell]] = []
    before = (0, 0)
    for day in begun:
        is_changed = before != (day.submitted, day.valid)
        if is_changed or day is begun[-1] or day.submitted < total:
            rows.append([day.day, day.submitted - before[0], day.submitted, day.valid])
        before = day.submitted, day.valid
    sheet.table(heads, rows)


def _unusual(sheet: Sheet, found: Overview, viewer: Viewer) -> None:
    """The largest unusual patterns of each kind."""
    sheet.write([_("Patterns found at"), _at(found.found_at) if found.found_at else _("not yet")])
    heads = [_("Pattern"), _("For example"), _("Title"), _("Unit"), _("Who entered them")]
    heads += [_("Initiatives here"), _("Elsewhere"), _("Number of units"), _("First submission"), _("Last submission")]
    heads.append(_("Times the median"))
    rows: list[Unusual] = []
    for one in found.found:
        if one.total:
            rows += list_patterns(viewer, found.programme, found.unit, one.kind, total=one.total, limit=MAX_PAGE).rows
    sheet.table(heads, map(_pattern, rows))


def _pattern(row: Unusual) -> list[Cell]:
    """One pattern: of a burst, with who submitted; an hour is little enough for its minutes to matter."""
    example, pattern = row.example, row.pattern
    title = example.title if example else ""
    who = row.submitter.full_name if row.submitter else ""
    cells: list[Cell] = [row.kind.label, row.example_code, title, example.unit.name if example else "", who]
    cells += [row.here, row.elsewhere, pattern.units]
    return [*cells, pattern.began_at, pattern.ended_at, row.times or None]


def _at(moment: datetime) -> str:
    """Write a moment at which something was counted or found."""
    return moment_text(moment)
