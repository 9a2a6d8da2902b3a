"""The server's settings, for a machine of two cores and a few gigabytes; written anew at each start."""

from __future__ import annotations

SETTINGS: dict[str, str] = {
    # Nobody but this user comes in: no network, and the socket stands in a private directory.
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # Shared memory for parallel queries is set aside in the main segment, and what goes beyond
    # that to files of the data directory: /dev/shm holds only 64 MB in a container, and is emptied at log-out.
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "dynamic_shared_memory_type": "mmap",
    "min_dynamic_shared_memory": "64MB",
    # Nothing that was acknowledged is lost.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Nothing replicates an embedded server, so big new tables and indexes need not go through the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # The programs have only the slow pglz: after a checkpoint it made the fold three times slower.
    "wal_compression": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Solid-state disk, two cores.
    "random_page_cost": "1.1",
    "effective_io_concurrency": "32",
    "jit": "off",
    "io_workers": "2",
    "max_worker_processes": "8",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "max_parallel_maintenance_workers": "1",
    # Tables here grow by inserts: the visibility map and the statistics must keep up.
    "autovacuum": "on",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.02",
    "autovacuum_analyze_scale_factor": "0.02",
    # A forgotten transaction would hold back the horizon of the counts.
    "idle_in_transaction_session_timeout": "60s",
    # The same on every machine, whatever its language.
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "lc_messages": "'C'",
    "lc_monetary": "'C'",
    "lc_numeric": "'C'",
    "lc_time": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    # The log is the server's error output, a file of the launcher's.
    "logging_collector": "off",
    "log_destination": "'stderr'",
    "log_line_prefix": "'%m [%p] '",
    "log_checkpoints": "off",
    "log_lock_waits": "on",
}

_HEAD = """\
# Written anew at every start by the program that starts this server; what is changed here is lost.
# To change a setting for good, use ALTER SYSTEM, which writes postgresql.auto.conf and wins over this file.
"""


def configuration_file() -> str:
    """The text of postgresql.conf."""
    return _HEAD + "".join(f"{name} = {value}\n" for name, value in SETTINGS.items())
