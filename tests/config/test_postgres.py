"""The database backend, with a real embedded server under a Django of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from sangkien.config.embedded import locks

ROOT = Path(__file__).parents[2]

DJANGO = """
import os, signal, sys
from pathlib import Path
import django
from django.conf import settings
data_dir, pool = Path(sys.argv[1]), sys.argv[2] == "pool"
settings.configure(USE_TZ=True, DATABASES={"default": {
    "ENGINE": "sangkien.config.postgres", "NAME": "sangkien", "CONN_HEALTH_CHECKS": True,
    "EMBEDDED_DATA_DIR": data_dir, "OPTIONS": {"pool": {"min_size": 1, "max_size": 4}} if pool else {}}})
django.setup()
from django.db import NotSupportedError, close_old_connections, connection
assert not data_dir.exists(), "nothing is started before the first connection"

def value(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]

connection.creation.create_test_db(verbosity=0, serialize=False)
assert value("SELECT current_database()") == "test_sangkien"
connection.creation.destroy_test_db("sangkien", verbosity=0)
connection.close()
assert value("SELECT current_database()") == "sangkien"
connection.close()
number = int((data_dir / "postgres/data/postmaster.pid").read_text().split()[0])
os.kill(number, signal.SIGKILL)
while os.path.exists(f"/proc/{number}"):
    pass
assert value("SELECT 1") == 1, "the next request starts it again"
arguments, _ = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
assert arguments[0].endswith("psql")
assert "-h" in arguments
connection.features.minimum_database_version = (99,)
try:
    connection.check_database_version_supported()
except NotSupportedError as error:
    print(error)
connection.close()
connection.close_pool()
"""


@pytest.mark.parametrize("kind", ["pool", "plain"])
def test_django_uses_it_with_and_without_a_pool(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "var" / "postgres"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", DJANGO, str(tmp_path / "var"), kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "needs PostgreSQL 99 or newer, but this server is PostgreSQL 18." in done.stdout
    deadline = time.monotonic() + 10
    while locks.is_taken(home / "watcher.lock"):
        assert time.monotonic() < deadline, "the server and its watcher are still there"
        time.sleep(0.02)
    assert not locks.is_taken(home / "server.lock")
