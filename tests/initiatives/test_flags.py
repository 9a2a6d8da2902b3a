"""What an officer is asked to look at: conditions, documents, unusual benefits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.initiatives import actions
from sangkien.initiatives.models import BenefitNorm, DraftFile, Flag, Initiative
from sangkien.initiatives.norms import ENOUGH, Norm, forget_norms, norm, refresh_norms
from sangkien.initiatives.states import ReasonCode
from tests.factories import World

WITH_DOCUMENT: dict[str, Any] = {"recognition_document": "36/QĐ-MBT"}


@pytest.fixture(autouse=True)
def _fresh_norms(db: None) -> Iterator[None]:
    forget_norms()
    yield
    forget_norms()


def flags(initiative: Initiative) -> int:
    initiative.refresh_from_db()
    return initiative.flags


def give_back(world: World, one: Initiative) -> None:
    actions.return_initiative(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu.")


def make_norm(world: World, median: int, count: int = ENOUGH) -> None:
    BenefitNorm.objects.create(
        programme=world.programme, field=world.fields[0], median=median, count=count, computed_at=clock.now()
    )
    forget_norms()


def test_nothing_to_look_at_has_no_flag(world: World) -> None:
    assert flags(world.submit(**WITH_DOCUMENT)) == 0


def test_a_missing_document_is_flagged_and_is_no_condition_besides(world: World) -> None:
    assert flags(world.submit()) == Flag.NO_DOCUMENT


def test_a_condition_that_only_warns_is_flagged(world: World) -> None:
    recognised = world.phase.applied_from + timedelta(days=10)
    late = world.submit(**WITH_DOCUMENT, applied_on=recognised + timedelta(days=1), recognised_on=recognised)
    assert flags(late) == Flag.ELIGIBILITY


@pytest.mark.parametrize("is_again", [False, True])
def test_a_file_stands_in_for_the_number_of_the_document(world: World, is_again: bool) -> None:
    corrects = None
    if is_again:
        first = world.submit()
        give_back(world, first)
        corrects = first.pk
    draft = world.make_draft(draft_id=uuid4(), corrects=corrects)
    DraftFile.objects.create(
        draft=draft, name="QĐ.pdf", media_type="application/pdf", size=3, sha256="0" * 64, uploaded_at=clock.now()
    )
    if corrects is None:
        one = world.submit(key=draft.pk)
    else:
        one = actions.resubmit(actor=world.member, initiative_id=corrects, content=world.content(), key=draft.pk)
    assert one.attachments.count() == 1
    assert one.flags == flags(one) == 0


def test_flags_are_worked_out_anew_when_it_is_sent_again(world: World) -> None:
    one = world.submit()
    give_back(world, one)
    actions.resubmit(actor=world.member, initiative_id=one.pk, content=world.content(**WITH_DOCUMENT))
    assert flags(one) == 0


@pytest.mark.parametrize(
    ("claimed", "median", "count", "is_large"),
    [(1_000, 100, 30, True), (999, 100, 30, False), (1_000, 100, 29, False), (0, 0, 30, False), (None, 1, 30, False)],
)
def test_ten_times_the_median_of_enough_benefits_is_large(
    world: World, claimed: int | None, median: int, count: int, is_large: bool
) -> None:
    make_norm(world, median, count)
    one = world.submit(**WITH_DOCUMENT, benefit_claimed=claimed, no_benefit_reason="Không đo được.")
    assert flags(one) == (Flag.LARGE_BENEFIT if is_large else 0)


def test_a_benefit_that_is_put_right_is_looked_at_anew(world: World) -> None:
    make_norm(world, 100)
    one = world.submit(benefit_claimed=10)
    actions.correct(actor=world.officer, initiative_id=one.pk, note="Thiếu số không.", benefit_claimed=1_000)
    assert flags(one) == Flag.LARGE_BENEFIT | Flag.NO_DOCUMENT
    actions.correct(actor=world.officer, initiative_id=one.pk, note="Nhầm.", benefit_claimed=999)
    assert flags(one) == Flag.NO_DOCUMENT


def test_a_benefit_that_is_raised_after_a_return_is_looked_at_anew(world: World) -> None:
    make_norm(world, 100)
    one = world.submit(**WITH_DOCUMENT, benefit_claimed=10)
    give_back(world, one)
    raised = world.content(**WITH_DOCUMENT, benefit_claimed=1_000)
    actions.resubmit(actor=world.member, initiative_id=one.pk, content=raised)
    assert flags(one) == Flag.LARGE_BENEFIT


def test_norms_are_medians_of_what_is_claimed_above_nothing(world: World) -> None:
    for benefit in (0, 10, 20, 30, None):
        world.submit(benefit_claimed=benefit, no_benefit_reason="Không đo được.")
    refresh_norms()
    assert norm(world.programme, world.fields[0].pk) == Norm(median=20, count=3)
    assert norm(world.programme, world.fields[1].pk) is None


def test_new_norms_mark_what_waits_and_unmark_what_is_usual_now(world: World) -> None:
    usual = [world.submit(**WITH_DOCUMENT, benefit_claimed=100) for _ in range(ENOUGH)]
    large, decided = (world.submit(**WITH_DOCUMENT, benefit_claimed=1_000) for _ in range(2))
    actions.mark_valid(actor=world.officer, initiative_id=decided.pk)
    Initiative.objects.filter(pk=usual[0].pk).update(flags=Flag.LARGE_BENEFIT | Flag.NO_DOCUMENT)
    assert refresh_norms() == 2
    assert (flags(large), flags(decided), flags(usual[0])) == (Flag.LARGE_BENEFIT, 0, Flag.NO_DOCUMENT)
    assert refresh_norms() == 0


def test_norms_cost_a_submission_no_question_once_they_are_known(world: World) -> None:
    make_norm(world, 100)
    norm(world.programme, world.fields[0].pk)
    with CaptureQueriesContext(connection) as captured:
        norm(world.programme, world.fields[0].pk)
    assert not captured.captured_queries
