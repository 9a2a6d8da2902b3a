"""The demo's texts: never alike by accident, correct in form, and always the same for the same number."""

import re
import unicodedata
from difflib import SequenceMatcher

import pytest

from sangkien.demo.texts import NEAR_DUPLICATES, DemoText, highest_number, near_duplicate_of, text_for
from sangkien.demo.texts.compose import LONGEST_TITLE, LONGEST_WAIT, money
from sangkien.demo.texts.grammar import number_range
from sangkien.demo.texts.planted import FULL_SIZE, LEAST_WORDS, MOST_WORDS
from sangkien.demo.texts.topics import all_topics
from sangkien.demo.texts.workplaces import sector_of, workplace

UNITS = {
    "public_service_unit": (
        "Công đoàn Trường Tiểu học Lê Lợi",
        "CĐCS Trường THCS Nguyễn Du",
        "Công đoàn Trường Mầm non Hoa Sen",
        "Công đoàn Bệnh viện Đa khoa huyện Yên Lạc",
        "CĐCS Trung tâm Khuyến nông",
        "Công đoàn Trường Cao đẳng nghề Sông Hồng",
    ),
    "enterprise_worker": ("Công đoàn Công ty May Sông Đà", "Công đoàn Công ty Than Khe Bàng", "CĐCS Công ty Hòa Bình"),
    "union_officer": ("LĐLĐ huyện Quảng Xương", "Công đoàn các Khu công nghiệp tỉnh"),
    "party_state_body": ("CĐCS UBND xã Tân Lập", "Công đoàn Huyện ủy Thường Xuân"),
}
KINDS = {
    "technical_solution",
    "management_solution",
    "operational_solution",
    "technology_application",
    "research_project",
}
FIELD_CODES = """SXCN MOKS NLDN DMDG DTLR CKLK HCVL CBTP NLTS XDHT GTVT TMDV TCNH
CNTT GDDT YTSK PCDB HCCC MTDT ATLD VHXH CDOA DVCT QPAN KHAC"""
FIELDS = set(re.findall(r"\w+", FIELD_CODES))
SAMPLE = 50_000


def _sample(category: str, size: int) -> list[DemoText]:
    units = UNITS[category]
    step = FULL_SIZE // size
    benefits = (None, 0, 12_500_000, 1_150_000_000)
    return [
        text_for(number, category, units[number * 7 // 3 % len(units)], benefits[number % 4])
        for number in range(1, FULL_SIZE, step)
    ][:size]


@pytest.fixture(scope="module")
def samples() -> dict[str, list[DemoText]]:
    """`SAMPLE` texts spread over the whole range, by category in equal parts."""
    return {category: _sample(category, SAMPLE // len(UNITS)) for category in UNITS}


@pytest.fixture(scope="module")
def everything(samples: dict[str, list[DemoText]]) -> list[DemoText]:
    """All samples in one list."""
    return [text for texts in samples.values() for text in texts]


def _shingles(text: DemoText) -> set[tuple[str, ...]]:
    words = f"{text.title} {text.problem} {text.solution} {text.novelty}".casefold().split()
    return set(zip(words, words[1:], words[2:], strict=False))


def test_title_and_solution_never_repeat_within_a_category(samples: dict[str, list[DemoText]]) -> None:
    for category, texts in samples.items():
        assert len(texts) == SAMPLE // len(UNITS)
        assert len({(text.title, text.solution) for text in texts}) == len(texts), category


def test_title_and_solution_never_repeat_among_neighbours_of_one_unit() -> None:
    unit = UNITS["union_officer"][0]
    texts = [text_for(number, "union_officer", unit, None) for number in range(1, 20_001)]
    assert len({(text.title, text.solution) for text in texts}) == len(texts)


def test_every_title_of_a_topic_comes_once_per_turn() -> None:
    for topic in all_topics():
        whole = 1
        for radix in topic.radices:
            whole *= radix
        assert whole == topic.size
        for title in topic.titles:
            filled = {title.format(*words) for words in ("xxyyzz", "aayyzz", "xxbbzz", "xxyycc")}
            assert len(filled) == 4, f"{topic.code}: {title} leaves out a slot"
        assert len(set(topic.titles)) == len(topic.titles)
        assert len(set(topic.sector.family.close)) == len(topic.sector.family.close)


def test_the_range_covers_the_whole_programme() -> None:
    assert highest_number() > FULL_SIZE


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_a_number_outside_the_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        text_for(number, "union_officer", "LĐLĐ huyện Quảng Xương", None)


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(ValueError, match="no topics"):
        text_for(1, "nobody", "LĐLĐ huyện Quảng Xương", None)


def test_the_same_number_always_gets_the_same_text() -> None:
    first = _sample("enterprise_worker", 500)
    workplace.cache_clear()
    assert first == _sample("enterprise_worker", 500)


def test_few_titles_repeat(samples: dict[str, list[DemoText]]) -> None:
    for category, texts in samples.items():
        assert len({text.title for text in texts}) > 0.97 * len(texts), category


def test_texts_are_well_formed(everything: list[DemoText]) -> None:
    for text in everything:
        whole = "\n".join(part for part in text if isinstance(part, str))
        assert not set("{}|") & set(whole), whole
        assert not [slip for slip in ("  ", " .", "..", " ,", ",,", ";.") if slip in whole], whole
        assert unicodedata.is_normalized("NFC", whole)
        for sentence in (text.problem, text.solution, text.novelty, text.social_benefit):
            assert not sentence or sentence.endswith("."), sentence
            assert sentence == sentence.strip()
            assert not sentence[:1].islower(), sentence
        assert text.title[0].isupper(), text.title
        assert not text.title.endswith("."), text.title


def test_lengths_are_as_promised(everything: list[DemoText]) -> None:
    assert max(len(text.title) for text in everything) <= LONGEST_TITLE
    total = sum(len(t.title) + len(t.problem) + len(t.solution) + len(t.novelty) for t in everything)
    assert 520 <= total / len(everything) <= 600


def test_kinds_and_fields_are_known(everything: list[DemoText]) -> None:
    assert {text.kind for text in everything} == KINDS
    assert {text.field for text in everything} <= FIELDS


def test_shares_of_authors_add_up_to_a_hundred(everything: list[DemoText]) -> None:
    for text in everything:
        assert sum(share for _, _, share in text.authors) == 100
        assert 1 <= len(text.authors) <= 4
        assert text.authors[0][2] == max(share for _, _, share in text.authors)
        assert len({name for name, _, _ in text.authors}) == len(text.authors)
    alone = sum(len(text.authors) == 1 for text in everything) / len(everything)
    assert 0.68 < alone < 0.72


def test_first_application_is_within_the_window(everything: list[DemoText]) -> None:
    assert all(15 <= text.wait_days <= LONGEST_WAIT for text in everything)


def test_a_benefit_is_told_in_the_solution() -> None:
    told = text_for(12, "enterprise_worker", "Công đoàn Công ty May", 12_500_000)
    untold = text_for(12, "enterprise_worker", "Công đoàn Công ty May", 0)
    assert "12,5 triệu đồng" in told.solution
    assert "12,5 triệu đồng" not in untold.solution
    assert told.title == untold.title


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (850_000, "850.000 đồng"),
        (12_000_000, "12 triệu đồng"),
        (12_500_000, "12,5 triệu đồng"),
        (12_345_678, "khoảng 12,3 triệu đồng"),
        (1_150_000_000, "1,15 tỷ đồng"),
        (2_500_000_000_000, "2.500 tỷ đồng"),
    ],
)
def test_money_is_written_the_vietnamese_way(amount: int, words: str) -> None:
    assert money(amount) == words


def test_decimals_have_a_comma_and_no_empty_tenth() -> None:
    assert number_range("0,9", "1,1") == ("0,9", "1", "1,1")


def test_a_unit_gets_topics_of_its_trade() -> None:
    assert sector_of("public_service_unit", "Trường Tiểu học Lê Lợi") == "primary"
    assert sector_of("enterprise_worker", "Công ty Than Khe Bàng") == "mine"
    assert sector_of("enterprise_worker", "Công ty TNHH Thanh Bình") is None


def test_recognition_names_the_employer() -> None:
    text = text_for(9, "public_service_unit", "Công đoàn Trường Tiểu học Lê Lợi", None)
    assert text.recognised_by.endswith("Trường Tiểu học Lê Lợi")
    assert text.recognition_document.endswith("/QĐ-HLL")


def test_planted_copies_are_near_but_not_equal() -> None:
    assert len([copy for copy in NEAR_DUPLICATES if copy <= FULL_SIZE]) >= 300
    for copy, source in NEAR_DUPLICATES.items():
        assert near_duplicate_of(copy) == source < copy
        assert near_duplicate_of(source) is None
        new = text_for(copy, "enterprise_worker", "Công đoàn Công ty May Sông Đà", 7_000_000)
        old = text_for(source, "union_officer", "LĐLĐ huyện Quảng Xương", None)
        assert (new.title, new.solution) != (old.title, old.solution)
        first, second = _shingles(new), _shingles(old)
        assert len(first & second) / len(first | second) >= 0.8, (copy, source)
        before = " ".join((old.title, old.problem, old.solution, old.novelty)).split()
        after = " ".join((new.title, new.problem, new.solution, new.novelty)).split()
        blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        changed = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in blocks if tag != "equal")
        assert LEAST_WORDS <= changed <= MOST_WORDS, (copy, changed)
