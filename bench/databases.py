"""The database that is measured, and scratch ones for what must not be left behind in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sangkien.demo.phase1 import demo_is_ready, load_demo

SCRATCH = "sangkien_bench_scratch"


def ensure_phase1(console: Console, scale: float = 1.0, *, processes: int = 2) -> None:
    """Bring the schema up to date and load phase 1 unless it is there. Raises Conflict over somebody else's data."""
    call_command("migrate", verbosity=0)
    if demo_is_ready():
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bar:
        task = bar.add_task("Loading phase 1", total=None)
        load_demo(
            scale, processes=processes, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


@contextmanager
def scratch_copy() -> Iterator[None]:
    """Work on a copy of the measured database, which is dropped afterwards.

    PostgreSQL copies a database only while nobody is connected to it: raises psycopg.errors.ObjectInUse if a portal
    is being served from it.
    """
    with _other_database(template=connection.settings_dict["NAME"]):
        yield


@contextmanager
def scratch_empty() -> Iterator[None]:
    """Work on an empty database with the current schema, which is dropped afterwards."""
    with _other_database(template="template0"):
        call_command("migrate", verbosity=0)
        yield


@contextmanager
def _other_database(template: str) -> Iterator[None]:
    """Point Django's connection, also in forked processes, at a new database copied from ``template``."""
    measured = connection.settings_dict["NAME"]
    connections.close_all()
    name = sql.Identifier(SCRATCH)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    _run(drop)
    _run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(name, sql.Identifier(template)))
    try:
        connection.settings_dict["NAME"] = SCRATCH
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = measured
        _run(drop)


def _run(statement: sql.Composed) -> None:
    """Run a statement about databases, which must not stand in a transaction."""
    parameters = connection.get_connection_params()
    keys = ("host", "port", "user", "password")
    where = {key: parameters[key] for key in keys if parameters.get(key)}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as maintenance:
        maintenance.execute(statement)
