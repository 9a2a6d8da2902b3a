"""The moment of an event, and the horizon before which no event can still appear.

An event takes its moment before its transaction commits, so a reader that only looks at the clock may publish a figure
for 15:00 and later find an event of 14:59. ``event_moment()`` therefore first takes a shared advisory lock whose key is
the current tenth of a second, holds it to the end of the transaction, and only then reads the clock. Whoever wants to
know which events are final reads the clock first and then the earliest such key: nothing before that can still come.
Writers never wait for anybody.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# Bits above the tenths of a second (which need 35 bits until the year 3058): no other advisory lock uses them.
LOCK_SPACE = 0x5A << 48

EVENT_MOMENT_SQL = f"""
CREATE OR REPLACE FUNCTION event_moment() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK_SPACE} + floor(extract(epoch FROM clock_timestamp()) * 10)::bigint);
    RETURN clock_timestamp();
END $$;
"""

# The clock is read in a statement of its own, before the locks are: see the module's text.
_CLOCK_SQL = "SELECT clock_timestamp()"
_EARLIEST_WRITER_SQL = f"""
SELECT to_timestamp(min((classid::bigint << 32 | objid::bigint) - {LOCK_SPACE}) / 10.0)
  FROM pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = {LOCK_SPACE >> 48}
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def event_moment() -> datetime:
    """Take the moment for an event of the current transaction (UTC).

    Call it inside ``transaction.atomic()``: rules checked, state changed and events written by the transaction all
    share this one moment.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("event_moment() belongs inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_moment()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def horizon() -> datetime:
    """Return the moment before which every event is committed or will never be (UTC, exclusive).

    It must run in read committed: the rows that it speaks for are read in a later statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLOCK_SQL)
        clock: datetime = cursor.fetchone()[0]
        cursor.execute(_EARLIEST_WRITER_SQL)
        earliest: datetime | None = cursor.fetchone()[0]
    return clock if earliest is None else min(clock, earliest)
