"""Who reads what on the page of an initiative: one table, for everybody who may stand before it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from sangkien.core import clock
from sangkien.initiatives.actions import answer_authorship, return_initiative
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Attachment, Initiative, Response
from sangkien.initiatives.states import ReasonCode
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.units.models import Role
from tests.factories import World, grant, make_person

EVERYBODY = ("nobody", "member", "elsewhere", "declined", "submitter", "co-author", "silent", "verifier", "viewer")
"""Signed out; a member; a verifier of another district; a co-author who has declined; whoever entered it; a co-author
who has confirmed; one who has not answered; a verifier of its district; a viewer of its district."""
INSIDERS = ("submitter", "co-author", "silent", "verifier", "viewer")

WORKER = Category.ENTERPRISE_WORKER

SHOWN: dict[str, tuple[str, ...]] = {
    "Tên ai cũng đọc": EVERYBODY,
    "Cách làm ai cũng đọc": EVERYBODY,
    "Điều kiện ai cũng đọc": EVERYBODY,
    "Nơi áp dụng được": EVERYBODY,
    "Giải Nhất cấp tỉnh": EVERYBODY,
    "Người Chính": EVERYBODY,
    "Người Xác Nhận": EVERYBODY,
    "Người Im Lặng": EVERYBODY,
    "Người Từ Chối": INSIDERS,
    "Phần bí mật riêng": INSIDERS,
    "Thiếu trang ký": INSIDERS,
    "Cho ảnh rõ hơn": INSIDERS,
    "quyet-dinh.pdf": ("submitter", "co-author", "verifier", "viewer"),
    "Has not answered yet": INSIDERS,
    "applied_in_window": INSIDERS,
    "Cán bộ Minh": ("verifier", "viewer"),
    "mat.lien.he@example.vn": (),
    "+84912345678": (),
    "Correct and send again": ("submitter", "co-author"),
    "/bien-nhan/": ("submitter", "co-author", "silent"),
    "/rut/": ("submitter", "co-author"),
    "has named you as an author": ("silent",),
    "You have declined to be an author": ("declined",),
    "You have confirmed that you are": ("co-author",),
}
"""What stands on the page of a returned initiative, and for whom."""

SECRET: dict[str, tuple[str, ...]] = {
    "Tên công nghệ": EVERYBODY,
    "Nhanh gấp đôi": EVERYBODY,
    "Giải Nhì": EVERYBODY,
    "Công thức bí truyền": INSIDERS,
    "Lý do kín": INSIDERS,
    "Người Chính": INSIDERS,
    "Hội đồng sáng kiến Công ty": INSIDERS,
}
"""The same of a secret technology: title, effect and award are public, nothing else that it says."""


@dataclass
class Scene:
    """An initiative with four authors, and everybody who may look at it."""

    initiative: Initiative
    people: dict[str, Person | None]

    def readers_of(self, text: str) -> set[str]:
        """Who finds this text on the page."""
        found = set()
        for who, person in self.people.items():
            client = Client()
            client.cookies["django_language"] = "en"
            if person:
                client.force_login(person)
            answer = client.get(f"/sang-kien/{code_of(self.initiative.pk)}/")
            assert answer.status_code == 200, who
            if text in answer.content.decode():
                found.add(who)
        return found


@pytest.fixture
def people(world: World) -> dict[str, Person | None]:
    everybody: dict[str, Person | None] = {who: make_person(full_name=f"Tài khoản {who}") for who in EVERYBODY}
    everybody["nobody"] = None
    everybody["verifier"].full_name = "Cán bộ Minh"  # type: ignore[union-attr]
    everybody["verifier"].save()  # type: ignore[union-attr]
    grant(everybody["elsewhere"], world.districts[1])
    grant(everybody["verifier"], world.districts[0])
    grant(everybody["viewer"], world.districts[0], Role.VIEWER)
    return everybody


def authors(people: dict[str, Person | None]) -> list[AuthorInput]:
    def named(name: str, who: str, contact: str, share: int) -> AuthorInput:
        return AuthorInput(name, WORKER, share, person_id=people[who].pk, contact=contact)  # type: ignore[union-attr]

    return [
        AuthorInput("Người Chính", WORKER, 40),
        named("Người Từ Chối", "declined", "mat.lien.he@example.vn", 10),
        named("Người Xác Nhận", "co-author", "+84912345678", 20),
        named("Người Im Lặng", "silent", "im.lang@example.vn", 30),
    ]


@pytest.fixture
def scene(world: World, people: dict[str, Person | None]) -> Scene:
    one = world.submit(
        actor=people["submitter"],
        authors=authors(people),
        title="Tên ai cũng đọc",
        solution="Cách làm ai cũng đọc",
        conditions="Điều kiện ai cũng đọc",
        applicable_scope="Nơi áp dụng được",
        confidential_parts="Phần bí mật riêng",
        award="Giải Nhất cấp tỉnh",
    )
    answer_authorship(actor=people["declined"], initiative_id=one.pk, response=Response.DECLINED)
    answer_authorship(actor=people["co-author"], initiative_id=one.pk, response=Response.CONFIRMED)
    Attachment.objects.create(
        initiative=one,
        number=1,
        name="quyet-dinh.pdf",
        media_type="application/pdf",
        size=1_234_567,
        sha256="0" * 64,
        uploaded_at=clock.now(),
        uploaded_by=people["submitter"],
    )
    return_initiative(
        actor=people["verifier"],
        initiative_id=one.pk,
        reason=ReasonCode.MISSING_DOCUMENT,
        note="Thiếu trang ký",
        asked={"attachments": "Cho ảnh rõ hơn", "novelty": ""},
    )
    return Scene(one, people)


@pytest.fixture
def secret(world: World, people: dict[str, Person | None]) -> Scene:
    one = world.submit(
        actor=people["submitter"],
        authors=authors(people),
        title="Tên công nghệ",
        social_benefit="Nhanh gấp đôi",
        award="Giải Nhì",
        is_secret=True,
    )
    answer_authorship(actor=people["declined"], initiative_id=one.pk, response=Response.DECLINED)
    Initiative.objects.filter(pk=one.pk).update(  # as older data have it
        solution="Công thức bí truyền", no_benefit_reason="Lý do kín", benefit_claimed=None
    )
    return Scene(one, people)


def test_each_text_is_read_by_those_in_its_row_and_by_nobody_else(scene: Scene) -> None:
    assert {text: scene.readers_of(text) for text in SHOWN} == {text: set(who) for text, who in SHOWN.items()}


def test_of_a_secret_technology_the_public_reads_title_effect_and_award(secret: Scene) -> None:
    assert {text: secret.readers_of(text) for text in SECRET} == {text: set(who) for text, who in SECRET.items()}


def test_the_public_learns_that_somebody_declined_and_the_shares_still_add_up(scene: Scene) -> None:
    assert scene.readers_of("A co-author who has declined") == {"nobody", "member", "elsewhere", "declined"}
