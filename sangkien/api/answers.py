"""From figures and models to what the API answers with, and the response that carries it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2s
from typing import Any, Protocol

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import override
from pydantic import BaseModel

from sangkien.api import schemas
from sangkien.core.clock import VIETNAM, format_cutoff
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative, Response
from sangkien.programmes.eligibility import Condition, read_sentence
from sangkien.programmes.models import Basis, EligibilityRule, Phase, Programme
from sangkien.tally import figures
from sangkien.units.models import Cluster, Unit
from sangkien.units.today import followed_by, follows, former_names

MAX_AGE = 30
"""For how many seconds a cache may show an answer without asking again."""


def respond(request: HttpRequest, answer: BaseModel) -> HttpResponse:
    """Return an answer that any cache may keep for a moment, or 304 if the client has it already."""
    body = answer.model_dump_json()
    etag = f'"{blake2s(body.encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(
        request, etag=etag, response=HttpResponse(body, content_type="application/json")
    )
    assert isinstance(response, HttpResponse)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def local(moment: datetime) -> datetime:
    """Return the same instant in Vietnam time, as every answer writes it."""
    return moment.astimezone(VIETNAM)


class HasNames(Protocol):
    """Anything with a code and two names."""

    code: Any
    name_vi: Any
    name_en: Any


def named(thing: HasNames) -> schemas.Named:
    """Return a code with its names."""
    return schemas.Named(code=thing.code, name=thing.name_vi, name_en=thing.name_en)


def choice(member: TextChoices) -> dict[str, str]:
    """Return the code and names of a choice."""
    names = {}
    for field, language in (("name", "vi"), ("name_en", "en")):
        with override(language):
            names[field] = str(member.label)
    return {"code": member.value, **names}


def unit_ref(unit: Unit) -> schemas.UnitRef:
    """Return a unit, named."""
    return schemas.UnitRef(
        code=unit.code, name=unit.name_vi, name_en=unit.name_en, short_name=unit.short_vi or unit.name_vi
    )


def _cluster(cluster: Cluster | None) -> schemas.Named | None:
    return None if cluster is None else named(cluster)


def _moments(at: figures.Moments) -> dict[str, Any]:
    return {
        "as_of": local(at.as_of),
        "as_of_text": format_cutoff(at.as_of, seconds=bool(at.as_of.second)),
        "known_at": local(at.known_at),
        "is_earlier_than_asked": at.is_earlier_than_asked,
    }


def _figures(counts: figures.Counts) -> dict[str, Any]:
    return {
        "submitted": counts.submitted,
        "valid": counts.valid,
        "invalid": counts.invalid,
        "returned": counts.returned,
        "withdrawn": counts.withdrawn,
        "waiting": counts.waiting,
        "benefit_claimed_vnd": counts.benefit_claimed,
        "benefit_verified_vnd": counts.benefit_verified,
    }


# --- figures ------------------------------------------------------------------------------------------------------


def summary(found: figures.Summary) -> schemas.SummaryOut:
    """Return a summary as the API answers it."""
    return schemas.SummaryOut(
        **_moments(found.moments),
        **_figures(found.counts),
        tree=found.tree.value,
        unit=unit_ref(found.unit),
        programme=schemas.ProgrammePart(code=found.programme.code, **_progress(found.progress)),
        phase=None if found.phase is None else _phase_part(found.phase),
        phases=[_phase_part(part) for part in found.phases],
        categories=[
            schemas.CategoryPart(**choice(part.category), count=part.count, share_percent=part.share_percent)
            for part in found.categories
        ],
    )


def _progress(progress: figures.TargetProgress | None) -> dict[str, Any]:
    if progress is None:
        return {"target": None, "basis": None, "progress_percent": None, "excess": None}
    return {
        "target": progress.value,
        "basis": _basis(progress),
        "progress_percent": float(progress.progress_percent),
        "excess": progress.excess,
    }


def _basis(progress: figures.TargetProgress) -> schemas.BasisCode:
    return "registered" if progress.basis == Basis.REGISTERED else "assigned"


def _phase_part(part: figures.PhaseProgress) -> schemas.PhasePart:
    return schemas.PhasePart(
        number=part.phase.number,
        submitted=part.counts.submitted,
        valid=part.counts.valid,
        met_on=part.met_on,
        days_early=part.days_early,
        **_progress(part.progress),
    )


def board_by_unit(board: figures.Board) -> schemas.BoardByUnit:
    """Return a board ranked over all units."""
    return schemas.BoardByUnit(**_board_head(board), rows=[_board_row(row, row.rank) for row in board.rows])


def board_by_cluster(board: figures.Board) -> schemas.BoardByCluster:
    """Return a board ranked within each cluster."""
    return schemas.BoardByCluster(**_board_head(board), groups=[_board_group(group) for group in board.groups])


def _board_head(board: figures.Board) -> dict[str, Any]:
    return {
        **_moments(board.moments),
        "tree": board.tree.value,
        "unit": unit_ref(board.parent),
        "phase": None if board.phase is None else board.phase.number,
        "since": local(board.since),
        "total": schemas.BoardSum(**_sum(board.total)),
        "own": schemas.BoardSum(**_sum(board.own)),
    }


def _sum(counts: figures.Counts) -> dict[str, Any]:
    return {
        "submitted": counts.submitted,
        "valid": counts.valid,
        "benefit_claimed_vnd": counts.benefit_claimed,
    }


def _board_group(group: figures.BoardGroup) -> schemas.BoardGroupOut:
    return schemas.BoardGroupOut(
        cluster=_cluster(group.cluster),
        units=len(group.rows),
        units_met=group.met,
        rows=[_board_row(row, row.rank_in_group) for row in group.rows],
        **_sum(group.counts),
    )


def _board_row(row: figures.BoardRow, rank: int) -> schemas.BoardRowOut:
    return schemas.BoardRowOut(
        rank=rank,
        rank_change=row.rank_change,
        unit=unit_ref(row.unit),
        cluster=_cluster(row.cluster),
        submitted_in_phase=row.phase_counts.submitted,
        valid_in_phase=row.phase_counts.valid,
        targets=[_target(target) for target in row.targets],
        **_figures(row.counts),
    )


def _target(progress: figures.TargetProgress) -> schemas.TargetOut:
    return schemas.TargetOut(
        basis=_basis(progress),
        phase=None if progress.phase is None else progress.phase.number,
        value=progress.value,
        progress_percent=float(progress.progress_percent),
        excess=progress.excess,
    )


def timeline(
    at: figures.Moments, tree: figures.Tree, unit: Unit, days: Iterable[figures.TimelineDay]
) -> schemas.TimelineOut:
    """Return how a programme grew, day by day."""
    return schemas.TimelineOut(
        **_moments(at),
        tree=tree.value,
        unit=unit_ref(unit),
        days=[schemas.DayOut(day=day.day, submitted=day.submitted, valid=day.valid) for day in days],
    )


# --- programmes, units --------------------------------------------------------------------------------------------


def programme(found: Programme) -> schemas.ProgrammeOut:
    """Return a programme with its phases."""
    return schemas.ProgrammeOut(
        code=found.code,
        name=found.name_vi,
        name_en=found.name_en,
        owner=unit_ref(found.owner),
        starts_at=local(found.starts_at),
        ends_at=local(found.ends_at),
        headline_phase=found.headline_phase.number if found.headline_phase else None,
        phases=[_phase(phase) for phase in found.phases.all()],
        notice=found.notice_vi,
        notice_en=found.notice_en,
    )


def _phase(phase: Phase) -> schemas.PhaseOut:
    return schemas.PhaseOut(
        number=phase.number,
        name=phase.name_vi,
        name_en=phase.name_en,
        opens_at=local(phase.opens_at),
        closes_at=local(phase.closes_at),
        closes_at_text=format_cutoff(phase.closes_at),
        applied_from=phase.applied_from,
        applied_until=phase.applied_until,
    )


def rules(
    found: Programme, as_of: datetime | None, phase: Phase | None, conditions: Iterable[Condition]
) -> schemas.RulesOut:
    """Return the rules of eligibility of a programme, their sentences with the days of ``phase``."""
    return schemas.RulesOut(
        programme=found.code,
        as_of=local(as_of) if as_of else None,
        phase=None if phase is None else phase.number,
        rules=[
            schemas.RuleOut(
                code=one.rule.code,
                former=[schemas.RuleVersion(**_rule(rule, phase)) for rule in one.former],
                announced=[schemas.RuleVersion(**_rule(rule, phase)) for rule in one.announced],
                **_rule(one.rule, phase),
            )
            for one in conditions
        ],
    )


def _rule(rule: EligibilityRule, phase: Phase | None) -> dict[str, Any]:
    sentences = {}
    for field, language in (("sentence", "vi"), ("sentence_en", "en")):
        with override(language):
            sentences[field] = read_sentence(rule, phase)
    return {
        "version": rule.version,
        "outcome": rule.outcome,
        "field": rule.field or None,
        "reason": rule.reason,
        "check": rule.check_name,
        "parameters": rule.parameters,
        "source": rule.source_vi,
        "source_en": rule.source_en,
        "effective_at": local(rule.effective_at),
        "ended_at": local(rule.ended_at) if rule.ended_at else None,
        **sentences,
    }


def unit_line(unit: Unit, above: Iterable[Unit]) -> schemas.UnitLine:
    """Return a unit in a list, with those above it (the top first)."""
    return schemas.UnitLine(**_unit(unit, list(above)))


def unit_in_full(unit: Unit, above: Iterable[Unit], cluster: Cluster | None) -> schemas.UnitOut:
    """Return a unit with those above it (the top first), the cluster that it competes in today, and its past."""
    return schemas.UnitOut(
        **_unit(unit, list(above)),
        other_names=unit.other_names,
        former_names=[
            schemas.FormerNameOut(name=one.name_vi, name_en=one.name_en, until=one.until) for one in former_names(unit)
        ],
        follows=[
            schemas.SuccessionOut(unit=unit_ref(step.predecessor), kind=step.kind, on=step.on) for step in follows(unit)
        ],
        followed_by=[
            schemas.SuccessionOut(unit=unit_ref(step.successor), kind=step.kind, on=step.on)
            for step in followed_by(unit)
        ],
        members=unit.members,
        cluster=_cluster(cluster),
    )


def _unit(unit: Unit, above: Sequence[Unit]) -> dict[str, Any]:
    return {
        **unit_ref(unit).model_dump(),
        "kind": unit.kind,
        "level": unit.level,
        "parent": above[-1].code if above else None,
        "opened_on": unit.opened_on,
        "closed_on": unit.closed_on,
        "ancestors": [unit_ref(ancestor) for ancestor in above],
    }


# --- initiatives --------------------------------------------------------------------------------------------------


def initiative_line(found: Initiative) -> schemas.InitiativeLine:
    """Return an initiative in a list."""
    return schemas.InitiativeLine(**_initiative(found))


def initiative_in_full(found: Initiative, ordinal: int | None) -> schemas.InitiativeOut:
    """Return an initiative; of a secret one only title, effect and award. Confidential parts are never in it."""
    return schemas.InitiativeOut(
        **_initiative(found),
        ordinal=ordinal,
        programme=found.programme.code,
        phase=found.phase.number if found.phase else None,
        social_benefit=found.social_benefit,
        award=found.award,
        authors=_named_authors(found),
        events=[schemas.EventOut(kind=event.kind, at=local(event.at)) for event in found.events.all()],
        **{name: _unless_secret(found, name) for name in _TEXTS},
    )


def _named_authors(found: Initiative) -> list[schemas.AuthorOut]:
    """Return the authors, without those who decline to be named; of a secret technology nobody is named."""
    if found.is_secret:
        return []
    return [
        schemas.AuthorOut(name=author.name, is_principal=author.number == 1)
        for author in found.authors.all()
        if author.response != Response.DECLINED
    ]


_TEXTS = (
    "problem", "solution", "novelty", "conditions", "applied_scope", "applicable_scope", "no_benefit_reason",
    "applied_on", "recognised_by", "recognition_document", "recognised_on",
)  # fmt: skip


def _unless_secret(found: Initiative, name: str) -> Any:
    return None if found.is_secret else getattr(found, name)


def _initiative(found: Initiative) -> dict[str, Any]:
    assert found.submitted_at is not None  # drafts are not public
    return {
        "code": code_of(found.pk),
        "title": found.title,
        "is_secret": found.is_secret,
        "kind": found.kind,
        "field": named(found.field),
        "unit": unit_ref(found.unit),
        "category": found.category,
        "state": found.state,
        "submitted_at": local(found.submitted_at),
        "decided_at": local(found.decided_at) if found.decided_at else None,
        "benefit_claimed_vnd": found.benefit_claimed,
        "benefit_verified_vnd": found.benefit_verified,
    }
