from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.programmes.actions import revise_rule
from sangkien.programmes.eligibility import STANDARD_RULES
from sangkien.programmes.models import EligibilityRule, Programme
from sangkien.units.models import Role
from tests.api.conftest import Get
from tests.factories import World, grant, make_person, make_world

RULES = "programmes/1trieu/rules"
ASKED = next(text for text in STANDARD_RULES if text.code == "asked_in_time")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def announce(world: World, *years: int) -> list[EligibilityRule]:
    """Bring in versions of a rule, a day apart, from tomorrow on."""
    administrator = make_person()
    grant(administrator, world.top, Role.UNIT_ADMINISTRATOR)
    return [
        revise_rule(
            actor=administrator,
            programme=world.programme,
            rule=replace(ASKED, parameters={"years": number}),
            reason="Nghị quyết mới",
            effective_at=clock.now() + timedelta(days=day),
        )
        for day, number in enumerate(years, start=1)
    ]


def test_the_rules_in_force_are_listed_with_their_sentences_and_sources(world: World, get: Get) -> None:
    answer = get(RULES).json()
    assert (answer["programme"], answer["as_of"], answer["phase"]) == ("1trieu", None, 1)
    assert [rule["code"] for rule in answer["rules"]] == [text.code for text in STANDARD_RULES]
    window = answer["rules"][2]
    first, last = world.phase.applied_from, world.phase.applied_until
    assert f"từ {clock.format_date(first, 'vi')} đến {clock.format_date(last, 'vi')}" in window["sentence"]
    assert f"from {clock.format_date(first, 'en')} to {clock.format_date(last, 'en')}" in window["sentence_en"]
    assert (window["outcome"], window["field"], window["reason"]) == ("refuse", "applied_on", "outside_window")
    assert (window["version"], window["check"], window["parameters"]) == (1, "applied_in_window", {})
    assert datetime.fromisoformat(window["effective_at"]) == world.programme.starts_at
    assert window["effective_at"].endswith("+07:00")
    assert (window["ended_at"], window["former"], window["announced"]) == (None, [], [])
    assert window["source"]
    assert answer["rules"][0]["field"] is None


def test_a_change_that_is_announced_stands_beside_the_version_in_force(world: World, get: Get) -> None:
    (second,) = announce(world, 2)
    rule = next(rule for rule in get(RULES).json()["rules"] if rule["code"] == "asked_in_time")
    assert (rule["version"], rule["parameters"]) == (1, {"years": 1})
    (later,) = rule["announced"]
    assert (later["version"], later["parameters"]) == (2, {"years": 2})
    assert "within 2 year(s)" in later["sentence_en"]
    assert rule["ended_at"] == later["effective_at"]
    assert datetime.fromisoformat(later["effective_at"]) == second.effective_at


def test_a_past_moment_is_answered_by_the_rules_in_force_before_it(world: World, get: Get) -> None:
    start = world.programme.starts_at
    answer = get(RULES, as_of=(start + timedelta(seconds=1)).isoformat()).json()
    assert len(answer["rules"]) == len(STANDARD_RULES)
    assert datetime.fromisoformat(answer["as_of"]) == start + timedelta(seconds=1)
    assert get(RULES, as_of=start.isoformat()).json()["rules"] == []


def test_a_moment_to_come_or_none_at_all_is_refused(world: World, get: Get) -> None:
    later = (clock.now() + timedelta(days=2)).isoformat()
    for asked, code in ((later, "as_of_in_future"), ("hôm nào", "not_a_date")):
        response = get(RULES, as_of=asked)
        assert (response.status_code, response.json()["code"], response.json()["field"]) == (422, code, "as_of")
    assert get("programmes/none/rules").status_code == 404


def test_a_programme_without_phases_or_rules_has_an_empty_list(world: World, get: Get) -> None:
    now = clock.now()
    Programme.objects.create(
        code="empty", name_vi="Trống", name_en="Empty", owner=world.top, starts_at=now, ends_at=now + timedelta(days=1)
    )
    assert get("programmes/empty/rules").json() == {"programme": "empty", "as_of": None, "phase": None, "rules": []}


def test_an_answer_that_has_not_changed_is_not_sent_again(world: World, get: Get) -> None:
    etag = get(RULES)["ETag"]
    assert get(RULES)["ETag"] == etag
    announce(world, 2)
    assert get(RULES)["ETag"] != etag


def test_the_number_of_queries_does_not_grow_with_the_versions(world: World, get: Get) -> None:
    with CaptureQueriesContext(connection) as one:
        get(RULES)
    announce(world, 2, 3, 4)
    with CaptureQueriesContext(connection) as more:
        get(RULES)
    assert len(more) == len(one) <= 3
