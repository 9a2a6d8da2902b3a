"""``ENGINE = "sangkien.config.postgres"``: PostgreSQL 15 or newer, either a server or the embedded one.

With the key ``EMBEDDED_DATA_DIR``, the path of the data directory, host, port and user come from
``embedded.ensure`` when the first connection is made, so leave HOST, PORT and USER out. Until then nothing is
started: importing the settings or asking for help costs nothing.
"""

from __future__ import annotations

import select
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base, client, features, operations
from django.db.utils import NotSupportedError

from sangkien.config import embedded


class DatabaseFeatures(features.DatabaseFeatures):
    """What our queries rely on."""

    minimum_database_version = (15,)


class DatabaseOperations(operations.DatabaseOperations):
    """What differs in our statements."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """Return what ran last, for the log; of a statement that is kept prepared, its text without its values."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseClient(client.DatabaseClient):
    """The program behind ``dbshell``."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """The command line and environment of psql; for an embedded server, of the psql that came with it."""
        data_dir = settings_dict.get("EMBEDDED_DATA_DIR")
        if data_dir is None:
            return super().settings_to_cmd_args_env(settings_dict, list(parameters))
        target = embedded.ensure(Path(data_dir))
        settings_dict = {**settings_dict, "HOST": target.host, "PORT": str(target.port), "USER": target.user}
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, list(parameters))
        return [str(embedded.binaries() / "psql"), *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL, which may be the embedded one."""

    features_class = DatabaseFeatures
    client_class = DatabaseClient
    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Say whether the connection still stands, before a request uses it again.

        One that the server has closed can be read from; only such a one is asked a question, which most requests spare.
        """
        if self.connection is None or self.connection.closed:
            return False
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN)
        return not line.poll(0) or super().is_usable()

    def get_connection_params(self) -> dict[str, Any]:
        """What psycopg connects with; starts the embedded server if it is wanted and does not run.

        Raises ``EmbeddedDatabaseError``, an ``OperationalError``.
        """
        parameters: dict[str, Any] = super().get_connection_params()
        data_dir = self.settings_dict.get("EMBEDDED_DATA_DIR")
        if data_dir is not None:
            target = embedded.ensure(Path(data_dir))
            parameters.update(host=target.host, port=target.port, user=target.user)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection, from the pool if there is one; a pool outlives a server, so look for that first."""
        data_dir = self.settings_dict.get("EMBEDDED_DATA_DIR")
        if data_dir is not None and self.pool:
            embedded.ensure(Path(data_dir))
        return super().get_new_connection(conn_params)

    def check_database_version_supported(self) -> None:
        """Raise ``NotSupportedError`` if the server is older than PostgreSQL 15."""
        found = self.get_database_version()
        needed = self.features.minimum_database_version
        if needed is not None and found < needed:
            raise NotSupportedError(
                f"Sáng Kiến needs PostgreSQL {needed[0]} or newer, but this server is PostgreSQL "
                f"{'.'.join(map(str, found))}: upgrade it, or set DATABASE_URL to a newer server."
            )
