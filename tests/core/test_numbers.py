"""Figures: truncation, shares, ranks, and money as it is written and typed."""

import unicodedata
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core import numbers
from sangkien.core.numbers import MoneyError, parse_money

counts = st.integers(0, 10**9)
money = st.integers(0, numbers.MOST_MONEY)


@pytest.mark.parametrize(
    ("count", "target", "percent"),
    [
        (696_948, 300_000, "232.3"),
        (696_948, 1_000_000, "69.6"),
        (9_996, 10_000, "99.9"),
        (9_999_999, 10_000_000, "99.9"),
        (10_000, 10_000, "100.0"),
        (0, 10, "0.0"),
    ],
)
def test_progress_is_cut_to_one_decimal(count: int, target: int, percent: str) -> None:
    assert str(numbers.progress_percent(count, target)) == percent


@pytest.mark.parametrize("target", [None, 0])
def test_progress_without_a_target_is_nothing(target: int | None) -> None:
    assert numbers.progress_percent(5, target) is None


def test_progress_towards_a_negative_target_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        numbers.progress_percent(5, -1)


@given(counts, st.integers(1, 10**9))
def test_progress_is_never_rounded_up_and_less_than_a_tenth_short(count: int, target: int) -> None:
    percent = numbers.progress_percent(count, target)
    assert percent is not None
    exact = Fraction(100 * count, target)
    assert Fraction(percent) <= exact < Fraction(percent) + Fraction(1, 10)
    assert percent.as_tuple().exponent == -1
    assert (percent >= 100) == (count >= target)


def test_the_shares_of_phase_1_are_those_of_the_article() -> None:
    parts = [380_656, 168_921, 110_976, 36_395]
    assert [numbers.share_percent(part, sum(parts)) for part in parts] == [55, 24, 16, 5]


def test_a_half_percent_is_rounded_up_and_nothing_has_no_share() -> None:
    assert numbers.share_percent(1, 200) == 1
    assert numbers.share_percent(5, 200) == 3
    assert numbers.share_percent(0, 0) == 0


@given(counts, st.integers(1, 10**9))
def test_a_share_is_the_nearest_whole_percent(part: int, whole: int) -> None:
    exact = Fraction(100 * part, whole)
    share = numbers.share_percent(part, whole)
    assert Fraction(-1, 2) < share - exact <= Fraction(1, 2)


def test_equal_counts_share_a_rank() -> None:
    assert numbers.ranks([10, 40, 20, 20]) == [4, 1, 2, 2]
    assert numbers.ranks([]) == []


@given(st.lists(st.integers(0, 20)))
def test_a_rank_is_one_more_than_the_number_of_higher_counts(figures: list[int]) -> None:
    assert numbers.ranks(figures) == [1 + sum(other > figure for other in figures) for figure in figures]


def test_counts_and_percentages_follow_the_notation_of_the_language() -> None:
    assert numbers.format_count(696_948, "vi") == "696.948"
    assert numbers.format_count(696_948, "en") == "696,948"
    assert numbers.format_count(-1_234, "vi") == "-1.234"
    assert numbers.format_percent(Decimal("232.3"), "vi") == "232,3%"
    assert numbers.format_percent(Decimal("1232.3"), "en") == "1,232.3%"
    assert numbers.format_percent(Decimal("100.0"), "vi") == "100,0%"
    assert numbers.format_percent(Decimal("1E+2"), "en") == "100%"
    assert numbers.format_percent(55, "vi") == "55%"
    assert numbers.format_percent(None, "vi") == "–"


def test_money_is_written_in_full() -> None:
    assert numbers.format_money(12_500_000, "vi") == "12.500.000 đồng"
    assert numbers.format_money(12_500_000, "en") == "12,500,000 VND"


@pytest.mark.parametrize(
    ("vnd", "vietnamese", "english"),
    [
        (10_017_345_000_000, "10.017,3 tỷ đồng", "VND 10,017.3 billion"),
        (10_000 * 10**9, "10.000 tỷ đồng", "VND 10,000 billion"),
        (1_999_999_999, "1,9 tỷ đồng", "VND 1.9 billion"),
        (999_999_999, "999,9 triệu đồng", "VND 999.9 million"),
        (12_500_000, "12,5 triệu đồng", "VND 12.5 million"),
        (1_049_999, "1 triệu đồng", "VND 1 million"),
        (999_999, "999.999 đồng", "VND 999,999"),
        (0, "0 đồng", "VND 0"),
        (-12_590_000, "-12,5 triệu đồng", "VND -12.5 million"),
    ],
)
def test_money_in_short_is_cut_and_never_rounded_up(vnd: int, vietnamese: str, english: str) -> None:
    assert numbers.format_money_short(vnd, "vi") == vietnamese
    assert numbers.format_money_short(vnd, "en") == english


@pytest.mark.parametrize(
    ("text", "vnd"),
    [
        ("0", 0),
        ("12500000", 12_500_000),
        ("12.500.000", 12_500_000),
        ("12,500,000 VND", 12_500_000),
        ("12 500 000 đ", 12_500_000),
        ("12.500.000đ", 12_500_000),
        ("12.500.000,00 đồng", 12_500_000),
        ("12500000.0", 12_500_000),
        ("₫12.500.000", 12_500_000),
        ("12,5 triệu", 12_500_000),
        ("12.5 TRIỆU ĐỒNG", 12_500_000),
        ("12,50 tr", 12_500_000),
        ("12 trieu 500 nghin dong", 12_500_000),
        ("12 triệu 500.000 vnđ", 12_500_000),
        ("12.500", 12_500),
        ("12,500", 12_500),
        ("500 nghìn", 500_000),
        ("500 ngàn đồng", 500_000),
        ("500k", 500_000),
        ("1,2 tỷ", 1_200_000_000),
        ("1.2 tỷ", 1_200_000_000),
        ("1,2 tỉ đ.", 1_200_000_000),
        ("1.200 tỷ", 1_200_000_000_000),
        ("1.200,5 tỷ", 1_200_500_000_000),
        ("1,200.5 tỷ", 1_200_500_000_000),
        ("0,125 tỷ", 125_000_000),
        ("0.125 tỷ", 125_000_000),
        ("1,2345 tỷ", 1_234_500_000),
        ("2 tỷ 300 triệu", 2_300_000_000),
        ("2tỷ300triệu", 2_300_000_000),
        ("10 nghìn tỷ đồng", 10_000_000_000_000),
        ("VND 10,017.3 billion", 10_017_300_000_000),
        ("12.500 million", 12_500_000),
        ("12,500 million", 12_500_000_000),
        ("9.000.000 tỷ", 9_000_000_000_000_000),
    ],
)
def test_money_is_read_as_people_type_it(text: str, vnd: int) -> None:
    assert parse_money(text) == vnd
    assert parse_money(unicodedata.normalize("NFD", text)) == vnd
    assert parse_money(f"  {text.upper()}\u00a0") == vnd


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed"),
        ("đồng", "malformed"),
        ("tỷ", "malformed"),
        ("-5", "malformed"),
        ("5 tạ", "malformed"),
        ("1e9", "malformed"),
        ("1..2 tỷ", "malformed"),
        ("1.2.3 tỷ", "malformed"),
        ("12.50.000", "malformed"),
        ("12500.000", "malformed"),
        ("1.234,567.8", "malformed"),
        ("12 50 000", "malformed"),
        (",5 tỷ", "malformed"),
        ("300 triệu 2 tỷ", "malformed"),
        ("2 tỷ 3.000 triệu", "malformed"),
        ("2,5 tỷ 300 triệu", "malformed"),
        ("5 triệu triệu", "malformed"),
        ("٣ tỷ", "malformed"),
        ("1" * 65, "malformed"),
        ("1,250 tỷ", "ambiguous"),
        ("2 triệu 500", "ambiguous"),
        ("12,5", "not_whole"),
        ("0.500", "not_whole"),
        ("1,0000000001 tỷ", "not_whole"),
        ("9000000000000001", "too_large"),
        ("9.000.001 tỷ", "too_large"),
        ("9" * 64, "too_large"),
    ],
)
def test_what_is_no_clear_amount_is_refused_with_a_stable_code(text: str, code: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_money(text)
    assert caught.value.code == code
    assert isinstance(caught.value, ValueError)


@given(money, st.sampled_from(["vi", "en"]))
def test_reading_an_amount_written_in_full_gives_it_back(vnd: int, language: str) -> None:
    assert parse_money(numbers.format_money(vnd, language)) == vnd
    assert parse_money(str(vnd)) == vnd


@given(money, st.sampled_from(["vi", "en"]))
def test_an_amount_in_short_loses_less_than_a_tenth_of_its_unit(vnd: int, language: str) -> None:
    read = parse_money(numbers.format_money_short(vnd, language))
    step = 10**8 if vnd >= 10**9 else 10**5 if vnd >= 10**6 else 1
    assert read == vnd - vnd % step


@given(st.text(alphabet="0123456789., tỷriệunghđồk", max_size=64))
def test_any_text_is_an_amount_within_bounds_or_refused(text: str) -> None:
    with suppress(MoneyError):
        assert 0 <= parse_money(text) <= numbers.MOST_MONEY


@pytest.mark.parametrize("code", MoneyError.MESSAGES)
def test_every_refusal_has_a_sentence_for_people(code: str) -> None:
    assert len(str(MoneyError(code)).split()) > 3
