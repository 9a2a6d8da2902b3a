from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.models import Campaign, Phase
from sangkien.tally.figures import TimelineDay
from sangkien.web.public.front import days_with_half
from tests.factories import World, make_unit, make_world
from tests.web.public.conftest import Page, fill


def test_the_count_stands_first_with_its_targets_and_its_moment(world: World, page: Page) -> None:
    shown = page("/")
    assert '<p class="count-num">5</p>' in shown
    assert "125,0%" in shown  # 5 of the phase's 4
    assert "0,5%" in shown  # of the programme's 1,000
    assert re.search(r"Tính đến <b>\d+h\d\d ngày \d+/\d+/\d{4}</b>", shown)


def test_english_writes_words_and_figures_in_its_own_way(world: World, page: Page) -> None:
    shown = page("/", language="en")
    assert '<html lang="en">' in shown
    assert "125.0%" in shown
    assert "initiatives submitted" in shown
    assert "sáng kiến đã gửi" not in shown


def test_a_past_moment_shows_what_was_known_then(world: World, page: Page) -> None:
    yesterday = clock.day_of(clock.now()) - timedelta(days=1)
    shown = page("/", den=f"24h00 {yesterday.day}/{yesterday.month}/{yesterday.year}")
    assert '<p class="count-num">0</p>' in shown
    assert f"24h00 ngày {yesterday.day}/{yesterday.month}/{yesterday.year}" in shown


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("hôm qua", 400, "Đây không phải ngày giờ"),
        ("31/2/2022", 400, "Không có ngày này"),
        ("1/1/2199", 422, "Thời điểm này chưa đến"),
        ("1/1/1999", 422, "Lúc đó chương trình chưa bắt đầu"),
    ],
)
def test_a_moment_that_cannot_be_shown_is_explained_above_the_newest_figures(
    world: World, page: Page, asked: str, status: int, said: str
) -> None:
    shown = page("/", status=status, den=asked)
    assert said in shown
    assert f'value="{asked}"' in shown
    assert '<p class="count-num">5</p>' in shown


def test_the_facts_count_units_and_benefit(world: World, page: Page) -> None:
    shown = page("/", language="en")
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", shown.split('class="facts"')[1].split("</dl>")[0], re.DOTALL)
    assert [re.sub("<.*?>", "", figure) for _text, figure in facts] == ["1", "1", "1", "VND 62.5 million"]


def test_a_unit_that_has_completed_the_programme_bears_a_star(world: World, page: Page) -> None:
    leaders = page("/").split('class="table lead')[1].split("</table>")[0]
    assert leaders.count("i-star") == 1


def test_another_phase_that_has_begun_is_named_with_its_figure(world: World, page: Page) -> None:
    now = clock.now()
    world.phase.closes_at = now - timedelta(hours=1)
    world.phase.save()
    Phase.objects.create(
        programme=world.programme,
        number=9,
        name_vi="Giai đoạn dùng thử",
        name_en="Trial phase",
        opens_at=now - timedelta(minutes=30),
        closes_at=now + timedelta(days=9),
        applied_from=clock.day_of(now),
        applied_until=clock.day_of(now),
    )
    world.programme.headline_phase = world.phase
    world.programme.save()
    assert "Giai đoạn dùng thử đang mở: <b>0</b>" in page("/")


def test_the_drive_is_marked_in_the_chart_and_offered_as_a_moment(world: World, page: Page) -> None:
    start = clock.start_of_day(clock.day_of(clock.now()) - timedelta(days=20))
    Campaign.objects.create(
        programme=world.programme,
        name_vi="Thi đua cao điểm",
        name_en="Peak drive",
        starts_at=start,
        ends_at=clock.now() + timedelta(days=5),
    )
    shown = page("/")
    assert "f-drive" in shown
    assert "Thi đua cao điểm" in shown
    assert f"Trước đợt cao điểm: {clock.format_cutoff(start)}" in shown


def test_the_islands_are_always_drawn_and_named(world: World, page: Page) -> None:
    shown = page("/")
    assert "Quần đảo Hoàng Sa" in shown
    assert "Quần đảo Trường Sa" in shown
    assert shown.count("<circle") >= 60


def test_nothing_is_inline_scripted_or_from_elsewhere(world: World, client: Client) -> None:
    response = client.get("/")
    shown = response.content.decode()
    assert "<script" not in shown
    assert not re.search(r"<[^>]*\sstyle=", shown)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', shown)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_portal_without_a_programme_says_so(transactional_db: None, page: Page) -> None:
    assert "Chưa có chương trình" in page("/")
    assert "Chưa có chương trình" in page("/bang-xep-hang/")


def test_a_programme_without_initiatives_says_so(transactional_db: None, page: Page) -> None:
    make_world()
    assert "Chưa có sáng kiến nào được gửi" in page("/")


def test_the_front_page_only_answers_get(world: World, client: Client) -> None:
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/bang-xep-hang/", "/don-vi/TLD/"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_units(
    transactional_db: None, client: Client, path: str
) -> None:
    world = make_world()
    fill(world)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(20):
        make_unit(f"X{number:02}", world.top)
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(many) == len(few)


def day_after_day(*submitted: int) -> list[TimelineDay]:
    first = clock.day_of(clock.now())
    return [TimelineDay(first + timedelta(days=n), count, 0) for n, count in enumerate(submitted)]


def test_the_finding_is_the_fewest_last_days_with_more_than_half() -> None:
    assert days_with_half(day_after_day(1, 2, 3, 4, 40)) == 1
    assert days_with_half(day_after_day(10, 11, 12, 13, 14, 15, 16, 17, 26, 40)) == 2


def test_there_is_no_such_finding_when_the_count_grows_evenly() -> None:
    assert days_with_half(day_after_day(*range(10, 110, 10))) is None
    assert days_with_half([]) is None
    assert days_with_half(day_after_day(0, 0)) is None
