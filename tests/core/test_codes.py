"""Public codes: there and back, typing errors, and what a code does not tell."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.core.codes import LARGEST_NUMBER, CodeError, CodeFault, CodeKey, decode, encode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = CodeKey(1, b"a secret of the tests")
KEYS = {1: KEY}

numbers = st.integers(0, LARGEST_NUMBER)


def fault(text: str, keys: dict[int, CodeKey] = KEYS) -> str | None:
    try:
        decode(text, keys)
    except CodeError as error:
        return error.code
    return None


@given(numbers, st.integers(0, 9), st.binary(min_size=16, max_size=80))
def test_decoding_gives_the_number_back_under_any_key(number: int, version: int, secret: bytes) -> None:
    key = CodeKey(version, secret)
    code = encode(number, key)
    assert re.fullmatch(f"SK-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert decode(code, {version: key}) == number


@pytest.mark.parametrize("number", [0, 1, 2**16 - 1, 2**16, LARGEST_NUMBER])
def test_the_ends_of_the_range_have_codes(number: int) -> None:
    assert decode(encode(number, KEY), KEYS) == number


@pytest.mark.parametrize("number", [-1, LARGEST_NUMBER + 1])
def test_a_number_outside_the_range_has_none(number: int) -> None:
    with pytest.raises(ValueError, match="No code"):
        encode(number, KEY)


def test_a_code_stays_what_it_was() -> None:
    # Printed on certificates: a change here breaks every code ever given out.
    assert encode(696_948, KEY) == "SK-8B5J-SWPC"
    assert encode(0, CodeKey(2, bytes(16))) == "SK-K3S8-XXAT"


def test_twenty_thousand_numbers_have_as_many_codes() -> None:
    assert len({encode(number, KEY) for number in range(20_000)}) == 20_000


def test_following_numbers_have_unrelated_codes() -> None:
    codes = [encode(number, KEY)[3:].replace("-", "") for number in range(2_000)]
    places = range(1, 7)  # the first holds the key's mark, the last is the check symbol
    alike = sum(first[place] == second[place] for first, second in pairwise(codes) for place in places)
    expected = 1_999 * 6 / 32
    assert 0.7 * expected < alike < 1.3 * expected
    rising = sum(first < second for first, second in pairwise(codes))
    assert 900 < rising < 1_100


def test_another_secret_gives_other_codes() -> None:
    other = CodeKey(1, b"another secret of the tests")
    assert all(encode(number, KEY) != encode(number, other) for number in range(100))


def test_every_single_wrong_symbol_is_caught() -> None:
    for number in range(0, LARGEST_NUMBER, LARGEST_NUMBER // 50):
        code = encode(number, KEY)
        for place in [3, 4, 5, 6, 8, 9, 10, 11]:
            for symbol in ALPHABET.replace(code[place], ""):
                assert fault(code[:place] + symbol + code[place + 1 :]) == "check"


def test_every_swap_of_two_symbols_is_caught() -> None:
    for number in range(0, LARGEST_NUMBER, LARGEST_NUMBER // 200):
        symbols = list(encode(number, KEY)[3:].replace("-", ""))
        for first in range(8):
            for second in range(first + 1, 8):
                swapped = symbols.copy()
                swapped[first], swapped[second] = symbols[second], symbols[first]
                assert fault("".join(swapped)) == (None if swapped == symbols else "check")


@given(numbers)
def test_a_code_is_read_as_people_type_it(number: int) -> None:
    code = encode(number, KEY)
    bare = code[3:].replace("-", "")
    typed = [
        code.lower(),
        f"  {code} ",
        bare,
        "sk" + bare,
        code[3:],
        code.replace("-", " "),
        code.replace("-", "–"),
        "\u00a0".join(code),
        "SK-" + code[3:].replace("1", "I").replace("0", "O"),
        "SK-" + code[3:].replace("1", "l").replace("0", "o"),
    ]
    assert {decode(text, KEYS) for text in typed} == {number}


def test_a_code_that_begins_with_the_letters_of_the_prefix_is_not_cut() -> None:
    key = CodeKey(3, KEY.secret)  # its codes begin with one of R to Z
    number = next(n for n in range(100_000) if encode(n, key).startswith("SK-SK"))
    bare = encode(number, key)[3:]
    assert decode(bare, {3: key}) == decode("SK" + bare, {3: key}) == number


@pytest.mark.parametrize(
    "text",
    ["", "SK-", "SK-1234-567", "SK-1234-56789", "SK-UUUU-UUUU", "ABCD-EFGH-1", "XX-1234-5678", "SK-1234_5678",
     "ſK-1234-5678", "１２３４５６７８", "🎉" * 8, "SK-1234-5678\x00", "0" * 10_000_000],
)  # fmt: skip
def test_what_has_not_eight_symbols_is_malformed(text: str) -> None:
    assert fault(text) == "malformed"


@given(st.text(max_size=20) | st.text(alphabet=ALPHABET + "SKilo-– ", min_size=7, max_size=13))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    assert fault(text) in {None, "malformed", "check", "unknown_key"}


def test_a_code_of_a_key_not_at_hand_says_so() -> None:
    code = encode(5, CodeKey(2, KEY.secret))
    assert fault(code) == "unknown_key"
    assert fault(code, {}) == "unknown_key"


def test_old_codes_are_read_beside_new_ones() -> None:
    old, new = CodeKey(1, b"the secret of last year"), CodeKey(2, b"the secret of this year")
    keys = {1: old, 2: new}
    assert decode(encode(7, old), keys) == decode(encode(7, new), keys) == 7


def test_of_two_keys_with_one_mark_the_newest_is_meant() -> None:
    old, new = CodeKey(1, b"the secret of last year"), CodeKey(5, b"the secret of this year")
    assert decode(encode(7, new), {1: old, 5: new}) == 7


@pytest.mark.parametrize(("version", "secret"), [(0, b"too short"), (-1, bytes(16))])
def test_a_weak_key_is_refused(version: int, secret: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        CodeKey(version, secret)


@pytest.mark.parametrize("code", CodeError.MESSAGES)
def test_every_refusal_has_a_sentence_for_people(code: CodeFault) -> None:
    assert len(str(CodeError(code)).split()) > 3


def test_a_key_does_not_show_its_secret() -> None:
    assert "secret of the tests" not in repr(KEY)
