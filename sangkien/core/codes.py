"""The public code of an initiative, ``SK-XXXX-XXXX``: computed from its number, and back, without a table.

Eight symbols of Crockford's base32 (digits and capitals without I, L, O, U). Seven carry 35 bits: two of the
key's version, and 33 of the number after a keyed permutation, so that codes tell neither how many initiatives
there are nor which one comes next. The eighth is a check symbol: it shows every wrong symbol and every swap.

The permutation hides the order; it is no secret in itself. What a code gives access to is decided by rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2s
from typing import Final, Literal

from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput, Message

PREFIX: Final = "SK"
NUMBER_BITS: Final = 33
LARGEST_NUMBER: Final = 2**NUMBER_BITS - 1
LONGEST_TEXT: Final = 64  # characters of a code as people type it
SHORTEST_SECRET: Final = 16  # bytes

CodeFault = Literal["malformed", "check", "unknown_key"]


class CodeError(InvalidInput, ValueError):
    """A text that is no code of ours.

    ``code`` is stable: "malformed" (not eight symbols), "check" (mistyped), "unknown_key" (made with a key
    that is not at hand). ``str()`` is a sentence for people in the active language.
    """

    MESSAGES: Final[dict[CodeFault, Message]] = {
        "malformed": _("This is not a code. A code looks like SK-7XQ4-M2KD."),
        "check": _("There is a typing error in this code. Compare it with the original."),
        "unknown_key": _("This code was not given out here."),
    }

    def __init__(self, code: CodeFault) -> None:
        super().__init__(self.MESSAGES[code], code=code)


@dataclass(frozen=True)
class CodeKey:
    """The secret that orders the codes. ``version`` counts up from 0; a code remembers it modulo 4.

    Raises ``ValueError`` for a secret shorter than 16 bytes or a negative version.
    """

    version: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.version < 0 or len(self.secret) < SHORTEST_SECRET:
            raise ValueError("A code key needs a version from 0 up and a secret of at least 16 bytes.")


def encode(number: int, key: CodeKey) -> str:
    """The code of initiative ``number`` (0 to 2**33 - 1), as "SK-XXXX-XXXX".

    Raises ``ValueError`` for a number outside that range.
    """
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(f"No code for the number {number}.")
    data = (key.version % 4) << NUMBER_BITS | _permute(number, key.secret)
    values = [data >> shift & 31 for shift in _SHIFTS]
    values.append(_weighted_sum(values))
    symbols = "".join([_SYMBOLS[value] for value in values])
    return f"{PREFIX}-{symbols[:4]}-{symbols[4:]}"


def decode(text: str, keys: Mapping[int, CodeKey]) -> int:
    """The number that ``text`` is the code of; ``keys`` are the keys at hand by their version.

    Takes lower case, I and L for 1, O for 0, any spaces and dashes, and a code without its prefix. Where
    several keys have the same version modulo 4, the newest is meant.

    Raises ``CodeError``. A number that comes back need not exist.
    """
    values = _read_symbols(text)
    if _weighted_sum(values):
        raise CodeError("check")
    data = 0
    for value in values[:-1]:
        data = data << 5 | value
    mark = data >> NUMBER_BITS
    candidates = [key for key in keys.values() if key.version % 4 == mark]
    if not candidates:
        raise CodeError("unknown_key")
    newest = max(candidates, key=lambda key: key.version)
    return _restore(data & LARGEST_NUMBER, newest.secret)


# --- symbols ------------------------------------------------------------------------------------------------

_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHIFTS: Final = tuple(range(30, -1, -5))
_LOOKALIKES: Final = {"I": 1, "L": 1, "O": 0}
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)} | _LOOKALIKES
# Word processors turn a hyphen into other dashes.
_DASHES: Final = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"))


def _read_symbols(text: str) -> list[int]:
    """The eight values that a code as typed stands for."""
    if len(text) > LONGEST_TEXT:
        raise CodeError("malformed")
    bare = "".join(text.translate(_DASHES).split())
    # Only ASCII, because others have capitals that look right: ſ becomes S.
    symbols = bare.upper() if bare.isascii() else ""
    if len(symbols) == len(PREFIX) + 8:  # S and K are symbols too, so only the length tells a prefix
        symbols = symbols.removeprefix(PREFIX)
    if len(symbols) != 8 or not all(symbol in _VALUES for symbol in symbols):
        raise CodeError("malformed")
    return [_VALUES[symbol] for symbol in symbols]


# --- the check symbol ---------------------------------------------------------------------------------------


def _multiply(left: int, right: int) -> int:
    """The product in GF(32), the field of polynomials over GF(2) modulo x^5 + x^2 + 1."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left = left << 1 ^ (0b100101 if left & 16 else 0)
        right >>= 1
    return product


def _powers_of_x(count: int) -> list[int]:
    powers = [1]
    while len(powers) < count:
        powers.append(_multiply(powers[-1], 2))
    return powers


# The weighted sum of all eight symbols is 0. The weights x^7 … x^0 are not 0, so one wrong symbol shows; they
# differ from one another (x has order 31), so two swapped symbols show, adjacent or not. The check symbol has
# weight 1: it equals the sum of the rest.
_WEIGHTED: Final = [[_multiply(weight, value) for value in range(32)] for weight in reversed(_powers_of_x(8))]


def _weighted_sum(values: list[int]) -> int:
    """The sum in GF(32) of seven or eight values, each times the weight of its place."""
    total = 0
    for products, value in zip(_WEIGHTED, values, strict=False):
        total ^= products[value]
    return total


# --- the permutation ----------------------------------------------------------------------------------------

# A Feistel network on 17 + 16 bits: each round alters one half by a keyed hash of the other, so it can be
# undone, and 33 bits map onto 33 bits with nothing to skip. Ten rounds, as FF1 has for alternating halves.
_LEFT_BITS: Final = 17
_RIGHT_BITS: Final = 16
_LEFT_MASK: Final = 2**_LEFT_BITS - 1
_RIGHT_MASK: Final = 2**_RIGHT_BITS - 1
_ROUNDS: Final = 10


@lru_cache(maxsize=16)
def _hasher(secret: bytes) -> "blake2s":
    """BLAKE2s keyed with the secret (condensed, as its keys hold 32 bytes at most), to be copied and fed."""
    return blake2s(key=blake2s(secret, person=b"sk-code").digest(), digest_size=4)


def _round(keyed: "blake2s", number: int, half: int) -> int:
    """32 bits that depend on the secret, the round and a half."""
    state = keyed.copy()
    state.update((number << 24 | half).to_bytes(4, "big"))
    return int.from_bytes(state.digest(), "big")


def _permute(number: int, secret: bytes) -> int:
    keyed = _hasher(secret)
    left, right = number >> _RIGHT_BITS, number & _RIGHT_MASK
    for pair in range(0, _ROUNDS, 2):
        left ^= _round(keyed, pair, right) & _LEFT_MASK
        right ^= _round(keyed, pair + 1, left) & _RIGHT_MASK
    return left << _RIGHT_BITS | right


def _restore(permuted: int, secret: bytes) -> int:
    keyed = _hasher(secret)
    left, right = permuted >> _RIGHT_BITS, permuted & _RIGHT_MASK
    for pair in range(_ROUNDS - 2, -1, -2):
        right ^= _round(keyed, pair + 1, left) & _RIGHT_MASK
        left ^= _round(keyed, pair, right) & _LEFT_MASK
    return left << _RIGHT_BITS | right
