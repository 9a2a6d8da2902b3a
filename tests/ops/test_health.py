from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core.models import OutboxAside
from sangkien.tally.fold import fold_all
from sangkien.tally.models import HistoryLoad
from sangkien.tally.queries import published
from tests.factories import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


def metrics(client: Client) -> dict[str, float]:
    """Read what /metrics says, by name and labels."""
    lines = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, value in (line.split(" ") for line in lines if not line.startswith("#"))}


def test_healthz_asks_nothing_of_the_database(client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/healthz")
    assert (response.status_code, response.json(), len(captured)) == (200, {"status": "ok"}, 0)


def test_readyz_is_ready_with_one_cheap_question(client: Client) -> None:
    client.get("/readyz")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/readyz").status_code == 200
    assert len(captured) <= 3


def test_readyz_is_not_ready_while_a_migration_is_missing(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("tally", "0001_initial")
    try:
        response = client.get("/readyz")
    finally:
        recorder.record_applied("tally", "0001_initial")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "reason": "migrations", "missing": ["tally.0001_initial"]}
    assert client.get("/readyz").status_code == 200


def test_readyz_is_not_ready_while_the_database_does_not_answer(client: Client) -> None:
    known = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.pop("EMBEDDED_DATA_DIR", None)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")  # where nothing listens
    try:
        ready, measured = client.get("/readyz"), client.get("/metrics")
    finally:
        connection.settings_dict.update(known)
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "reason": "database"})
    assert measured.status_code == 503
    assert client.get("/readyz").status_code == 200


def test_readyz_is_not_ready_while_a_history_is_half_loaded(client: Client) -> None:
    HistoryLoad.objects.create(name="half", programme_id=1, parts=2)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "history is being loaded")


def test_metrics_tell_how_far_the_figures_are_behind(world: World, client: Client) -> None:
    world.submit()
    waiting = metrics(client)
    assert waiting['sangkien_outbox_rows{consumer="tally"}'] == 1
    assert waiting['sangkien_outbox_oldest_age_seconds{consumer="tally"}'] > 0
    fold_all()
    folded = metrics(client)
    assert folded['sangkien_outbox_rows{consumer="tally"}'] == 0
    as_of = published()
    assert as_of is not None
    assert folded["sangkien_published_as_of_timestamp_seconds"] == pytest.approx(as_of.timestamp())
    assert 0 <= folded["sangkien_fold_lag_seconds"] < 60


def test_metrics_tell_what_calls_for_somebody(world: World, client: Client) -> None:
    initiative = world.submit()
    OutboxAside.objects.create(consumer="tally", at=initiative.created_at, subject=1, number=1, reason="test")
    found = metrics(client)
    assert found['sangkien_outbox_set_aside_rows{consumer="tally"}'] == 1
    assert found["sangkien_late_events"] == 0


def test_metrics_before_the_first_fold_leave_out_what_is_not_known(client: Client) -> None:
    assert "sangkien_fold_lag_seconds" not in metrics(client)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_of_this_is_kept_by_caches(client: Client, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
    assert client.post(path).status_code == 405
