"""What people type is cleaned, and refused in words that name the field."""

from __future__ import annotations

import time
import unicodedata

import pytest

from sangkien.core.errors import InvalidInput
from sangkien.initiatives.inputs import (
    MAX_AUTHORS,
    REQUIRED_TEXTS,
    TEXT_LIMITS,
    AuthorInput,
    clean_authors,
    clean_content,
)
from sangkien.initiatives.models import Initiative
from sangkien.people.categories import Category
from tests.factories import World

VIETNAMESE = "Cải tiến quy trình nghiệm thu ở Thuỷ điện Đắk Mi"


def author(share: int = 100, name: str = "Trần Thị Hoa", **more: str) -> AuthorInput:
    return AuthorInput(name=name, category=Category.ENTERPRISE_WORKER, share=share, **more)  # type: ignore[arg-type]


def refusal_of(world: World, **changes: object) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as refusal:
        clean_content(world.content(**changes))
    assert str(refusal.value)
    return refusal.value.code, refusal.value.field


@pytest.mark.parametrize("name", REQUIRED_TEXTS)
@pytest.mark.parametrize("empty", ["", "  ", "\n\n", "\u200b\u00a0"])
def test_a_text_that_must_be_there_is_asked_for(world: World, name: str, empty: str) -> None:
    assert refusal_of(world, **{name: empty}) == ("required", name)


@pytest.mark.parametrize(("name", "limit"), TEXT_LIMITS.items())
def test_a_text_of_the_greatest_length_is_taken_and_one_character_more_is_not(
    world: World, name: str, limit: int
) -> None:
    assert getattr(clean_content(world.content(**{name: "đ" * limit})), name) == "đ" * limit
    assert refusal_of(world, **{name: "đ" * (limit + 1)}) == ("too_long", name)


def test_the_length_is_that_of_what_is_kept(world: World) -> None:
    limit = TEXT_LIMITS["title"]
    decomposed = unicodedata.normalize("NFD", "ạ" * limit)
    assert len(decomposed) > limit
    assert clean_content(world.content(title=f"  {decomposed}  ")).title == "ạ" * limit


def test_ten_megabytes_pasted_are_refused_at_once(world: World) -> None:
    pasted = "Ạ\u0301 \n" * (10 * 2**20 // 5)
    began = time.perf_counter()
    for name in TEXT_LIMITS:
        assert refusal_of(world, **{name: pasted}) == ("too_long", name)
    with pytest.raises(InvalidInput):
        clean_authors([author(name=pasted)])
    assert time.perf_counter() - began < 2


def test_texts_are_stored_composed_and_found_again(world: World) -> None:
    initiative = world.submit(title=unicodedata.normalize("NFD", VIETNAMESE))
    assert Initiative.objects.get(title=VIETNAMESE) == initiative


def test_other_scripts_and_pictures_are_kept_and_what_cannot_be_seen_is_not(world: World) -> None:
    title = "Máy ép 👩🏽‍🔧 lò xo № 5 — 研究"
    stored = world.submit(title=title, problem="Kẹt\u202e băng\0 tải", solution="a\tb\x07")
    again = Initiative.objects.get(pk=stored.pk)
    assert again.title.startswith("Máy ép 👩🏽")
    assert "研究" in again.title
    assert (again.problem, again.solution) == ("Kẹt băng tải", "a b")


def test_lines_of_a_long_text_stay_lines(world: World) -> None:
    cleaned = clean_content(world.content(solution=" Bước 1:  tháo. \r\n\r\n Bước 2: lắp.\n"))
    assert cleaned.solution == "Bước 1: tháo.\n\nBước 2: lắp."


@pytest.mark.parametrize("name", ["title", "recognised_by", "recognition_document"])
def test_a_text_of_one_line_is_one_line(world: World, name: str) -> None:
    assert "\n" not in getattr(clean_content(world.content(**{name: "Một\nhai"})), name)


def test_a_benefit_or_the_reason_why_there_is_none_must_be_given(world: World) -> None:
    assert refusal_of(world, benefit_claimed=None) == ("benefit_or_reason", "benefit_claimed")
    assert clean_content(world.content(benefit_claimed=None, no_benefit_reason="An toàn.")).benefit_claimed is None
    assert clean_content(world.content(benefit_claimed=0)).benefit_claimed == 0


@pytest.mark.parametrize("benefit", [-1, 9_000_000_000_000_001])
def test_a_benefit_out_of_range_is_refused(world: World, benefit: int) -> None:
    assert refusal_of(world, benefit_claimed=benefit) == ("benefit_out_of_range", "benefit_claimed")


@pytest.mark.parametrize(
    "shares", [[99], [101], [50, 49], [50, 51], [100, 0], [120, -20], [0], [33, 33, 33], [100, 100]], ids=str
)
def test_shares_that_do_not_add_up_to_100_are_refused(shares: list[int]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_authors([author(share) for share in shares])
    assert (refusal.value.code, refusal.value.field) == ("shares_total_100", "authors")
    assert str(sum(shares)) in str(refusal.value)


@pytest.mark.parametrize("shares", [[100], [99, 1], [34, 33, 33], [5] * 20], ids=str)
def test_shares_that_add_up_are_taken(shares: list[int]) -> None:
    assert [a.share for a in clean_authors([author(share) for share in shares])] == shares


@pytest.mark.parametrize("number", [0, MAX_AUTHORS + 1])
def test_an_initiative_has_one_to_twenty_authors(number: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_authors([author(1)] * number)
    assert (refusal.value.code, refusal.value.field) == ("authors_count", "authors")


def test_every_author_has_a_name_of_reasonable_length() -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_authors([author(name=" \u200b ")])
    assert refusal.value.code == "author_name"
    for field, limit in (("name", 200), ("title", 200), ("workplace", 300)):
        with pytest.raises(InvalidInput) as refusal:
            clean_authors([author(**{field: "x" * (limit + 1)})])  # type: ignore[arg-type]
        assert refusal.value.code == "too_long"
