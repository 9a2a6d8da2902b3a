"""What every test shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import settings

from sangkien.initiatives.codes import forget_keys

# A busy machine is no reason to fail; what must be quick is measured by the benchmark.
settings.register_profile("default", deadline=None)
settings.load_profile("default")


@pytest.fixture(autouse=True, scope="session")
def _flush_append_only_tables() -> Iterator[None]:
    """Let the test runner empty tables between tests, which the append-only triggers refuse to everybody else."""
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        original(self, ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = origin"])

    DatabaseOperations.execute_sql_flush = flush
    yield
    DatabaseOperations.execute_sql_flush = original


@pytest.fixture(autouse=True)
def _fresh_code_keys() -> Iterator[None]:
    """Keys of public codes belong to one database, and each test has a new one."""
    forget_keys()
    yield
    forget_keys()
