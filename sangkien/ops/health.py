"""What watches over the system: is the process up, can it serve, and how far behind are the figures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.models import OutboxAside, OutboxEntry
from sangkien.core.outbox import CONSUMERS, RECORD_CONSUMERS
from sangkien.notices.queries import message_figures
from sangkien.tally.history import is_loading
from sangkien.tally.models import LateEvent, Publication

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
log = logging.getLogger("sangkien.health")


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process answers at all; asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers, has every migration of this version and no history half loaded, else 503."""
    try:
        missing = missing_migrations()
        loading = not missing and is_loading()
    except DatabaseError as error:
        log.warning("not ready: %s", error)
        return JsonResponse({"status": "unavailable", "reason": "database"}, status=503)
    if missing:
        return JsonResponse({"status": "unavailable", "reason": "migrations", "missing": missing}, status=503)
    if loading:
        return JsonResponse({"status": "unavailable", "reason": "history is being loaded"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def metrics(_request: HttpRequest) -> HttpResponse:
    """Answer what Prometheus reads: how far the figures are behind, and what calls for somebody."""
    try:
        lines = [line for metric in _metrics() for line in metric]
    except DatabaseError as error:
        log.warning("no metrics: %s", error)
        return HttpResponse("# the database does not answer\n", status=503, content_type=METRICS_TYPE)
    return HttpResponse("\n".join(lines) + "\n", content_type=METRICS_TYPE)


def missing_migrations() -> list[str]:
    """Return the migrations that this version has and the database has not, as "app.name". Raises DatabaseError."""
    connection.ensure_connection()
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in _known_migrations() if (app, name) not in applied)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this version; they are files, so reading them once is enough."""
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations)


def _metrics() -> Iterator[list[str]]:
    """Write each metric in Prometheus' text format. Ages are seconds, moments seconds since 1970 (UTC)."""
    publication = Publication.objects.first()
    if publication is not None:
        behind = (clock.now() - publication.as_of).total_seconds()
        yield _gauge("fold_lag_seconds", "How far the published figures are behind the clock.", {"": behind})
        moment = publication.as_of.timestamp()
        yield _gauge("published_as_of_timestamp_seconds", "Figures before this moment are final.", {"": moment})
    waiting = OutboxEntry.objects.values("consumer").annotate(rows=Count("*"), oldest=Min("at"))
    depth: dict[str, float] = {_label(consumer): 0 for consumer in (*CONSUMERS, *RECORD_CONSUMERS)}
    ages = dict(depth)
    for row in waiting:
        depth[_label(row["consumer"])] = row["rows"]
        ages[_label(row["consumer"])] = (clock.now() - row["oldest"]).total_seconds()
    yield _gauge("outbox_rows", "Events that wait for a consumer.", depth)
    yield _gauge("outbox_oldest_age_seconds", "Age of the oldest event that waits; 0 if none does.", ages)
    aside = dict.fromkeys(map(_label, (*CONSUMERS, *RECORD_CONSUMERS)), 0)
    aside |= {
        _label(r["consumer"]): r["rows"] for r in OutboxAside.objects.values("consumer").annotate(rows=Count("*"))
    }
    yield _gauge("outbox_set_aside_rows", "Events that a consumer could not process; should be 0.", aside)
    late = {"": LateEvent.objects.count()}
    yield _gauge("late_events", "Events that came after their moment had been published; should be 0.", late)
    messages = message_figures()
    yield _gauge("messages_waiting", "Mails and short messages that have not gone out yet.", {"": messages["waiting"]})
    failed = {"": messages["failed"]}
    yield _gauge("messages_failed", "Mails and short messages given up in the last 24 hours.", failed)


def _label(consumer: str) -> str:
    return f'{{consumer="{consumer}"}}'


def _gauge(name: str, meaning: str, values: dict[str, float] | dict[str, int]) -> list[str]:
    """Write one gauge; the keys of ``values`` are its labels, written out."""
    name = f"sangkien_{name}"
    return [
        f"# HELP {name} {meaning}",
        f"# TYPE {name} gauge",
        *(f"{name}{labels} {value}" for labels, value in values.items()),
    ]


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
