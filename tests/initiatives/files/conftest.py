"""A world, a draft of its member, and a storage of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from sangkien.initiatives.models import Draft
from tests.factories import World, make_world


@pytest.fixture(autouse=True)
def storage_folder(settings: Settings, tmp_path: Path) -> Path:
    attachments = {
        "BACKEND": "sangkien.initiatives.files.storing.AttachmentFiles",
        "OPTIONS": {"location": tmp_path / "files"},
    }
    settings.STORAGES = {**settings.STORAGES, "attachments": attachments}
    return tmp_path / "files"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def draft(world: World) -> Draft:
    return world.make_draft()
