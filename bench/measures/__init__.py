"""Every measurement by name, in the order of the table. Each knows the names of the rows that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.measures import boards, deciding, desk, finding, folding, recounting, serving, storage, submitting
from bench.rows import Row


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement: ``run`` makes the rows that ``names`` lists."""

    names: tuple[str, ...]
    run: Callable[[], list[Row]]


MEASURES = (
    Measure(("board",), boards.national_board),
    Measure(("summary",), boards.national_summary),
    Measure(("board_inside_union",), boards.board_inside_union),
    Measure(("board_today", "board_today_inside_union"), boards.board_today),
    Measure(("api_board",), boards.api_board),
    Measure(("initiatives_of_union",), boards.initiatives_of_union),
    Measure(("queue",), deciding.first_page),
    Measure(("queue_counts",), deciding.counts),
    Measure(("bulk",), deciding.many_at_once),
    Measure(("unit_overview",), desk.unit_overview),
    Measure(("unit_search",), finding.unit_search),
    Measure(("fold",), folding.fold_rate),
    Measure(("submit_action", "submit_action_p99", "figures_behind"), submitting.submissions),
    Measure(("submit_http", "submit_http_p99"), serving.submissions_over_http),
    Measure(("rebuild", "verify", "rebuild_and_verify"), recounting.rebuild_and_verify),
    Measure(("disk",), storage.disk),
    Measure(("demo_load",), storage.demo_load),
)
ROW_NAMES = tuple(name for measure in MEASURES for name in measure.names)
