"""A member who stands before the form, and what they would type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from sangkien.core import clock
from tests.factories import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def member(world: World) -> Client:
    """A browser in which the world's member has signed in."""
    client = Client()
    client.force_login(world.member)
    return client


@pytest.fixture
def typed(world: World) -> dict[str, str]:
    """What a form without faults holds."""
    day = clock.day_of(clock.now()) - timedelta(days=30)
    return {
        "token": "0123456789abcdef0123456789abcdef",
        "title": "Bộ gạt than tự bù mòn cho băng tải lò dọc vỉa",
        "kind": "technical_solution",
        "field": "MOKS",
        "problem": "Than bùn bám vào lưỡi gạt.",
        "solution": "Gắn hai lưỡi gạt cao su ép bằng lò xo.\n\nThay lưỡi mất 15 phút.",
        "novelty": "Lưỡi tự bù mòn.",
        "applied_on": f"{day.day}/{day.month}/{day.year}",
        "benefit": "1,2 tỷ",
        "no_benefit_reason": "",
        "social_benefit": "An toàn hơn cho thợ lò.",
        "recognised_by": "Hội đồng sáng kiến Công ty",
        "recognition_document": "214/QĐ-TBK",
        "recognised_on": "",
        "category": "enterprise_worker",
        "author1_name": world.member.full_name,
        "author1_title": "Thợ lò",
        "author1_share": "60",
        "author2_name": "Lê Văn Hiếu",
        "author2_title": "",
        "author2_share": "40",
        "author3_name": "",
        "author3_title": "",
        "author3_share": "",
        "author4_name": "",
        "author4_title": "",
        "author4_share": "",
    }
