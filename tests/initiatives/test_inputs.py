"""What people type is cleaned, and refused in words that name the field."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core.errors import InvalidInput
from sangkien.initiatives.inputs import (
    MAX_AUTHORS,
    REQUIRED_TEXTS,
    TEXT_LIMITS,
    AuthorInput,
    clean_authors,
    clean_content,
    even_shares,
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


def test_everything_that_is_wrong_is_said_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_content(world.content(title="", solution="x" * 20_001, recognised_by=" ", benefit_claimed=-1))
    found = [(error.code, error.field) for error in refusal.value.errors]
    assert sorted(found) == [
        ("benefit_out_of_range", "benefit_claimed"),
        ("required", "recognised_by"),
        ("required", "title"),
        ("too_long", "solution"),
    ]
    assert (refusal.value.code, refusal.value.field) == found[0], "who looks at one error sees the first"


def test_of_a_secret_technology_only_title_effect_and_award_are_asked_for_and_kept(world: World) -> None:
    every = {name: "Chữ" for name in TEXT_LIMITS}
    cleaned = clean_content(world.content(**every, is_secret=True))
    assert (cleaned.title, cleaned.social_benefit, cleaned.award) == ("Chữ", "Chữ", "Chữ")
    for name in ("problem", "solution", "novelty", "conditions", "applied_scope", "applicable_scope"):
        assert getattr(cleaned, name) == ""
    assert cleaned.confidential_parts == ""
    bare = {"problem": "", "solution": "x" * 20_001, "benefit_claimed": None, "is_secret": True}
    assert refusal_of(world, **bare) == ("required", "social_benefit")
    assert clean_content(world.content(**bare, social_benefit="Giảm tai nạn.")).solution == ""


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
    assert again.title == title
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
    assert (refusal.value.code, refusal.value.field) == ("author_name", "author1_name")
    for field, limit in (("name", 200), ("title", 200), ("workplace", 300)):
        with pytest.raises(InvalidInput) as refusal:
            clean_authors([author(50), author(50, **{field: "x" * (limit + 1)})])  # type: ignore[arg-type]
        assert (refusal.value.code, refusal.value.field) == ("too_long", f"author2_{field}")


def test_what_is_wrong_with_the_authors_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_authors([author(60, name=""), author(60, contact="không phải"), author(60, title="x" * 201)])
    assert [error.field for error in refusal.value.errors] == [
        "authors", "author1_name", "author2_contact", "author3_title"
    ]  # fmt: skip


def test_a_contact_is_kept_in_one_way_of_writing_and_given_once() -> None:
    mail, phone = clean_authors([author(50, contact=" Ba@CongTy.vn "), author(50, contact="0912 345 678")])
    assert (mail.contact, phone.contact) == ("ba@congty.vn", "+84912345678")
    with pytest.raises(InvalidInput) as refusal:
        clean_authors([author(50, contact="0912345678"), author(50, contact="+84912345678")])
    assert (refusal.value.code, refusal.value.field) == ("same_contact", "author2_contact")


@given(st.integers(1, 100))
def test_even_shares_are_all_of_it_and_the_rest_goes_to_the_first(number: int) -> None:
    shares = even_shares(number)
    assert (len(shares), sum(shares)) == (number, 100)
    assert min(shares) >= 1
    assert shares[0] - shares[-1] == 100 % number or number == 1
    assert len(set(shares[1:])) <= 1
    if number <= MAX_AUTHORS:
        clean_authors([author(share) for share in shares])


@pytest.mark.parametrize("number", [-1, 0, 101])
def test_shares_of_nobody_or_of_too_many_are_no_question(number: int) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        even_shares(number)
