"""Versions of rules: which one is in force at a moment, who may bring in another, and that none ever changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.models import Person
from sangkien.programmes.actions import NOTICE, revise_rule
from sangkien.programmes.eligibility import (
    STANDARD_RULES,
    Facts,
    RuleText,
    as_record,
    conditions,
    evaluate,
    findings_of,
    install_standard_rules,
    rules_in_force,
)
from sangkien.programmes.models import EligibilityRule, Programme, RuleOutcome
from sangkien.units.models import Role
from tests.factories import World, grant, make_person, make_unit, make_world

TICK = timedelta(microseconds=1)
ASKED = next(text for text in STANDARD_RULES if text.code == "asked_in_time")
WHY = "Nghị quyết của Đoàn Chủ tịch"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def administrator(world: World) -> Person:
    person = make_person("administrator")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def revise(world: World, actor: Person, **changes: object) -> EligibilityRule:
    at = changes.pop("effective_at", None)
    rule = replace(ASKED, **({"parameters": {"years": 2}} | changes))  # type: ignore[arg-type]
    return revise_rule(actor=actor, programme=world.programme, rule=rule, reason=WHY, effective_at=at)  # type: ignore[arg-type]


def version_at(world: World, at: object, code: str = "asked_in_time") -> int:
    return next(rule.version for rule in rules_in_force(world.programme, at) if rule.code == code)  # type: ignore[arg-type]


def test_standard_rules_are_in_force_from_their_moment_in_their_order(world: World) -> None:
    start = world.programme.starts_at
    assert rules_in_force(world.programme, start - TICK) == []
    assert [rule.code for rule in rules_in_force(world.programme, start)] == [text.code for text in STANDARD_RULES]


def test_installing_again_changes_nothing(world: World, administrator: Person) -> None:
    revise(world, administrator)
    before = list(EligibilityRule.objects.order_by("pk").values())
    assert install_standard_rules(world.programme, at=clock.now()) == []
    assert list(EligibilityRule.objects.order_by("pk").values()) == before


def test_a_decision_is_taken_by_the_version_in_force_at_its_moment(world: World, administrator: Person) -> None:
    second = revise(world, administrator)
    change = second.effective_at
    assert (second.version, second.ended_at) == (2, None)
    assert EligibilityRule.objects.get(code="asked_in_time", version=1).ended_at == change
    assert [version_at(world, at) for at in (change - TICK, change)] == [1, 2]
    third = revise(world, administrator, parameters={"years": 3})
    assert [version_at(world, at) for at in (change, third.effective_at - TICK, third.effective_at)] == [2, 2, 3]
    assert [version_at(world, at) for at in (world.programme.starts_at, change - TICK)] == [1, 1]


def test_a_change_takes_effect_after_it_is_written_or_on_the_day_that_is_asked_for(
    world: World, administrator: Person
) -> None:
    before = clock.now()
    assert revise(world, administrator).effective_at > before + NOTICE / 2
    new_year = clock.now() + timedelta(days=30)
    assert revise(world, administrator, effective_at=new_year).effective_at == new_year
    assert [version_at(world, at) for at in (new_year - TICK, new_year)] == [2, 3]


def test_a_change_never_reaches_back(world: World, administrator: Person) -> None:
    for at in (clock.now() - timedelta(days=1), clock.now()):
        with pytest.raises(InvalidInput) as refused:
            revise(world, administrator, effective_at=at)
        assert (refused.value.code, refused.value.field) == ("effective_too_early", "effective_at")
    announced = revise(world, administrator, effective_at=clock.now() + timedelta(days=30))
    with pytest.raises(InvalidInput):
        revise(world, administrator, effective_at=announced.effective_at)


def test_a_programme_adds_a_rule_of_its_own(world: World, administrator: Person) -> None:
    added = revise(world, administrator, code="asked-by-us", position=11)
    assert added.version == 1
    assert rules_in_force(world.programme, added.effective_at)[-1].code == "asked-by-us"


def test_a_change_is_on_the_record(world: World, administrator: Person) -> None:
    rule = revise(world, administrator)
    entry = AuditEntry.objects.get(action="rule.revise")
    assert (entry.actor, entry.subject_kind, entry.subject) == (administrator, "programme", "1trieu")
    assert (entry.at, entry.unit_path) == (rule.recorded_at, world.top.path)
    assert entry.details == {
        "rule": "asked_in_time",
        "version": 2,
        "outcome": "warn",
        "parameters": {"years": 2},
        "effective_at": rule.effective_at.isoformat(),
    }
    assert (rule.recorded_by, rule.change_reason) == (administrator, WHY)


def test_only_who_administers_the_owner_of_the_programme_may_change_a_rule(world: World, administrator: Person) -> None:
    below, viewer, former = make_person(), make_person(), make_person()
    grant(below, world.unions[0], Role.UNIT_ADMINISTRATOR)
    grant(viewer, world.top, Role.VIEWER)
    held = grant(former, world.top, Role.UNIT_ADMINISTRATOR)
    held.until = clock.now() - TICK
    held.save()
    for nobody in (world.member, world.officer, below, viewer, former):
        with pytest.raises(NotAllowed):
            revise(world, nobody)
    assert not EligibilityRule.objects.filter(version=2).exists()
    assert not AuditEntry.objects.exists()
    revise(world, administrator)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"check_name": "moon_phase"}, "unknown_check", "check_name"),
        ({"parameters": {}}, "bad_parameters", "parameters"),
        ({"parameters": {"years": -1}}, "bad_parameters", "parameters"),
        ({"outcome": "shout"}, "unknown_outcome", "outcome"),
        ({"sentence_en": " "}, "text_needed", "sentence_en"),
        ({"sentence_vi": "x" * 1001}, "text_needed", "sentence_vi"),
        ({"source_vi": ""}, "text_needed", "source_vi"),
        ({"sentence_vi": "Hạn %(deadline)s."}, "bad_sentence", "sentence_vi"),
        ({"sentence_en": "50 % of it."}, "bad_sentence", "sentence_en"),
        ({"sentence_en": "%s years."}, "bad_sentence", "sentence_en"),
    ],
)
def test_a_rule_that_cannot_be_asked_or_said_is_refused(
    world: World, administrator: Person, change: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        revise(world, administrator, **change)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not EligibilityRule.objects.filter(version=2).exists()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_change_needs_a_reason(world: World, administrator: Person, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        revise_rule(actor=administrator, programme=world.programme, rule=ASKED, reason=reason)
    assert refused.value.field == "reason"
    assert version_at(world, clock.now() + timedelta(days=1)) == 1


def test_a_version_is_taken_as_it_stands_to_change_one_thing(world: World, administrator: Person) -> None:
    now = RuleText.of(EligibilityRule.objects.get(code="document_given"))
    stricter = replace(now, outcome=RuleOutcome.REFUSE)
    rule = revise_rule(actor=administrator, programme=world.programme, rule=stricter, reason=WHY)
    facts = Facts(recognition_document="", at=clock.now())
    outcomes = [
        next(
            f.outcome for f in evaluate(rules_in_force(world.programme, at), world.phase, facts) if f.rule == rule.code
        )
        for at in (rule.effective_at - TICK, rule.effective_at)
    ]
    assert outcomes == ["warned", "refused"]


def test_stored_findings_are_read_with_the_sentences_of_their_day(world: World, administrator: Person) -> None:
    facts = Facts(applied_on=world.phase.applied_from, at=world.phase.closes_at)
    kept = as_record(evaluate(rules_in_force(world.programme, clock.now()), world.phase, facts))
    revise(world, administrator, sentence_vi="Khác.", sentence_en="Other.")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = {f.rule: f for f in findings_of(world.programme, world.phase, kept)}
    assert len(queries) == 1
    assert (found["asked_in_time"].outcome, found["asked_in_time"].version) == ("warned", 1)
    with override("en"):
        assert "within 1 year(s)" in str(found["asked_in_time"].message)
    (closed,) = findings_of(world.programme, None, as_record(evaluate([], None, facts)))
    assert (closed.rule, closed.outcome) == ("phase_open", "refused")


def test_reading_the_rules_is_one_query_however_many_there_are(world: World, administrator: Person) -> None:
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            rules_in_force(world.programme, clock.now())
        assert len(queries) == 1
        for years in (2, 3, 4):
            revise(world, administrator, parameters={"years": years})


def test_conditions_are_the_rules_of_a_moment_with_their_other_versions(world: World, administrator: Person) -> None:
    second, third = revise(world, administrator), revise(world, administrator, parameters={"years": 3})
    moments = (second.effective_at - TICK, second.effective_at, third.effective_at)
    assert [versions_of(world, at) for at in moments] == [([], 1, [2, 3]), ([1], 2, [3]), ([2, 1], 3, [])]
    with CaptureQueriesContext(connection) as queries:
        found = conditions(world.programme, second.effective_at)
    assert len(queries) == 1
    assert [one.rule for one in found] == rules_in_force(world.programme, second.effective_at)
    assert conditions(world.programme, world.programme.starts_at - TICK) == []


def versions_of(world: World, at: datetime) -> tuple[list[int], int, list[int]]:
    asked = next(one for one in conditions(world.programme, at) if one.rule.code == "asked_in_time")
    return [rule.version for rule in asked.former], asked.rule.version, [rule.version for rule in asked.announced]


def test_a_programme_that_was_there_before_gets_the_rules_with_the_migration(db: None) -> None:
    owner, now = make_unit("TLD"), clock.now()
    programme = Programme.objects.create(
        code="old", name_vi="Cũ", name_en="Old", owner=owner, starts_at=now, ends_at=now + timedelta(days=1)
    )
    import_module("sangkien.programmes.migrations.0004_standard_rules").install(apps, None)
    assert [rule.code for rule in rules_in_force(programme, now)] == [text.code for text in STANDARD_RULES]
    assert install_standard_rules(programme, at=now) == []


# --- what the database holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programmes_eligibility_rule SET outcome = 'warn' WHERE code = 'recognised'",
        "UPDATE programmes_eligibility_rule SET outcome = 'warn', ended_at = now() WHERE code = 'recognised'",
        "UPDATE programmes_eligibility_rule SET ended_at = NULL",
        "DELETE FROM programmes_eligibility_rule",
        "TRUNCATE programmes_eligibility_rule",
    ],
)
def test_the_database_refuses_to_change_or_lose_a_version(world: World, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be emptied by anybody
        with pytest.raises(IntegrityError, match="versions of rules"), transaction.atomic():
            cursor.execute(statement)


def test_an_end_is_for_good(world: World, administrator: Person) -> None:
    revise(world, administrator)
    for statement in ("ended_at = NULL", "ended_at = ended_at + interval '1 day'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE programmes_eligibility_rule SET {statement} WHERE code = 'asked_in_time' AND version = 1"
            )


def test_there_is_one_open_version_of_a_rule(world: World) -> None:
    rule = EligibilityRule.objects.get(code="recognised")
    rule.pk, rule.version = None, 2
    with pytest.raises(IntegrityError, match="one_open_rule_version"), transaction.atomic():
        rule.save(force_insert=True)
