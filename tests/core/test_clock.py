"""The clock: what an instant, a day and a cut-off are, and how people write them."""

import pickle
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.core.clock import MomentError, format_cutoff, parse_moment

CLOSE_OF_PHASE_1 = datetime(2022, 5, 31, 17, tzinfo=UTC)

days = st.dates(date(1900, 1, 2), date(2200, 12, 31))
minutes = st.builds(
    lambda day, minute: clock.start_of_day(day) + timedelta(minutes=minute), days, st.integers(1, 24 * 60)
)
instants = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    "text",
    [
        "24h00 31/5/2022",
        "24h00 ngày 31/5/2022",
        "24h ngày 31/05/2022",
        "24H00  Ngày 31/5/2022 ",
        "24h00, ngày 31-5-2022",
        "24:00 31.5.2022",
        "lúc 24h00 ngày 31/5/2022",
        "24 giờ 00 phút ngày 31 tháng 5 năm 2022",
        "31/5/2022 24:00",
        "24:00 on 31 May 2022",
        "24h00m00 31/5/2022",
        "31/5/2022",
        "ngày 31/5/2022",
        "31 May 2022",
        "2022-05-31",
        "2022-05-31T24:00",
        "2022-06-01T00:00",
        "2022-06-01 00:00:00",
        "2022-06-01T00:00:00+07:00",
        "2022-06-01T00:00:00+0700",
        "2022-06-01T00:00:00+07",
        "2022-05-31T17:00:00Z",
        "2022-05-31t17:00:00.000000z",
        "2022-05-31T12:00-05:00",
        "0h00 1/6/2022",
    ],
)
def test_every_notation_of_the_close_of_phase_1_is_the_same_exclusive_instant(text: str) -> None:
    assert parse_moment(text) == CLOSE_OF_PHASE_1
    assert parse_moment(text).tzinfo is UTC


def test_a_plus_that_an_address_turned_into_a_space_is_still_an_offset() -> None:
    assert parse_moment("2022-06-01T00:00:00 07:00") == CLOSE_OF_PHASE_1


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("14h 10/05/2022", "2022-05-10T14:00+07:00"),
        ("9h30 ngày 2/6/2022", "2022-06-02T09:30+07:00"),
        ("14h10 1/5/2022", "2022-05-01T14:10+07:00"),
        ("15:34 3/10/2022", "2022-10-03T15:34+07:00"),
        ("3/10/2022 15:34:07", "2022-10-03T15:34:07+07:00"),
        ("14h05m09 10/5/2022", "2022-05-10T14:05:09+07:00"),
        ("2022-05-10T14:05", "2022-05-10T14:05+07:00"),
        ("2022-05-10T14:05:06.1234567Z", "2022-05-10T14:05:06.123456+00:00"),
        ("29/2/2024", "2024-03-01T00:00+07:00"),
        ("1/1/1900", "1900-01-02T00:00+07:00"),
        ("31/12/2200", "2201-01-01T00:00+07:00"),
    ],
)
def test_a_time_is_vietnam_time_unless_an_offset_is_given(text: str, iso: str) -> None:
    assert parse_moment(text) == datetime.fromisoformat(iso)


def test_decomposed_accents_make_no_difference() -> None:
    text = "24 giờ 00 phút ngày 31 tháng 5 năm 2022"
    assert parse_moment(unicodedata.normalize("NFD", text)) == CLOSE_OF_PHASE_1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_date"),
        ("   ", "not_a_date"),
        ("24h00", "not_a_date"),
        ("hôm nay", "not_a_date"),
        ("🎉 31/5/2022 🎉", "not_a_date"),
        ("31/5/22", "not_a_date"),
        ("31/5-2022", "not_a_date"),
        ("1/31/5/2022", "not_a_date"),
        ("31/5/20222", "not_a_date"),
        ("31 Mai 2022", "not_a_date"),
        ("3١/5/2022", "not_a_date"),
        ("15:00 31/5/2022 16:00", "not_a_date"),
        ("khoảng 15:00 31/5/2022", "not_a_date"),
        ("2022-05-31T", "not_a_date"),
        ("2022-W22-2", "not_a_date"),
        ("31/2/2022", "no_such_day"),
        ("29/2/2023", "no_such_day"),
        ("2022-13-01", "no_such_day"),
        ("0/5/2022", "no_such_day"),
        ("31/12/1899", "no_such_day"),
        ("1/1/2201", "no_such_day"),
        ("0000-01-01T00:00", "no_such_day"),
        ("25h00 31/5/2022", "no_such_time"),
        ("24h30 31/5/2022", "no_such_time"),
        ("24:00:01 31/5/2022", "no_such_time"),
        ("14h60 31/5/2022", "no_such_time"),
        ("2022-05-31T24:00:00.5", "no_such_time"),
        ("2022-05-31T10:00+24:00", "no_such_time"),
    ],
)
def test_what_names_no_moment_is_refused_with_a_stable_code(text: str, code: str) -> None:
    with pytest.raises(MomentError) as caught:
        parse_moment(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["1" * 10_000_000, "24h00 31/5/2022" + " " * 10_000_000])
def test_ten_megabytes_are_refused(text: str) -> None:
    with pytest.raises(MomentError):
        parse_moment(text)


@given(st.text(alphabet="0123456789/-:.hTZ+ ngàygiờ", max_size=64))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(MomentError):
        assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize("code", MomentError.MESSAGES)
def test_every_refusal_has_a_sentence_for_people(code: str) -> None:
    assert len(str(MomentError(code)).split()) > 3


def test_an_error_is_a_value_error_and_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(MomentError("no_such_day")))
    assert copy.code == "no_such_day"
    assert isinstance(copy, ValueError)


def test_midnight_is_written_as_24h00_of_the_day_it_closes() -> None:
    assert format_cutoff(CLOSE_OF_PHASE_1) == "24h00 31/5/2022"
    assert clock.format_cutoff_long(CLOSE_OF_PHASE_1, "vi") == "24h00 ngày 31/5/2022"
    assert clock.format_cutoff_long(CLOSE_OF_PHASE_1, "en") == "24:00 on 31 May 2022"


def test_another_moment_is_written_to_the_minute_or_the_second() -> None:
    moment = datetime(2022, 5, 10, 7, 5, 9, 999_999, tzinfo=UTC)
    assert format_cutoff(moment) == "14h05 10/5/2022"
    assert format_cutoff(moment, seconds=True) == "14h05m09 10/5/2022"
    assert clock.format_cutoff_long(moment, "en-gb") == "14:05 on 10 May 2022"


def test_a_moment_just_after_midnight_belongs_to_the_new_day() -> None:
    assert format_cutoff(CLOSE_OF_PHASE_1 + timedelta(microseconds=1)) == "0h00 1/6/2022"


def test_days_and_times_are_written_in_the_notation_of_the_language() -> None:
    moment = datetime(2022, 6, 2, 2, 5, 7, tzinfo=UTC)
    assert clock.format_date(date(2022, 5, 31), "vi") == "31/5/2022"
    assert clock.format_date(date(2022, 5, 31), "en") == "31 May 2022"
    assert clock.format_time(moment, "vi") == "9h05"
    assert clock.format_time(moment, "en") == "09:05"
    assert clock.format_time(moment, "vi", seconds=True) == "9h05m07"
    assert clock.format_time(moment, "en", seconds=True) == "09:05:07"


@given(minutes)
def test_reading_what_was_written_gives_the_same_minute(moment: datetime) -> None:
    assert parse_moment(format_cutoff(moment)) == moment
    assert parse_moment(format_cutoff(moment, seconds=True)) == moment
    for language in ("vi", "en"):
        assert parse_moment(clock.format_cutoff_long(moment, language)) == moment
    assert parse_moment(moment.isoformat()) == moment


@given(days)
def test_a_day_alone_means_its_end_in_either_language(day: date) -> None:
    for language in ("vi", "en"):
        assert parse_moment(clock.format_date(day, language)) == clock.end_of_day(day)
    assert parse_moment(day.isoformat()) == clock.end_of_day(day)


@given(days)
def test_a_day_is_closed_by_its_end_and_holds_all_but_that(day: date) -> None:
    end = clock.end_of_day(day)
    assert clock.day_of_cutoff(end) == day
    assert clock.day_of(end) == day + timedelta(days=1)
    assert clock.day_of(end - timedelta(microseconds=1)) == day
    assert clock.day_of(clock.start_of_day(day)) == day
    assert end - clock.start_of_day(day) == timedelta(days=1)


@given(instants)
def test_floors_stand_at_or_before_the_moment_and_less_than_one_step_away(moment: datetime) -> None:
    assert timedelta(0) <= moment - clock.floor_hour(moment) < timedelta(hours=1)
    assert timedelta(0) <= moment - clock.floor_day(moment) < timedelta(days=1)
    assert clock.floor_hour(moment).minute == 0
    assert clock.floor_day(moment).hour == 17
    assert clock.floor_day(clock.floor_hour(moment)) == clock.floor_day(moment)


@given(st.datetimes(datetime(1976, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))
def test_vietnam_is_the_zone_of_the_time_zone_database_since_1975(moment: datetime) -> None:
    assert moment.astimezone(clock.VIETNAM).replace(tzinfo=None) == moment.astimezone(
        ZoneInfo("Asia/Ho_Chi_Minh")
    ).replace(tzinfo=None)


def test_the_zone_bears_the_name_that_a_database_knows() -> None:
    assert clock.VIETNAM.tzname(None) == "Asia/Ho_Chi_Minh"


def test_phase_1_was_open_for_143_days() -> None:
    assert clock.days_between(date(2022, 1, 8), date(2022, 5, 31)) == 143


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_naive_moment_is_refused() -> None:
    naive = datetime(2022, 5, 31)
    for function in (format_cutoff, clock.day_of, clock.day_of_cutoff, clock.floor_hour, clock.floor_day):
        with pytest.raises(ValueError, match="aware"):
            function(naive)


def test_an_instant_in_place_of_a_day_is_refused() -> None:
    with pytest.raises(TypeError):
        clock.end_of_day(CLOSE_OF_PHASE_1)
    with pytest.raises(TypeError):
        clock.format_date(CLOSE_OF_PHASE_1, "vi")
