from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sangkien.tally.figures import TimelineDay
from sangkien.web import charts
from sangkien.web.charts.growth import grid_values

percents = st.decimals(min_value=0, max_value=100_000, places=1)


def widths(drawing: str) -> list[float]:
    return [float(width) for width in re.findall(r'width="([0-9.e+-]+)%"', drawing)]


def positions(chart: charts.Growth) -> list[float]:
    texts = [line.y for line in chart.grid] + [tick.x for tick in chart.ticks] + [chart.end_y]
    return [float(text.removesuffix("%")) for text in texts]


@given(values=st.lists(percents, min_size=1))
def test_the_scale_is_as_long_as_the_best_unit_needs_up_to_600_percent(values: list[Decimal]) -> None:
    scale = charts.scale_for(values)
    assert scale.end in (300, 400, 500, 600)
    assert scale.end == 600 or all(value <= scale.end for value in values)


@given(low=percents, high=percents)
def test_a_longer_bar_never_stands_for_less(low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))
    scale = charts.scale_for([low, high])
    assert widths(charts.progress_bar(low, "", scale))[0] <= widths(charts.progress_bar(high, "", scale))[0] <= 100


def test_the_best_two_units_do_not_look_alike() -> None:
    scale = charts.scale_for([Decimal("451.3"), Decimal("421.1")])
    assert scale.end == 500
    assert widths(charts.progress_bar(Decimal("421.1"), "", scale))[0] == 84.22
    assert widths(charts.progress_bar(Decimal("451.3"), "", scale))[0] == 90.26


def test_only_a_bar_beyond_the_scale_is_cut() -> None:
    assert "cut" in charts.progress_bar(Decimal("600.1"), "", charts.Scale(600))
    assert "cut" not in charts.progress_bar(Decimal("600.0"), "", charts.Scale(600))


def test_a_bar_is_blue_from_exactly_100_percent() -> None:
    assert "f-blue" in charts.progress_bar(Decimal("100.0"), "")
    assert "f-stone" in charts.progress_bar(Decimal("99.9"), "")


def test_there_is_no_bar_without_a_target() -> None:
    assert charts.progress_bar(None, "") == ""


def test_a_label_is_escaped() -> None:
    assert "<b>" not in charts.progress_bar(Decimal(1), '"><b>')


@given(counts=st.lists(st.integers(0, 10**9), min_size=1, max_size=4))
def test_slices_lie_side_by_side_and_fill_the_bar(counts: list[int]) -> None:
    parts = charts.slices(counts)
    ends = [float(part.x[:-1]) + float(part.width[:-1]) for part in parts]
    assert all(abs(end - float(after.x[:-1])) < 0.03 for end, after in zip(ends, parts[1:], strict=False))
    assert abs(ends[-1] - (100 if sum(counts) else 0)) < 0.03


def test_the_ruler_marks_the_phase_on_the_way_to_the_programme() -> None:
    ruler = charts.ruler(696_948, 1_000_000, 300_000)
    assert (ruler.filled, ruler.phase_at, ruler.target_at, ruler.label_class) == ("69.69%", "30%", "100%", "at-30")


def test_the_ruler_grows_with_a_count_beyond_its_target() -> None:
    ruler = charts.ruler(2_000, 1_000, 5_000)
    assert (ruler.filled, ruler.target_at, ruler.phase_at) == ("100%", "50%", "")


@given(most=st.integers(0, 10**12))
def test_there_are_at_most_four_grid_lines_at_round_values(most: int) -> None:
    values = grid_values(most)
    assert len(values) <= 4
    assert all(
        0 < value <= most and str(value).rstrip("0") in {"1", "2", "3", "4", "5", "6", "8", "15"} for value in values
    )


@given(
    counts=st.lists(st.integers(0, 10**6), min_size=2, max_size=800).map(sorted),
    target=st.one_of(st.none(), st.integers(1, 10**7)),
    met_after=st.integers(0, 900),
)
def test_everything_in_the_curve_lies_inside_the_drawing(counts: list[int], target: int | None, met_after: int) -> None:
    first = date(2022, 1, 8)
    days = [TimelineDay(first + timedelta(days=n), count, 0) for n, count in enumerate(counts)]
    chart = charts.growth(days, target=target, met_on=first + timedelta(days=met_after))
    assert chart is not None
    assert all(0 <= position <= 100 for position in positions(chart))
    points = [float(number) for number in chart.path[1:].split()]
    assert len(points) <= 2 * 242
    assert points[-2] == len(counts) - 1
    assert all(0 <= y <= 1000 for y in points[1::2])
    assert chart.met is None or (chart.target is not None and met_after < len(counts))


def test_one_day_is_no_curve() -> None:
    assert charts.growth([TimelineDay(date(2022, 1, 8), 23, 0)]) is None


def test_the_map_has_63_provinces_and_the_islands_whatever_it_is_given() -> None:
    drawn = charts.province_map([("VN-HN", "Hà Nội", Decimal("107.8")), ("", "Tỉnh mới", Decimal("99.9"))])
    assert (len(drawn.provinces), len(drawn.islands)) == (63, 60)
    assert {province.name: province.fill for province in drawn.provinces} == {"": "m0", "Hà Nội": "m3"}
    assert {line.fill: line.count for line in drawn.legend} == {"m5": 0, "m4": 0, "m3": 1, "m2": 1, "m1": 0}


@given(progress=percents)
def test_colours_split_at_exactly_100_percent(progress: Decimal) -> None:
    (line,) = [line for line in charts.province_map([("", "", progress)]).legend if line.count]
    assert (line.fill in {"m3", "m4", "m5"}) == (progress >= 100)
