"""The plan of phase 1: the same everywhere, lawful at every scale, exact at full scale."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sangkien.demo.plan import CATEGORIES, CUT_OFF_US, Plan, build_plan, check_plan
from sangkien.demo.plan.checks import Counts, broken_laws, known_figures
from sangkien.demo.plan.model import RESUBMITTED, RETURNED, VALIDATED
from sangkien.demo.plan.reference import apportion, read_direct_plans
from sangkien.demo.plan.targets import phase_headline

SMALL = 0.02


@cache
def small() -> Plan:
    return build_plan(SMALL)


@cache
def full() -> Plan:
    return build_plan()


def test_full_plan_shows_every_known_figure() -> None:
    assert check_plan(full()) == []
    assert len(known_figures(full())) >= 45


def test_full_plan_has_the_published_total_and_a_tree_of_about_20_000_units() -> None:
    assert len(full().submissions) == 696_948
    assert 18_000 <= len(full().units) <= 22_000


def test_full_plan_with_one_submission_less_is_noticed() -> None:
    submissions = full().submissions
    shorter = replace(
        submissions,
        at_us=submissions.at_us[1:],
        unit=submissions.unit[1:],
        category=submissions.category[1:],
        benefit=submissions.benefit[1:],
    )
    wrong = [figure.name for figure in known_figures(replace(full(), submissions=shorter)) if not figure.holds]
    assert "TLD submitted 2022-05-31T24:00" in wrong
    assert "TLD submitted_on_first_day 2022-01-08" in wrong


def test_two_builds_are_identical() -> None:
    assert build_plan(SMALL).digest() == small().digest()


def test_plan_does_not_depend_on_the_hash_seed() -> None:
    code = f"from sangkien.demo.plan import build_plan; print(build_plan({SMALL}).digest())"
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    printed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == small().digest()


def test_small_plan_breaks_no_law() -> None:
    assert broken_laws(small()) == []
    assert check_plan(small()) == []


def test_small_plan_has_its_share_of_everything() -> None:
    plan = small()
    assert len(plan.submissions) == pytest.approx(696_948 * SMALL, rel=0.01)
    assert len(plan.decisions) > len(plan.submissions) // 2
    assert {unit.kind for unit in plan.units} >= {"confederation", "district_federation", "grassroots_union"}
    assert all(count > 0 for count in Counts(plan).by_direct(CUT_OFF_US).values())


def test_smallest_scale_still_has_a_few_hundred_submissions() -> None:
    plan = build_plan(0.000_001)
    assert 500 <= len(plan.submissions) <= 1_000
    assert check_plan(plan) == []


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        build_plan(scale)


def test_decision_before_its_submission_is_noticed() -> None:
    plan = small()
    moved = replace(plan.decisions, at_us=plan.decisions.at_us[:])
    moved.at_us[0] = plan.submissions.at_us[0]
    assert any("before it was made" in law for law in broken_laws(replace(plan, decisions=moved)))


def test_decision_on_a_validated_initiative_is_noticed() -> None:
    plan = small()
    changed = replace(plan.decisions, kind=plan.decisions.kind[:])
    subject = changed.submission[changed.kind.index(RESUBMITTED)]
    first = changed.submission.index(subject)
    assert changed.kind[first] == RETURNED
    changed.kind[first] = VALIDATED
    assert any("is not legal" in law for law in broken_laws(replace(plan, decisions=changed)))


def test_child_listed_before_its_parent_is_noticed() -> None:
    plan = small()
    units = [plan.units[-1], *plan.units[:-1]]
    assert plan.units[-1].parent_code is not None
    laws = broken_laws_of_the_tree(replace(plan, units=units))
    assert f"unit {plan.units[-1].code} before its parent" in laws


def broken_laws_of_the_tree(plan: Plan) -> list[str]:
    return [law for law in broken_laws(plan) if law.startswith("unit ")]


def test_shipbuilders_count_under_transport_from_the_day_of_their_transfer() -> None:
    units = {unit.code: unit for unit in full().units}
    old = [unit for unit in units.values() if unit.parent_code == "CDCNTT"]
    assert old
    for unit in old:
        assert unit.successor_code is not None
        successor = units[unit.successor_code]
        assert successor.opened_on == unit.closed_on == units["CDCNTT"].closed_on
        assert units[successor.parent_code or ""].parent_code == "CDGTVT"


def test_district_names_are_unique_in_their_province() -> None:
    names = [(unit.parent_code, unit.name_vi) for unit in small().units if unit.kind != "grassroots_union"]
    assert len(names) == len(set(names))


def test_grassroots_names_are_unique_below_their_union() -> None:
    names = [(unit.parent_code, unit.name_vi) for unit in full().units]
    assert len(names) == len(set(names))


def test_only_real_units_are_not_marked_invented() -> None:
    real = {unit.code for unit in small().units if not unit.invented}
    assert {"TLD", "HNI", "HNI-001", "HNI-KCN", "THA-GD", "CDGTVT-CNTT"} <= real
    assert not any(unit.kind == "grassroots_union" for unit in small().units if not unit.invented)


def test_other_names_cover_the_names_that_people_use() -> None:
    units = {unit.code: unit for unit in small().units}
    assert "LĐLĐ Thủ đô" in units["HNI"].other_names
    assert "CĐ TKV" in units["CDTKV"].other_names
    assert any("Thanh Hoá" in name for name in units["THA"].other_names)
    assert any("Hoà Bình" in name for name in units["HBH"].other_names)


@pytest.mark.parametrize("province", ["HNI", "HCM", "THA", "HUG"])
def test_district_targets_add_up_to_the_target_of_their_province(province: str) -> None:
    plan = full()
    below = {unit.code for unit in plan.units if unit.parent_code == province}
    parts = [t.value for t in plan.targets if t.unit_code in below and t.phase == 1]
    assert sum(parts) == phase_headline(plan.targets, province).value


def test_claimed_benefit_of_every_direct_unit_is_its_planned_sum() -> None:
    counts = Counts(small())
    for plan in read_direct_plans(SMALL):
        if plan.code in ("HNI", "THA", "CDDK", "LDG"):
            assert counts.benefit(plan.code) == plan.benefit_vnd


def test_every_category_appears_and_only_the_four() -> None:
    assert set(small().submissions.category) == set(range(len(CATEGORIES)))


@given(
    total=st.integers(0, 10_000),
    weights=st.lists(st.floats(0.001, 1000), min_size=1, max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_apportioned_parts_add_up_and_stay_within_one_of_the_exact_share(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) < 1.001 for part, share in zip(parts, exact, strict=True))
