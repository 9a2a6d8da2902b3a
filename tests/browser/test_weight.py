"""What the journey costs on a metered line: bytes and requests, from the real server with its compressed files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from sangkien.initiatives.models import Initiative
from sangkien.tally.models import Ordinal
from tests.browser.conftest import sign_in_at
from tests.browser.steps import fill_effect, fill_what, go_on, submit, wait_until_saved
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_BYTES = 150_000
MOST_REQUESTS = 8


@pytest.fixture
def portal(world: World, tmp_path: Path) -> Iterator[str]:
    """Run the real server with its worker on the database of the test; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    where = connection.get_connection_params()
    options = urlencode({key: where[key] for key in ("host", "port") if where.get(key)})
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{quote(where.get('user') or '')}@/{quote(where['dbname'])}?{options}",
        "DJANGO_SETTINGS_MODULE": "sangkien.config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "SANGKIEN_DATA": str(tmp_path),
        "PORT": port,
    }
    server = subprocess.Popen([sys.executable, "-m", "sangkien", "serve", "--with-worker"], env=environment)
    try:
        wait_for(int(port), server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections."""
    for _try in range(600):
        assert server.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server does not listen after a minute")


@dataclass
class Meter:
    """What a page has asked of the network: what came out of its cache costs nothing."""

    page: Page
    asked: dict[str, str] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    def __post_init__(self) -> None:
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.on("Network.requestWillBeSent", self._note_request)
        devtools.on("Network.loadingFinished", self._note_end)
        devtools.on("Network.requestServedFromCache", lambda event: self._forget(event["requestId"]))
        devtools.on("Network.responseReceived", self._note_response)
        devtools.send("Network.enable")

    def _note_request(self, event: dict[str, Any]) -> None:
        request, number = event["request"], event["requestId"]
        if urlsplit(request["url"]).scheme == "data":
            return
        if before := event.get("redirectResponse"):  # a redirect keeps its number: it is a request of its own
            kept = f"{number} {len(self.asked)}"
            self.asked[kept] = self.asked.pop(number)
            self.received[kept] = before["encodedDataLength"]
        self.asked[number] = f"{request['method']} {urlsplit(request['url']).path}"
        self.sent += len(request.get("postData", ""))

    def _note_response(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._forget(event["requestId"])

    def _note_end(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.asked:
            self.received[event["requestId"]] = int(event["encodedDataLength"])

    def _forget(self, number: str) -> None:
        self.asked.pop(number, None)

    def read(self) -> tuple[int, int, str]:
        """Return requests, bytes received and the list of both; begin anew."""
        self.page.wait_for_load_state("networkidle")
        lines = [f"{self.received.get(number, 0):>8,}  {what}" for number, what in self.asked.items()]
        total = sum(self.received.get(number, 0) for number in self.asked)
        said = f"{len(lines)} requests, {total:,} bytes received, {self.sent:,} bytes sent\n" + "\n".join(lines)
        number = len(self.asked)
        self.asked.clear()
        self.received.clear()
        self.sent = 0
        return number, total, said


def wait_until_counted() -> None:
    """Wait until the worker has given the initiative its number."""
    for _try in range(100):
        if Ordinal.objects.exists():
            return
        time.sleep(0.1)
    raise AssertionError("it has not been counted after ten seconds")


@pytest.fixture
def phone(browser: Browser, portal: str) -> Iterator[Page]:
    """A phone that has never been here."""
    context = browser.new_context(
        base_url=portal, viewport={"width": 360, "height": 780}, has_touch=True, locale="vi-VN"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_the_form_and_the_whole_journey_are_light(phone: Page, portal: str, world: World) -> None:
    sign_in_at(phone, world.member, portal)
    meter = Meter(phone)
    phone.goto("/gui/")
    number, weight, said = meter.read()
    assert number > 3, said
    assert weight <= MOST_BYTES, f"first visit to the form: {said}"

    phone.goto("/gui/")
    phone.check("[name=author1_category][value=enterprise_worker]")
    go_on(phone)
    fill_what(phone)
    go_on(phone)
    fill_effect(phone)
    go_on(phone)
    wait_until_saved(phone, benefit="12,5 triệu", solution=phone.input_value("[name=solution]"))
    submit(phone)
    wait_until_counted()
    phone.goto("/")
    expect(phone.locator(".count-num")).to_have_text("1")
    number, weight, said = meter.read()
    assert Initiative.objects.count() == 1
    assert number <= MOST_REQUESTS, f"the journey: {said}"
    assert weight <= MOST_BYTES, f"the journey: {said}"
