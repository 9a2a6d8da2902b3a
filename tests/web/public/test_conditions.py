"""The page of conditions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.actions import NOTICE, revise_rule
from sangkien.programmes.eligibility import STANDARD_RULES
from sangkien.programmes.models import EligibilityRule, Phase, Programme
from sangkien.units.models import Role
from sangkien.web.public import conditions
from tests.factories import World, grant, make_person, make_unit, make_world
from tests.web.public.conftest import Page

PAGE = "/dieu-kien/"
ASKED = next(text for text in STANDARD_RULES if text.code == "asked_in_time")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def revise(world: World, *years: int) -> list[EligibilityRule]:
    administrator = make_person()
    grant(administrator, world.top, Role.UNIT_ADMINISTRATOR)
    return [
        revise_rule(
            actor=administrator,
            programme=world.programme,
            rule=replace(ASKED, parameters={"years": number}),
            reason="Nghị quyết mới",
        )
        for number in years
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_rule_stands_there_with_its_source_and_since_when(world: World, page: Page, language: str) -> None:
    html = page(PAGE, language=language)
    text = words(html)
    first, last = (clock.format_date(day, language) for day in (world.phase.applied_from, world.phase.applied_until))
    since = clock.format_date(clock.day_of(world.programme.starts_at), language)
    for rule in STANDARD_RULES:
        assert f'id="{rule.code}"' in html
        sentence = rule.sentence_vi if language == "vi" else rule.sentence_en
        assert sentence % {"first": first, "last": last, **rule.parameters} in text
        assert (rule.source_vi if language == "vi" else rule.source_en) in text
    assert text.count(since) >= len(STANDARD_RULES)


def test_what_is_required_stands_apart_from_what_is_looked_at(world: World, page: Page) -> None:
    html = page(PAGE)
    required, looked_at = html.index('id="bat-buoc"'), html.index('id="xem-xet"')
    for rule in STANDARD_RULES:
        place = html.index(f'id="{rule.code}"')
        assert (required < place < looked_at) if rule.outcome == "refuse" else (place > looked_at)


def test_phases_stand_there_with_both_their_windows(world: World, page: Page) -> None:
    Phase.objects.create(
        programme=world.programme,
        number=2,
        name_vi="Giai đoạn 2",
        name_en="Phase 2",
        opens_at=world.phase.closes_at,
        closes_at=world.phase.closes_at + timedelta(days=30),
        applied_from=world.phase.applied_from - timedelta(days=1000),
        applied_until=world.phase.applied_until,
    )
    text = words(page(PAGE, language="en"))
    for phase in world.programme.phases.all():
        assert phase.name_en in text
        assert clock.format_cutoff_long(phase.closes_at, "en") in text
        assert clock.format_date(phase.applied_from, "en") in text
    assert "No phase is open" not in text


def test_between_phases_the_page_says_so(world: World, page: Page) -> None:
    world.phase.closes_at = clock.now() - timedelta(days=1)
    world.phase.save()
    assert "No phase is open at the moment" in words(page(PAGE, language="en"))


def test_a_former_version_is_kept_with_its_days_and_a_later_one_announced(
    world: World, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = revise(world, 2, 3)
    announced = words(page(PAGE, language="en"))
    assert "within 1 year(s)" in announced
    assert announced.index("within 1 year(s)") < announced.index("within 2 year(s)")
    assert "former version" not in announced
    monkeypatch.setattr(conditions.clock, "now", lambda: third.effective_at + NOTICE)
    html = page(PAGE, language="en")
    assert "2 former versions" in words(html)
    assert html.count("<details") >= 1
    assert f"until {clock.format_cutoff_long(second.effective_at, 'en')}" in words(html)
    assert words(html).index("within 3 year(s)") < words(html).index("within 2 year(s)")


def test_a_programme_without_rules_or_phases_says_so(db: None, page: Page) -> None:
    now = clock.now()
    Programme.objects.create(
        code="new", name_vi="Mới", name_en="New", owner=make_unit("TLD"), starts_at=now, ends_at=now + timedelta(days=1)
    )
    text = words(page(PAGE, language="en"))
    assert "no conditions in force" in text
    assert "no phase yet" in text


def test_a_portal_without_a_programme_says_so(db: None, page: Page) -> None:
    assert page(PAGE)


def test_a_sentence_without_advice_is_a_demand_alone(world: World) -> None:
    rule = EligibilityRule(sentence_vi="Một câu.", sentence_en="One sentence.", parameters={})
    shown = conditions.shown_version(rule, None)
    assert (shown.demand, shown.advice) == ("Một câu.", "")


def test_the_number_of_queries_does_not_grow_with_the_versions(world: World, client: Client) -> None:
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    revise(world, 2, 3, 4)
    with CaptureQueriesContext(connection) as more:
        client.get(PAGE)
    assert len(more) == len(one) <= 5
