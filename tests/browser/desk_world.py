"""Many initiatives that wait, and a worker in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from sangkien.initiatives.models import Author, Event, Initiative
from tests.factories import World

WORKER = """
import json, sys
import django
django.setup()
from django.db import connection
connection.settings_dict.update(json.loads(sys.argv[1]))
from sangkien.ops.worker import run_bulks
run_bulks(0.05)
"""


def make_waiting(world: World, total: int) -> None:
    """Make so many initiatives of the world's member that wait, due one after another: copies of one that was sent."""
    one = world.submit(title="Sáng kiến số 0")
    with transaction.atomic(), connection.cursor() as cursor:
        new = "%(first)s::bigint + n"
        own = {"id": new, "title": "'Sáng kiến số ' || n", "due_at": "due_at + n * interval '1 minute'"}
        for model, key, changed in (
            (Initiative, "id", own),
            (Author, "initiative_id", {"initiative_id": new}),
            (Event, "initiative_id", {"initiative_id": new}),
        ):
            names = [field.column for field in model._meta.concrete_fields]
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({columns})"
                f" SELECT {values} FROM {model._meta.db_table}, generate_series(1, %(more)s) n WHERE {key} = %(first)s",
                {"first": one.pk, "more": total - 1},
            )
        cursor.execute("SELECT setval(pg_get_serial_sequence('initiatives_initiative', 'id'), %s)", [one.pk + total])


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process that carries out decisions about many, as the worker does; ended with the block."""
    where = {name: str(connection.settings_dict[name]) for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    going = subprocess.Popen([sys.executable, "-c", WORKER, json.dumps(where)], env=dict(os.environ))
    try:
        yield going
    finally:
        going.kill()
        going.wait()
