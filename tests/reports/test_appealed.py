"""An appeal that is allowed changes today's figures and no report as of before."""

from __future__ import annotations

import json
from datetime import datetime

from sangkien.initiatives import actions
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.reports.cutoff import build
from sangkien.reports.data import to_json
from sangkien.reports.texts import to_text
from sangkien.tally import queries as tally
from sangkien.tally.fold import fold_all
from tests.factories import World, grant, make_person


def written(world: World, as_of: datetime) -> bytes:
    """Return the report as of this moment, in every notation."""
    report = build(world.programme, world.phase, tally.moments(world.programme, as_of))
    texts = [json.dumps(to_json(report)), to_text(report, "vi"), to_text(report, "en")]
    return "\f".join(texts).encode()


def test_a_report_as_of_before_is_the_same_to_the_byte(world: World) -> None:
    first = make_person()
    grant(first, world.unions[0])
    initiative = Initiative.objects.filter(state="submitted", unit=world.grassroots[0]).earliest("pk")
    actions.mark_invalid(
        actor=first, initiative_id=initiative.pk, reason=ReasonCode.NOT_RECOGNISED, note="Chưa được công nhận."
    )
    fold_all()
    cut_off = tally.published()
    assert cut_off is not None
    published, before = written(world, cut_off), tally.summary(world.programme, tally.moments(world.programme, cut_off))

    made = actions.appeal(actor=world.member, initiative_id=initiative.pk, note="Đã có quyết định công nhận.")
    actions.decide_appeal(
        actor=world.officer, appeal_id=made.pk, allow=True, answer="Đã có quyết định.", benefit_verified=5
    )
    fold_all()
    today = tally.summary(world.programme, tally.moments(world.programme))
    again = tally.summary(world.programme, tally.moments(world.programme, cut_off))
    assert (today.counts.valid, today.counts.invalid) == (before.counts.valid + 1, before.counts.invalid - 1)
    assert again.counts == before.counts
    assert written(world, cut_off) == published
