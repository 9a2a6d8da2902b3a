"""A member's browser, a draft of theirs, and a storage of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import World
from tests.initiatives.files.conftest import draft, storage_folder, world

__all__ = ["draft", "storage_folder", "world"]


@pytest.fixture
def member(world: World) -> Client:
    client = Client()
    client.force_login(world.member)
    client.cookies["django_language"] = "en"
    return client
