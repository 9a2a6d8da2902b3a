"""Vietnamese text: cleaning, keys to find by, and the order of the alphabet."""

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core.vietnamese import normalise, normalise_lines, search_key, slug, sort_key, tone_key

VOWELS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
OTHERS = "bcdđĐghklmnpqrstvx 019-.,"
vietnamese = st.text(alphabet=VOWELS + VOWELS.upper() + OTHERS, max_size=30)

PROVINCES = [
    "An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Bắc Kạn", "Bắc Ninh", "Bến Tre",
    "Bình Dương", "Bình Định", "Bình Phước", "Bình Thuận", "Cà Mau", "Cao Bằng", "Cần Thơ",
    "Đà Nẵng", "Đắk Lắk", "Đắk Nông", "Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang",
    "Hà Nam", "Hà Nội", "Hà Tĩnh", "Hải Dương", "Hải Phòng", "Hậu Giang", "Hoà Bình", "Hưng Yên",
    "Khánh Hòa", "Kiên Giang", "Kon Tum", "Lai Châu", "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Long An",
    "Nam Định", "Nghệ An", "Ninh Bình", "Ninh Thuận", "Phú Thọ", "Phú Yên", "Quảng Bình",
    "Quảng Nam", "Quảng Ngãi", "Quảng Ninh", "Quảng Trị", "Sóc Trăng", "Sơn La", "Tây Ninh",
    "Thái Bình", "Thái Nguyên", "Thanh Hóa", "Thành phố Hồ Chí Minh", "Thừa Thiên Huế",
    "Tiền Giang", "Trà Vinh", "Tuyên Quang", "Vĩnh Long", "Vĩnh Phúc", "Yên Bái",
]  # fmt: skip


def test_text_is_stored_composed_trimmed_and_without_what_cannot_be_seen() -> None:
    assert normalise("  Sáng\u0000\u200b \n\t kiê\u0301n\ufeff\u202e ") == "Sáng kiến"


@pytest.mark.parametrize("control", [chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0xAD)])
def test_nothing_that_turns_or_hides_text_is_stored(control: str) -> None:
    assert normalise(f"{control}Hóa{control} đơn{control}") == "Hóa đơn"
    assert normalise_lines(f"a{control}\n{control}b") == "a\nb"


def test_joiners_stay_where_they_join_and_nowhere_else() -> None:
    assert normalise("Thợ 👩🏽\u200d🔧\u200d giỏi") == "Thợ 👩🏽\u200d🔧 giỏi"
    assert normalise("क्\u200d\u200dष") == "क्\u200dष"
    assert normalise("Sáng\u200c\u200dkiến \u200d ") == "Sángkiến"
    assert normalise("e\u200d\u0301") == "é"
    assert search_key("👩🏽\u200d🔧 thợ") == search_key("thợ")


def test_text_of_several_lines_keeps_its_lines() -> None:
    assert normalise_lines("\n a  b \r\n\r\n\r\n\r\nc\u0007\n") == "a b\n\nc"


@given(st.text(max_size=50))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert normalise_lines(normalise_lines(text)) == normalise_lines(text)
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đà Nẵng", "da nang"),
        ("Ðà Nẵng", "da nang"),  # with an eth
        ("Hoà Bình", "hoa binh"),
        ("Hòa Bình", "hoa binh"),
        ("Thuỷ-Điện,  số 2!", "thuy dien so 2"),
        ("LĐLĐ TP. Hồ Chí Minh", "ldld tp ho chi minh"),
        ("m² / ﬁ / Ａ_b", "m2 fi a b"),
        ("…", ""),
    ],
)
def test_a_search_key_has_bare_words_only(text: str, key: str) -> None:
    assert search_key(text) == key


@given(st.text(max_size=50) | vietnamese)
def test_keys_are_stable_and_blind_to_composition(text: str) -> None:
    for key in (search_key, tone_key):
        assert key(unicodedata.normalize("NFD", text)) == key(unicodedata.normalize("NFC", text)) == key(text)
        assert key(key(text)) == key(text)


@given(vietnamese)
def test_dropping_the_tones_of_a_tone_key_gives_the_search_key(text: str) -> None:
    assert search_key(tone_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Hoà", "hòa"),
        ("Khánh Hoà", "khánh hòa"),
        ("toả", "tỏa"),
        ("xoã", "xõa"),
        ("hoá", "hóa"),
        ("hoạ", "họa"),
        ("khoẻ", "khỏe"),
        ("Thuỷ", "thủy"),
        ("Vị Thuỷ, Hậu Giang", "vị thủy hậu giang"),
        ("uỷ nhiệm", "ủy nhiệm"),
        ("quý", "quý"),
        ("qúy", "quý"),
        ("hoàn", "hoàn"),
        ("hòan", "hoàn"),
        ("khoái", "khoái"),
        ("tuyết", "tuyết"),
        ("khuỷu", "khuỷu"),
        ("huỳnh", "huỳnh"),
        ("ngoèo", "ngoèo"),
        ("ĐOÀ", "đòa"),
    ],
)
def test_both_placements_of_a_tone_have_one_tone_key(new: str, old: str) -> None:
    assert tone_key(new) == old
    assert tone_key(old) == old


def test_a_tone_key_tells_tones_and_letters_apart() -> None:
    words = ["ma", "má", "mà", "mả", "mã", "mạ", "mă", "mâ", "da", "đa"]
    assert len({tone_key(word) for word in words}) == len(words)


def test_provinces_sort_by_the_vietnamese_alphabet() -> None:
    shuffled = random.Random(1).sample(PROVINCES, len(PROVINCES))
    assert sorted(shuffled, key=sort_key) == PROVINCES


@pytest.mark.parametrize(
    "ordered",
    [
        list("09aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"),
        ["ma", "mà", "mả", "mã", "má", "mạ", "man", "mă", "mằn", "mâ", "mo", "mộ", "mơ"],
        ["Hà", "Hà Nam", "Hà Nội", "Hai", "Hải", "Hãn"],
        ["lan anh", "lan ánh", "lán anh", "lan bình", "lanh"],
        ["an", "ăn", "ân", "ba"],
        ["az", "ă", "ăz", "â", "b"],
        ["tổ 2", "tổ 010", "tổ 11", "tổ a"],
        ["z", "ж"],
        ["oz", "ô", "ôz", "ơ"],
        ["a ж", "aж", "ă"],
    ],
)
def test_keys_are_in_the_order_of_the_alphabet_then_of_the_tones(ordered: list[str]) -> None:
    keys = [sort_key(text) for text in ordered]
    assert all(first < second for first, second in pairwise(keys))
    encoded = [key.encode() for key in keys]
    assert encoded == sorted(encoded)


def test_letters_weigh_more_than_tones_wherever_they_stand() -> None:
    assert sort_key("Hạ An") < sort_key("Ha Ân")


def test_case_punctuation_and_tone_placement_do_not_alter_the_order() -> None:
    assert sort_key("HOÀ BÌNH") == sort_key("Hòa-Bình") == sort_key(unicodedata.normalize("NFD", " hoà  bình."))


@given(vietnamese)
def test_texts_with_one_tone_key_have_one_sort_key(text: str) -> None:
    assert sort_key(tone_key(text)) == sort_key(text) == sort_key(unicodedata.normalize("NFD", text))


def test_a_slug_is_plain_ascii() -> None:
    assert slug("Bảng xếp hạng: Đợt 2 (2022)") == "bang-xep-hang-dot-2-2022"
    assert slug("Ж 中 a") == "a"
    assert slug("…") == ""
