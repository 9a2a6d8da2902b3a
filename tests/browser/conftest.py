"""A real Chromium, a real server and a worker that folds while people look."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from sangkien.ops.worker import run_folds
from sangkien.people.models import Person
from tests.factories import World, make_world
from tests.initiatives.files.conftest import storage_folder

__all__ = ["storage_folder"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Playwright's own loop runs in this thread; Django's guard against database calls beside one is not meant for tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip loudly where there is no Chromium; where it is required, let the tests fail instead."""
    if CHROMIUM or os.environ.get("SANGKIEN_BROWSER") == "required":
        return
    skip = pytest.mark.skip(reason="NO CHROMIUM: the journeys in a real browser were NOT tested. Install chromium.")
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(skip)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for one file of journeys.

    While Playwright's loop runs, Django keeps a second set of connections in this thread and does not see the first:
    each set is closed before the other comes into use, so that no test meets a connection that it cannot close.
    """
    assert CHROMIUM, "browser tests are required here, but there is no Chromium"
    connections.close_all()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
        connections.close_all()


@pytest.fixture
def world(transactional_db: None) -> World:
    cache.clear()  # how often which address has asked for a code: no table that is emptied between tests
    world = make_world()
    world.programme.headline_phase = world.phase
    world.programme.save()
    return world


@pytest.fixture
def folding(world: World) -> Iterator[None]:
    """Run the worker's loop beside the server, as a thread with a connection of its own."""
    going = threading.Event()
    going.set()

    def fold() -> None:
        try:
            run_folds(0.2, going.is_set)
        finally:
            connection.close()

    thread = threading.Thread(target=fold)
    thread.start()
    yield
    going.clear()
    thread.join(timeout=30)


Visit = Callable[..., Page]


def sign_in_at(page: Page, person: Person, address: str) -> None:
    """Give the page's browser the session of somebody who has signed in to the server at this address."""
    client = Client()
    client.force_login(person)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Give whoever asks a device of their own: ``visit(person, width=360, scripts=True)`` returns its first page.

    No script may fail on it, and nothing may be refused by the content security policy.
    """
    contexts = []
    faults: list[str] = []

    def open_device(person: Person | None = None, *, width: int = 360, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 780},
            has_touch=width < 768,
            java_script_enabled=scripts,
            locale="vi-VN",
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        # What the network and the server answered is the business of the tests; the rest is a fault of a page.
        context.on(
            "console",
            lambda said: (
                faults.append(said.text)
                if said.type == "error" and not said.text.startswith("Failed to load resource")
                else None
            ),
        )
        contexts.append(context)
        page = context.new_page()
        if person:
            sign_in_at(page, person, live_server.url)
        return page

    yield open_device
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(params=[360, 1280], ids=["phone", "pc"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page without JavaScript: everything of this version must work so."""
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": request.param, "height": 780},
        java_script_enabled=False,
        locale="vi-VN",
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
