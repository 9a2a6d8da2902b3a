"""What each standard rule says at its edges, and the laws of the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.programmes.eligibility import CHECKS, STANDARD_RULES, Facts, Finding, as_record, evaluate, reads_well
from sangkien.programmes.eligibility.checks import years_later
from sangkien.programmes.models import EligibilityRule, Phase

RULES = [EligibilityRule(version=1, **text.values()) for text in STANDARD_RULES]
PHASE = Phase(
    number=1,
    opens_at=clock.start_of_day(date(2022, 1, 8)),
    closes_at=clock.start_of_day(date(2022, 6, 1)),
    applied_from=date(2021, 9, 1),
    applied_until=date(2023, 9, 1),
)
NOON = datetime(2022, 5, 10, 5, tzinfo=UTC)  # 12h00 10/5/2022 in Vietnam
GOOD = Facts(
    applied_on=date(2022, 2, 14),
    recognised_by="Hội đồng sáng kiến Công ty",
    recognition_document="12/QĐ-CT",
    recognised_on=date(2022, 3, 1),
    is_ip_protected=False,
    kind="technical_solution",
    at=NOON,
)


def said(facts: Facts, phase: Phase | None = PHASE) -> dict[str, str]:
    return {finding.rule: str(finding.outcome) for finding in evaluate(RULES, phase, facts)}


def finding(rule: str, facts: Facts, phase: Phase | None = PHASE) -> Finding:
    return next(found for found in evaluate(RULES, phase, facts) if found.rule == rule)


def test_an_eligible_initiative_passes_every_rule() -> None:
    assert set(said(GOOD).values()) == {"passed"}
    assert set(said(GOOD)) == {rule.code for rule in STANDARD_RULES}


def test_of_an_empty_form_only_the_open_phase_is_known() -> None:
    assert {rule for rule, outcome in said(Facts()).items() if outcome != "unknown"} == {"phase_open"}


def test_without_an_open_phase_it_is_refused_with_no_field_at_fault() -> None:
    closed = finding("phase_open", GOOD, None)
    assert (closed.outcome, closed.field, closed.reason, closed.version) == ("refused", "", "phase_closed", 1)
    assert said(GOOD, None)["applied_in_window"] == "unknown"


def test_without_an_open_phase_it_is_refused_even_by_a_programme_without_rules() -> None:
    (closed,) = evaluate([], None, GOOD)
    assert (closed.rule, closed.outcome, closed.reason, closed.version) == ("phase_open", "refused", "phase_closed", 0)
    assert evaluate([], PHASE, GOOD) == []


@pytest.mark.parametrize(
    ("change", "rule", "outcome"),
    [
        ({"kind": "poem"}, "kind_counts", "refused"),
        ({"kind": ""}, "kind_counts", "unknown"),
        ({"kind": "research_project"}, "kind_counts", "passed"),
        ({"applied_on": date(2021, 8, 31)}, "applied_in_window", "refused"),
        ({"applied_on": date(2021, 9, 1)}, "applied_in_window", "passed"),
        ({"applied_on": date(2023, 9, 1)}, "applied_in_window", "passed"),
        ({"applied_on": date(2023, 9, 2)}, "applied_in_window", "refused"),
        ({"applied_on": None}, "applied_in_window", "unknown"),
        ({"applied_on": date(2022, 5, 10)}, "applied_by_now", "passed"),
        ({"applied_on": date(2022, 5, 11)}, "applied_by_now", "refused"),
        ({"applied_on": date(2022, 5, 11), "at": None}, "applied_by_now", "unknown"),
        ({"recognised_by": ""}, "recognised", "refused"),
        ({"recognised_by": " \n"}, "recognised", "refused"),
        ({"recognised_by": None}, "recognised", "unknown"),
        ({"recognised_by": "Giám đốc"}, "recognised", "passed"),
        ({"recognised_on": date(2022, 5, 10)}, "recognised_by_now", "passed"),
        ({"recognised_on": date(2022, 5, 11)}, "recognised_by_now", "refused"),
        ({"recognised_on": None}, "recognised_by_now", "unknown"),
        ({"recognised_on": date(2022, 2, 14)}, "applied_before_recognised", "passed"),
        ({"recognised_on": date(2022, 2, 13)}, "applied_before_recognised", "warned"),
        ({"recognised_on": None}, "applied_before_recognised", "unknown"),
        ({"recognition_document": ""}, "document_given", "warned"),
        ({"recognition_document": None}, "document_given", "unknown"),
        ({"is_ip_protected": True}, "not_ip_protected", "refused"),
        ({"is_ip_protected": None}, "not_ip_protected", "unknown"),
    ],
)
def test_a_rule_at_its_edge(change: dict[str, object], rule: str, outcome: str) -> None:
    assert said(replace(GOOD, **change))[rule] == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("applied_on", "asked", "outcome"),
    [
        (date(2021, 9, 1), date(2022, 9, 1), "passed"),
        (date(2021, 9, 1), date(2022, 9, 2), "warned"),
        (date(2024, 2, 29), date(2025, 2, 28), "passed"),
        (date(2024, 2, 29), date(2025, 3, 1), "warned"),
        (date(2023, 2, 28), date(2024, 2, 28), "passed"),
        (date(2023, 2, 28), date(2024, 2, 29), "warned"),
    ],
)
def test_recognition_is_to_be_asked_for_within_one_year(applied_on: date, asked: date, outcome: str) -> None:
    recognised = Facts(applied_on=applied_on, recognised_on=asked, at=NOON)
    sent_that_day = Facts(applied_on=applied_on, at=clock.end_of_day(asked) - timedelta(microseconds=1))
    assert said(recognised)["asked_in_time"] == said(sent_that_day)["asked_in_time"] == outcome
    assert said(Facts(applied_on=applied_on))["asked_in_time"] == "unknown"


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    midnight = datetime(2022, 5, 10, 17, tzinfo=UTC)  # 0h00 11/5/2022 in Vietnam
    facts = replace(GOOD, applied_on=date(2022, 5, 11))
    assert said(replace(facts, at=midnight - timedelta(microseconds=1)))["applied_by_now"] == "refused"
    assert said(replace(facts, at=midnight))["applied_by_now"] == "passed"


def test_a_number_of_a_rule_is_data() -> None:
    facts = replace(GOOD, applied_on=date(2021, 9, 1), recognised_on=date(2023, 3, 1))
    text = next(text for text in STANDARD_RULES if text.code == "asked_in_time")
    two_years = EligibilityRule(version=2, **replace(text, parameters={"years": 2}).values())
    (found,) = evaluate([two_years], PHASE, facts)
    assert (said(facts)["asked_in_time"], found.outcome, found.version) == ("warned", "passed", 2)
    with override("en"):
        assert "within 2 year(s)" in str(found.message)


def test_a_sentence_is_in_the_readers_language_when_it_is_read() -> None:
    found = finding("applied_in_window", replace(GOOD, applied_on=date(2021, 8, 20)))
    with override("vi"):
        assert "từ 1/9/2021 đến 1/9/2023. Nếu ngày bạn ghi là ngày chạy thử" in str(found.message)
        assert "chương trình" in str(found.source)
    with override("en"):
        assert "from 1 September 2021 to 1 September 2023." in str(found.message)
        assert str(found.source) == "Conditions of the programme “1 million initiatives”"


def test_what_is_kept_is_the_rule_its_version_and_what_it_said() -> None:
    kept = as_record(evaluate(RULES, PHASE, replace(GOOD, recognition_document="")))
    assert kept[0] == {"rule": "phase_open", "version": 1, "outcome": "passed"}
    assert {"rule": "document_given", "version": 1, "outcome": "warned"} in kept


# --- laws -----------------------------------------------------------------------------------------------------------

days = st.none() | st.dates()
texts = st.none() | st.text(max_size=5)
any_facts = st.builds(
    Facts,
    applied_on=days,
    recognised_by=texts,
    recognition_document=texts,
    recognised_on=days,
    is_ip_protected=st.none() | st.booleans(),
    kind=texts,
    at=st.none() | st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)),
)


@given(any_facts, st.sampled_from([None, PHASE]), st.sampled_from(["vi", "en"]))
def test_every_rule_answers_whatever_the_facts_are(facts: Facts, phase: Phase | None, language: str) -> None:
    findings = evaluate(RULES, phase, facts)
    assert [found.rule for found in findings] == [rule.code for rule in RULES]
    with override(language):
        for found in findings:
            assert found.outcome in {"passed", "warned", "refused", "unknown"}
            assert str(found.message)
            assert "%" not in str(found.message)
            assert str(found.source)


@given(any_facts)
def test_what_becomes_known_never_takes_back_what_was_said_before(facts: Facts) -> None:
    """While a person types, a finding appears when its facts are there; no other field changes it."""
    for name in Facts.__dataclass_fields__:
        fewer = said(replace(facts, **{name: None}))
        for rule, outcome in said(facts).items():
            # Without a day of recognition, the moment of sending stands for it.
            if (rule, name) != ("asked_in_time", "recognised_on"):
                assert fewer[rule] in {outcome, "unknown"}


@given(st.dates(), st.integers(1, 99))
def test_years_later_is_the_same_day_or_the_last_of_february(day: date, years: int) -> None:
    later = years_later(day, years)
    if day.year + years > 9999:
        assert later == date.max
    else:
        assert later.year == day.year + years
        assert (later.month, later.day) in {(day.month, day.day), (2, 28)}
        assert (later.day == day.day) or (day.month, day.day) == (2, 29)


# --- the reviewed texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", STANDARD_RULES, ids=lambda text: text.code)
def test_a_standard_rule_is_whole(text) -> None:  # type: ignore[no-untyped-def]
    check = CHECKS[text.check_name]
    assert check.takes(dict(text.parameters))
    for sentence in (text.sentence_vi, text.sentence_en):
        assert reads_well(sentence, text.parameters)
        assert sentence.count(". ") >= 1, "what and why, then what to do"
    assert text.source_vi
    assert text.source_en
    assert text.reason
    assert text.sentence_vi != text.sentence_en
    assert len(text.code) <= 40
    assert len(text.reason) <= 30


def test_standard_rules_have_codes_and_places_of_their_own() -> None:
    assert len({text.code for text in STANDARD_RULES}) == len(STANDARD_RULES)
    assert [text.position for text in STANDARD_RULES] == list(range(1, len(STANDARD_RULES) + 1))
    assert {text.check_name for text in STANDARD_RULES} == set(CHECKS)


@pytest.mark.parametrize(
    ("name", "parameters", "usable"),
    [
        ("asked_in_time", {"years": 1}, True),
        ("asked_in_time", {"years": 0}, False),
        ("asked_in_time", {"years": True}, False),
        ("asked_in_time", {"years": "1"}, False),
        ("asked_in_time", {}, False),
        ("asked_in_time", {"years": 1, "months": 2}, False),
        ("recognised", {}, True),
        ("recognised", {"years": 1}, False),
        ("recognised", [], False),
        ("kind_counts", {"kinds": ["technical_solution"]}, True),
        ("kind_counts", {"kinds": []}, False),
        ("kind_counts", {"kinds": [1]}, False),
        ("kind_counts", {"kinds": "technical_solution"}, False),
    ],
)
def test_a_check_takes_only_numbers_that_it_can_use(name: str, parameters: object, usable: bool) -> None:
    assert CHECKS[name].takes(parameters) is usable
