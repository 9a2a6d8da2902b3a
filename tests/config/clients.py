"""What the tests of the embedded PostgreSQL share: clients that are real processes, and how to look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sangkien.config.embedded import locks

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
ORDINARY = 65534

CLIENT = """
import json, sys
from pathlib import Path
from sangkien.config import embedded
from sangkien.config.embedded import server
server.LINGER_SECONDS = 0.5
try:
    found = embedded.ensure(Path(sys.argv[1]))
    again = embedded.ensure(Path(sys.argv[1]))
    print(json.dumps({**vars(found), "same": found == again}), flush=True)
except embedded.EmbeddedDatabaseError as error:
    print(json.dumps({"error": str(error)}), flush=True)
for line in sys.stdin:
    embedded.ensure(Path(sys.argv[1]))
    print(json.dumps({}), flush=True)
"""


class Client:
    """A process that uses the server of ``data_dir`` until it is left or killed."""

    def __init__(
        self,
        data_dir: Path,
        *,
        user: int | None = None,
        python: str | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [python or sys.executable, "-c", CLIENT, str(data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )

    def answer(self) -> dict[str, Any]:
        """What the process says next."""
        assert self.process.stdout is not None
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said

    def connected(self) -> dict[str, Any]:
        """How to connect, once the server is there."""
        said = self.answer()
        assert "error" not in said, said
        return said

    def again(self) -> None:
        """Call ``ensure`` once more in the same process."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.answer()

    def leave(self) -> None:
        """End in the ordinary way."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def kill(self) -> None:
        """End by SIGKILL."""
        self.process.kill()
        self.process.wait(10)


def as_ordinary_user(home: Path) -> dict[str, Any]:
    """Options that make a client an ordinary user; none if we are one. Skips if no Python is open to them."""
    if not IS_ROOT:
        return {}
    libraries = str(Path(psycopg.__file__).parents[1])
    env = {"HOME": str(home), "PYTHONPATH": f"{ROOT}:{libraries}", "PYTHONDONTWRITEBYTECODE": "1"}
    same = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{same}", f"/usr/local/bin/{same}"):
        try:
            subprocess.run(
                [python, "-c", "import sangkien.config.embedded"],
                user=ORDINARY,
                group=ORDINARY,
                extra_groups=[],
                cwd=ROOT,
                env=env,
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return {"user": ORDINARY, "python": python, "env": env}
    pytest.skip("no Python and checkout here are open to an ordinary user")


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until ``condition`` holds; fail if it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def lives(root: Path) -> bool:
    return locks.is_taken(root / "server.lock")


def processes_in(directory: Path, *, below: bool = True) -> list[int]:
    """Processes that stand in ``directory`` (and ``below``): servers and watchers do.

    A process may end between being listed and being asked: then it stands nowhere.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            if where == str(directory) or (below and where.startswith(f"{directory}/")):
                found.append(int(entry.name))
    return found


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def ask(parameters: dict[str, Any], statement: str) -> Any:
    """The first value that ``statement`` gives."""
    target = {name: parameters[name] for name in ("host", "port", "user", "dbname")}
    with psycopg.connect(**target, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None
