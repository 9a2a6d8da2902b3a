"""Against a real clamd with one signature of our own, where there is one."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from sangkien.core.errors import InvalidInput
from sangkien.initiatives.files import ClamdScanner
from sangkien.initiatives.files.scanning import scanner_in_force
from tests.initiatives.files.services import needs

MARK = b"THIS-IS-NO-VIRUS-BUT-OUR-TEST-SAYS-IT-IS"


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    """The path of the socket of a clamd that knows one signature and takes streams of up to 2 MB."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        needs("clamd (Debian: clamav-daemon)")
    assert program
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "db").mkdir()
        (folder / "db" / "ours.ndb").write_text(f"Ours.Test:0:*:{MARK.hex()}\n")
        config = folder / "clamd.conf"
        config.write_text(
            f"Foreground yes\nLocalSocket {folder}/socket\nDatabaseDirectory {folder}/db\nTemporaryDirectory {folder}\n"
            f"StreamMaxLength 2M\nUser {'root' if os.getuid() == 0 else os.environ.get('USER', 'nobody')}\n"
        )
        process = subprocess.Popen(
            [program, f"--config-file={config}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + 30
        while not (folder / "socket").exists():
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
            assert time.monotonic() < until, "clamd does not come up"
            time.sleep(0.1)
        yield str(folder / "socket")
        process.terminate()
        process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()


def refusal(scanner: ClamdScanner, content: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        scanner.check(io.BytesIO(content))
    return caught.value


def test_a_clean_file_passes(clamd: str) -> None:
    ClamdScanner(clamd).check(io.BytesIO(b"nothing in here" * 20_000))


def test_a_file_with_something_in_it_is_refused_by_name(clamd: str) -> None:
    error = refusal(ClamdScanner(clamd), b"x" * 100_000 + MARK + b"x" * 100_000)
    assert error.code == "infected"
    assert "Ours.Test" in str(error)


def test_a_file_beyond_what_clamd_takes_is_refused_as_unchecked(clamd: str) -> None:
    assert refusal(ClamdScanner(clamd), bytes(6 * 1024 * 1024)).code == "not_checked"


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1", "[::1]:1"])
def test_without_clamd_nothing_passes(address: str) -> None:
    assert refusal(ClamdScanner(address, timeout=2), b"x").code == "not_checked"


class Strange:
    """Something that listens like clamd and answers what it was told to, or nothing."""

    def __init__(self, answer: bytes | None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _address = self.listener.accept()
        with connection:
            connection.recv(100)
            if self.answer is None:
                time.sleep(2)
            else:
                connection.sendall(self.answer)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"


@pytest.mark.parametrize("answer", [b"", b"nonsense\0", b"stream: OKAY\0", b"x" * 100_000, b"stream: x ERROR\0"])
def test_an_answer_that_is_not_ok_lets_nothing_pass(answer: bytes) -> None:
    strange = Strange(answer)
    with strange.listener:
        assert refusal(ClamdScanner(strange.address, timeout=2), b"x").code == "not_checked"


def test_a_clamd_that_says_nothing_is_not_waited_for_for_ever() -> None:
    strange = Strange(None)
    with strange.listener:
        started = time.monotonic()
        assert refusal(ClamdScanner(strange.address, timeout=0.3), b"x").code == "not_checked"
        assert time.monotonic() - started < 2


def test_the_setting_decides_who_looks(settings: Settings) -> None:
    settings.CLAMD = ""
    scanner_in_force().check(io.BytesIO(MARK))
    settings.CLAMD = "/run/clamav/clamd.ctl"
    scanner = scanner_in_force()
    assert isinstance(scanner, ClamdScanner)
    assert scanner.address == "/run/clamav/clamd.ctl"
