"""Looking for viruses: an interface, nobody, and clamd."""

from __future__ import annotations

import logging
import socket
import struct
from typing import BinaryIO, Protocol

from django.conf import settings

from sangkien.initiatives.files.limits import CHUNK
from sangkien.initiatives.files.refusals import infected, unchecked

log = logging.getLogger("sangkien.files")
_LONGEST_ANSWER = 4096


class Scanner(Protocol):
    """Somebody who looks into files."""

    def check(self, file: BinaryIO) -> None:
        """Read the file to its end. Raises InvalidInput when something was found, or when it could not be checked."""


class NoScanner:
    """Nobody looks."""

    def check(self, file: BinaryIO) -> None:
        """Find nothing."""


class ClamdScanner:
    """The daemon of ClamAV, over its stream protocol.

    ``address`` is the path of a socket (``/run/clamav/clamd.ctl``) or ``host:port``; ``timeout`` is in seconds, for
    each step. A file that could not be checked is refused: whoever set up a scanner wants every file looked at.
    """

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self.address = address
        self.timeout = timeout

    def check(self, file: BinaryIO) -> None:
        """Send the file in pieces. Raises InvalidInput when something was found, or when clamd does not say."""
        file.seek(0)
        try:
            answer = self._ask(file)
        except OSError as error:
            log.error("clamd at %s does not answer: %s", self.address, error)
            raise unchecked() from None
        if answer.endswith(" FOUND"):
            raise infected(answer.removeprefix("stream: ").removesuffix(" FOUND"))
        if answer != "stream: OK":
            log.error("clamd at %s could not check a file: %s", self.address, answer or "no answer")
            raise unchecked()

    def _ask(self, file: BinaryIO) -> str:
        """Return what clamd says of the file. Raises OSError."""
        with self._connect() as clamd:
            try:
                clamd.sendall(b"zINSTREAM\0")
                while piece := file.read(CHUNK):
                    clamd.sendall(struct.pack(">I", len(piece)) + piece)
                clamd.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                log.info("clamd ended the stream early")  # too long for it; it says so before it hangs up
            return self._answer(clamd)

    def _connect(self) -> socket.socket:
        """Open a connection. Raises OSError."""
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.timeout)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _colon, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self.timeout)

    @staticmethod
    def _answer(clamd: socket.socket) -> str:
        """Read the one line that clamd answers with."""
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER and (more := clamd.recv(_LONGEST_ANSWER)):
            answer += more
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def scanner_in_force() -> Scanner:
    """Return the scanner of this installation."""
    return ClamdScanner(settings.CLAMD) if settings.CLAMD else NoScanner()
