"""What the benchmark answers with: rows that stand beside their budget and their reference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Budget:
    """A bound in the unit of its row: the figure must reach it (``at_least``) or stay within it."""

    value: float
    at_least: bool = False

    def is_met(self, figure: float) -> bool:
        """Say whether a figure keeps to the budget."""
        return figure >= self.value if self.at_least else figure <= self.value


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the benchmark.

    ``reference`` is what the plainest thing that could do the same work took in the same run, in the same unit;
    ``ratio`` is figure by reference; ``budget`` and ``met`` are None where the row is for information only.
    """

    name: str
    figure: float
    unit: str
    budget: float | None
    reference: float | None
    ratio: float | None
    met: bool | None


def make_row(
    name: str, figure: float, unit: str, *, budget: Budget | None = None, reference: float | None = None
) -> Row:
    """Return a row; the ratio and whether the budget is met follow from the rest."""
    return Row(
        name=name,
        figure=_short(figure),
        unit=unit,
        budget=budget.value if budget else None,
        reference=None if reference is None else _short(reference),
        ratio=_short(figure / reference) if reference else None,
        met=budget.is_met(figure) if budget else None,
    )


def write_json(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list; rows of an earlier run that were not measured this time stay."""
    measured = {row.name: asdict(row) for row in rows}
    earlier = json.loads(path.read_text()) if path.exists() else []
    kept = {row["name"]: row for row in earlier}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list((kept | measured).values()), indent=2) + "\n")


def as_table(rows: Sequence[Row]) -> Table:
    """Return the rows as a table for a terminal."""
    table = Table(title="Benchmark", header_style="bold")
    for heading in ("name", "figure", "unit", "budget", "reference", "ratio", "met"):
        table.add_column(heading, justify="left" if heading in ("name", "unit") else "right")
    for row in rows:
        met = "" if row.met is None else "[green]yes[/green]" if row.met else "[red]no[/red]"
        numbers = (row.budget, row.reference, row.ratio)
        table.add_row(row.name, _text(row.figure), row.unit, *(_text(n) for n in numbers), met)
    return table


def _short(number: float) -> float:
    """Round to four significant digits: more would only be noise."""
    return float(f"{number:.4g}") if abs(number) < 10_000 else float(round(number))


def _text(number: float | None) -> str:
    """Return a number for the table."""
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:g}"
