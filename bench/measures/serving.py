"""Whole submissions over HTTP, through the real server with the worker beside it, from clients that keep their line."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from bench import bare
from bench.databases import scratch_copy
from bench.measures.submitting import AT_LEAST, P99_WITHIN
from bench.rows import Row, make_row
from bench.timing import percentile
from sangkien.core import clock
from sangkien.core.clock import format_date
from sangkien.demo.texts import text_for
from sangkien.initiatives.models import Event, Kind
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Field
from sangkien.tally.fold import fold_all
from sangkien.units.models import Membership, Unit, UnitKind

CLIENTS = 16
SECONDS = 10.0
BARE_SECONDS = 5.0
COMING_UP = 2.0
PROCESSES, THREADS = 2, 4
_TEXTS = 200
_BENEFIT = 12_500_000
_LONGEST_START = 60.0
_APART = 0.05
"""Seconds between clients that come: of those that come at once, one process of the server takes all."""
_KEY = "measured"


@dataclass(frozen=True, slots=True)
class Line:
    """One client: a connection that is kept, and what its requests carry."""

    socket: socket.socket
    cookies: str = ""
    hidden: tuple[tuple[str, str], ...] = ()

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Send one request and return (status, headers in lower case, body)."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookies}\r\nContent-Length: {len(body)}\r\n"
        )
        if body:
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + body)
        return _answer(self.socket)


def submissions_over_http(
    clients: int = CLIENTS, duration: float = SECONDS, bare_duration: float = BARE_SECONDS, coming_up: float = COMING_UP
) -> list[Row]:
    """Measure submissions per second: session, CSRF, validation, two authors, rules, event, outbox; durable.

    The reference is a view with two inserts and no middleware behind the same server in the same run. Works on a
    scratch copy. Raises RuntimeError unless exactly what was acknowledged is stored and counted.
    """
    with scratch_copy(), TemporaryDirectory() as folder:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {bare.TABLE} (id bigint GENERATED ALWAYS AS IDENTITY, text text)")
        fold_all()
        bodies = _bodies()
        with _server("bench.bare:make_application", clients, _environment(folder)) as lines:
            plain = _run(lines, bodies, 204, bare_duration, coming_up)
        stored_before = Event.objects.count()
        sessions = _sessions(clients)
        with _portal(sessions, _environment(folder)) as lines:
            full = _run(lines, bodies, 303, duration, coming_up)
        fold_all()
        stored = Event.objects.count() - stored_before
        if stored != full.sent:
            raise RuntimeError(f"{full.sent} submissions acknowledged, {stored} stored")
    in_ms, plain_ms = [1_000 * t for t in full.taken], [1_000 * t for t in plain.taken]
    return [
        make_row("submit_http", full.rate, "submissions/s", budget=AT_LEAST, reference=plain.rate),
        make_row(
            "submit_http_p99", percentile(in_ms, 99), "ms p99", budget=P99_WITHIN, reference=percentile(plain_ms, 99)
        ),
    ]


@dataclass(frozen=True, slots=True)
class Run:
    """What happened: seconds of each request in the measured time, its length, and how many were sent in all."""

    taken: list[float]
    seconds: float
    sent: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.taken) / self.seconds


def _run(lines: Sequence[Line], bodies: Sequence[bytes], expected: int, duration: float, coming_up: float) -> Run:
    """Let all clients send until the time is over; what they send while coming up is not measured."""
    begins = monotonic() + coming_up
    serials = count()

    def send(line: Line) -> tuple[list[float], int]:
        taken, sent = [], 0
        hidden = urlencode(line.hidden).encode() + b"&"
        while (now := monotonic()) < begins + duration or not taken:  # on a slow machine at least one
            body = hidden + bodies[next(serials) % len(bodies)]
            started = perf_counter()
            status, _headers, answer = line.ask("POST", f"/gui/{uuid.uuid4()}/", body)
            if status != expected:
                raise RuntimeError(f"answered {status}, not {expected}: {_words(answer)}")
            sent += 1
            if now >= begins:
                taken.append(perf_counter() - started)
        return taken, sent

    with ThreadPoolExecutor(len(lines)) as pool:
        parts = list(pool.map(send, lines))
    return Run([t for taken, _sent in parts for t in taken], duration, sum(sent for _taken, sent in parts))


@contextmanager
def _portal(sessions: Sequence[str], environment: dict[str, str]) -> Iterator[list[Line]]:
    """Serve the portal with its worker, and have every client open the form once, as a browser does."""
    subprocess.run([sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0"], env=environment, check=True)
    with _server("sangkien.config.wsgi:application", len(sessions), environment) as lines:
        worker = subprocess.Popen([sys.executable, "-m", "sangkien", "worker"], env=environment)
        try:
            yield [_opened(line, key) for line, key in zip(lines, sessions, strict=True)]
        finally:
            worker.terminate()
            worker.wait()


def _opened(line: Line, session: str) -> Line:
    """Open the form: return the client with its cookies and the hidden fields that its form carries."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    status, headers, page = Line(line.socket, cookie).ask("GET", "/gui/")
    if status != 200:
        raise RuntimeError(f"the form answers {status}: {_words(page)}")
    csrf = re.search(rf"{settings.CSRF_COOKIE_NAME}=([^;]+)", headers.get("set-cookie", ""))
    assert csrf, "the form sets no CSRF cookie"
    main = page.decode().split(' id="sheet"')[-1]
    hidden = dict(re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|ticket|version)" value="([^"]*)"', main))
    return Line(line.socket, f"{cookie}; {settings.CSRF_COOKIE_NAME}={csrf[1]}", tuple(hidden.items()))


@contextmanager
def _server(application: str, clients: int, environment: dict[str, str]) -> Iterator[list[Line]]:
    """Run the real server for one application and return a line to it for each client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(PROCESSES), "--blocking-threads", str(THREADS), "--no-access-log", "--log-level", "warning",
        *(["--factory"] if "make_" in application else []), application,
    ]  # fmt: skip
    server = subprocess.Popen(command, env=environment)
    lines: list[Line] = []
    try:
        _wait_for(port)
        for _client in range(clients):
            sleep(_APART)
            lines.append(Line(socket.create_connection(("127.0.0.1", port))))
        yield lines
    finally:
        for line in lines:
            line.socket.close()
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    """Wait until something listens. Raises ConnectionRefusedError after a minute."""
    give_up = monotonic() + _LONGEST_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if monotonic() > give_up:
                raise
            sleep(0.1)


def _environment(folder: str) -> dict[str, str]:
    """Return the environment of a server that works on the database that is measured now, with files in ``folder``."""
    where = connection.get_connection_params()
    options = {key: where[key] for key in ("host", "port") if where.get(key)}
    url = f"postgresql://{quote(where.get('user') or '')}@/{quote(where['dbname'])}?{urlencode(options)}"
    ours = {"DATABASE_URL": url, "SECRET_KEY": _KEY, "SANGKIEN_DATA": folder}
    return os.environ | ours | {"DJANGO_SETTINGS_MODULE": "sangkien.config.settings"}


def _sessions(clients: int) -> list[str]:
    """Make a member of another union for each client, signed in; return the keys of their sessions."""
    original, settings.SECRET_KEY = settings.SECRET_KEY, _KEY
    keys = []
    units = Unit.objects.filter(kind=UnitKind.GRASSROOTS_UNION, closed_on=None).order_by("pk")[:clients]
    day = clock.day_of(clock.now())
    for number, unit in enumerate(units):
        person = Person.objects.create_user(
            f"measured{number}", full_name=f"Người đo {number}", category=Category.ENTERPRISE_WORKER
        )
        Membership.objects.create(person=person, unit=unit, since=day)
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        assert session.session_key
        keys.append(session.session_key)
    settings.SECRET_KEY = original
    return keys


def _bodies() -> list[bytes]:
    """Return forms as people fill them in, with two authors, the way the page's script sends one without a new file."""
    fields = list(Field.objects.values_list("code", flat=True))
    today = format_date(clock.day_of(clock.now()), "vi")
    bodies = []
    for serial in range(1, _TEXTS + 1):
        text = text_for(serial, Category.ENTERPRISE_WORKER, "Công ty Than Hòn Gai", _BENEFIT)
        values = {
            "action": "submit",
            "kind": Kind(text.kind).value,
            "field": fields[serial % len(fields)],
            "title": text.title,
            "problem": text.problem,
            "solution": text.solution,
            "novelty": text.novelty,
            "applied_scope": text.applied_scope,
            "applied_on": today,
            "recognised_by": text.recognised_by,
            "recognition_document": "214/QĐ-TBK",
            "recognised_on": today,
            "benefit": "12,5 triệu",
            "authors": "2",
        }
        for number, (name, share) in enumerate((("Trần Thị Hoa", 60), ("Lê Văn Nam", 40)), start=1):
            values |= {
                f"author{number}_name": name,
                f"author{number}_title": "Thợ điện",
                f"author{number}_category": Category.ENTERPRISE_WORKER.value,
                f"author{number}_share": str(share),
            }
        bodies.append(urlencode(values).encode())
    return bodies


def _answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one answer with a known length."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = line.recv(65_536)
        if not part:
            raise RuntimeError("the server hung up")
        got += part
    head, _blank, body = got.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for one in rest:
        name, _colon, value = one.partition(": ")
        headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        body += line.recv(65_536)
    return int(first.split()[1]), headers, body


def _words(page: bytes) -> str:
    """Return what a page says about what went wrong, for the error message."""
    notes = re.findall(r'class="note note-no[^"]*"[^>]*>(.*?)</(?:div|ul)>', page.decode(errors="replace"), re.S)
    return " | ".join(re.sub(r"<[^>]+>", " ", note) for note in notes)[:500] or page[:300].decode(errors="replace")
