"""SQL that makes a table append-only, for migrations."""

from __future__ import annotations

FUNCTION_SQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def protect(table: str) -> str:
    """Return the SQL that refuses update, delete and truncate on ``table``."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )


def unprotect(table: str) -> str:
    """Return the SQL that undoes ``protect``, for a migration's way back."""
    return f"DROP TRIGGER {table}_append_only ON {table};"
