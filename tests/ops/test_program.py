"""The program as an operator meets it: real processes, exit codes and one clear sentence for what cannot be done."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment(data: Path) -> dict[str, str]:
    """Return the environment of an operator with a data folder of their own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "DATABASE_URL", "PORT"))}
    return kept | {"SANGKIEN_DATA": str(data), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def sangkien(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sangkien", *arguments],
        env=environment(data),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_help_names_every_command(tmp_path: Path) -> None:
    done = sangkien(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("demo", "serve", "worker", "migrate", "report", "tally", "grant", "check"):
        assert command in done.stdout


@pytest.mark.parametrize("scale", ["0", "2", "-1"])
def test_a_scale_that_cannot_be_is_refused(tmp_path: Path, scale: str) -> None:
    done = sangkien(tmp_path, "demo", "--scale", scale)
    assert done.returncode == 2
    assert "scale" in done.stderr


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = sangkien(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "already listens" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_url_that_is_not_postgresql_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sangkien", "migrate"],
        env=environment(tmp_path) | {"DATABASE_URL": "mysql://x/y", "SECRET_KEY": "x"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_text_is_vietnamese_also_where_nothing_was_compiled_before(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "sangkien", tree / "sangkien", ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
    said = (
        "from sangkien.ops.program import main; main(['check']);"
        "from django.utils.translation import gettext; print(gettext('Valid'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", said],
        env=environment(tmp_path / "data") | {"PYTHONPATH": str(tree)},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip().endswith("Hợp lệ"), done.stdout + done.stderr


@pytest.mark.kill
def test_the_demo_loads_serves_and_stops(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    loaded = sangkien(data, "demo", "--scale", "0.001", "--load-only")
    assert loaded.returncode == 0, loaded.stderr
    again = sangkien(data, "demo", "--scale", "0.001", "--load-only")
    assert "already loaded" in again.stdout
    verified = sangkien(data, "tally", "verify")
    assert verified.returncode == 0
    assert "0 differences" in verified.stdout
    report = sangkien(data, "report", "1trieu", "--phase", "1", "--as-of", "24h00 31/5/2022", "--format", "json")
    assert report.returncode == 0
    role = ("--role", "viewer", "--unit", "HNI", "--reason", "Thử", "--language", "en")
    for said in ("is now viewer over", "holds the role here already"):
        given = sangkien(data, "grant", *role, "--to", "doanvien")
        assert (given.returncode, given.stderr) == (0, "")
        assert said in given.stdout
    unknown = sangkien(data, "grant", *role, "--to", "nobody")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "Nobody is known" in unknown.stderr
    wrong = sangkien(data, "report", "1trieu", "--phase", "1", "--as-of", "31/2/2022")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr
    server = subprocess.Popen(
        [sys.executable, "-m", "sangkien", "demo", "--port", str(port), "--workers", "1"],
        env=environment(data),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        assert "Sáng Kiến" in fetch(f"http://127.0.0.1:{port}/")
        assert fetch(f"http://127.0.0.1:{port}/readyz")
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        if server.stdout:
            server.stdout.close()


def fetch(url: str) -> str:
    """Return a page once the server answers."""
    for _try in range(120):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{url} does not answer")
