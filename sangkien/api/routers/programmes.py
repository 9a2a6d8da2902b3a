"""Programmes, their rules and their figures: summary, board, timeline."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sangkien.api import answers, parameters, schemas
from sangkien.core import clock
from sangkien.programmes.eligibility import conditions
from sangkien.programmes.queries import get_programme, list_programmes, phase_before, phases_of
from sangkien.tally import queries as tally

router = Router(tags=["programmes"])


@router.get("programmes", response=schemas.ProgrammesOut, operation_id="list_programmes", summary="Every programme")
def programmes(request: HttpRequest) -> HttpResponse:
    """Every programme with its phases, the newest first."""
    found = schemas.ProgrammesOut(programmes=[answers.programme(programme) for programme in list_programmes()])
    return answers.respond(request, found)


@router.get(
    "programmes/{code}/summary",
    response=schemas.SummaryOut,
    operation_id="get_summary",
    summary="A programme at a moment",
)
def summary(
    request: HttpRequest, code: parameters.ProgrammeCode, asked: Query[parameters.SummaryAsked]
) -> HttpResponse:
    """Counts, progress towards the targets and the categories of a programme, or of one unit's part of it."""
    programme = get_programme(code)
    found = tally.summary(
        programme,
        parameters.moments(programme, asked),
        unit=parameters.unit(asked.unit),
        phase=parameters.phase(programme, asked),
        tree=parameters.tree(asked),
    )
    return answers.respond(request, answers.summary(found))


@router.get(
    "programmes/{code}/board",
    response=schemas.BoardByUnit | schemas.BoardByCluster,
    operation_id="get_board",
    summary="Units beside their peers at a moment",
)
def board(request: HttpRequest, code: parameters.ProgrammeCode, asked: Query[parameters.BoardAsked]) -> HttpResponse:
    """The units directly under one unit: counts, targets, ranks. The rows and ``own`` add up to ``total``."""
    programme = get_programme(code)
    found = tally.board(
        programme,
        parameters.moments(programme, asked),
        parent=parameters.unit(asked.unit),
        since=parameters.since(asked),
        phase=parameters.phase(programme, asked),
        tree=parameters.tree(asked),
    )
    by_cluster = asked.group == "cluster"
    return answers.respond(request, answers.board_by_cluster(found) if by_cluster else answers.board_by_unit(found))


@router.get(
    "programmes/{code}/timeline",
    response=schemas.TimelineOut,
    operation_id="get_timeline",
    summary="How a programme grew",
)
def timeline(
    request: HttpRequest, code: parameters.ProgrammeCode, asked: Query[parameters.TimelineAsked]
) -> HttpResponse:
    """What had been submitted and found valid by the end of each Vietnamese day."""
    programme = get_programme(code)
    moments = parameters.moments(programme, asked)
    unit = parameters.unit(asked.unit)
    days = tally.timeline(programme, moments, unit=unit, tree=parameters.tree(asked))
    return answers.respond(request, answers.timeline(moments, parameters.tree(asked), unit or programme.owner, days))


@router.get(
    "programmes/{code}/rules",
    response=schemas.RulesOut,
    operation_id="list_rules",
    summary="What an initiative must meet",
)
def rules(request: HttpRequest, code: parameters.ProgrammeCode, asked: Query[parameters.RulesAsked]) -> HttpResponse:
    """The rules of eligibility in force at a moment, with their sources, and the versions before and after them."""
    programme = get_programme(code)
    as_of = parameters.past(asked)
    before = as_of or clock.now()
    phases = phases_of(programme)
    phase = phase_before(phases, before) or next(iter(phases), None)
    last_moment = before - timedelta(microseconds=1)  # a cut-off is exclusive
    return answers.respond(request, answers.rules(programme, as_of, phase, conditions(programme, last_moment)))
