"""A member who stands before the form, and what they would type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from sangkien.core import clock
from sangkien.initiatives.models import Draft
from tests.factories import World, make_world

Typed = dict[str, str]


@dataclass
class Paper:
    """One form that somebody has before them, with its draft's address."""

    client: Client
    id: UUID = field(default_factory=uuid4)

    @property
    def address(self) -> str:
        return f"/gui/{self.id}/"

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(pk=self.id)

    def open(self) -> Any:
        return self.client.get(self.address)

    def press(self, action: str, typed: Typed, version: int = 0, **more: Any) -> Any:
        return self.client.post(self.address, typed | {"action": action, "version": str(version)} | more)

    def send(self, typed: Typed, version: int = 0, **more: Any) -> Any:
        return self.press("submit", typed, version, **more)

    def save(self, typed: Typed, version: int = 0, **more: Any) -> Any:
        """Save as the script does."""
        return self.client.post(f"{self.address}luu/", typed | {"version": str(version)} | more)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def member(world: World) -> Client:
    """A browser in which the world's member has signed in, reading English: what is asserted is in the sources."""
    client = Client()
    client.force_login(world.member)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def paper(member: Client) -> Paper:
    return Paper(member)


@pytest.fixture
def typed(world: World) -> Typed:
    """What a form without faults holds."""
    day = clock.day_of(clock.now()) - timedelta(days=30)
    return {
        "author1_name": world.member.full_name,
        "author1_title": "Thợ lò",
        "author1_category": "enterprise_worker",
        "author1_share": "60",
        "author2_name": "Lê Văn Hiếu",
        "author2_share": "40",
        "authors": "2",
        "title": "Bộ gạt than tự bù mòn cho băng tải lò dọc vỉa",
        "kind": "technical_solution",
        "field": "MOKS",
        "problem": "Than bùn bám vào lưỡi gạt.",
        "solution": "Gắn hai lưỡi gạt cao su ép bằng lò xo.\n\nThay lưỡi mất 15 phút.",
        "novelty": "Lưỡi tự bù mòn.",
        "applied_on": f"{day.day}/{day.month}/{day.year}",
        "benefit": "1,2 tỷ",
        "social_benefit": "An toàn hơn cho thợ lò.",
        "recognised_by": "Hội đồng sáng kiến Công ty",
        "recognition_document": "214/QĐ-TBK",
        "tab": "this-page",
    }
