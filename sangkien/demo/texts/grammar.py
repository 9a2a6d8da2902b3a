"""Reads the slot grammars of the demo texts and compiles them into tuples that are quick to fill.

A grammar file (UTF-8, NFC) is made of blocks. A block starts with ``= word | word …``; each following line
is ``key: option | option …``. Inside an option ``{a}``, ``{b}``, ``{c}`` and ``{d}`` stand for the topic's slots
(a capital letter for the same words at the start of a sentence), and ``{12-40}`` or ``{0,6-1,9}`` for a whole or
one-decimal number of that range, in Vietnamese notation.
"""

import re
from functools import cache
from importlib import resources
from typing import NamedTuple

SPREAD = 16  # how many different fillings of its numbers a sentence gets; a power of two
SLOTS = "abcd"
_NUMBER = re.compile(r"\{(\d+(?:,\d)?)-(\d+(?:,\d)?)\}")
_SLOT = re.compile(r"\{([a-dA-D])\}")


class Block(NamedTuple):
    """One block of a grammar file: the words of its head, and its options by key."""

    head: tuple[str, ...]
    options: dict[str, tuple[str, ...]]


class Slot(NamedTuple):
    """The options of one slot, as written and with a capital first letter."""

    plain: tuple[str, ...]
    capital: tuple[str, ...]


def capitalise(text: str) -> str:
    """`text` with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


@cache
def read_blocks(name: str) -> tuple[Block, ...]:
    """The blocks of the grammar file `name`. Raises ValueError for a line that is neither head nor option."""
    blocks: list[Block] = []
    text = resources.files(__package__).joinpath("grammar", name).read_text(encoding="utf-8")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        if line.startswith("="):
            blocks.append(Block(_split(line[1:]), {}))
            continue
        key, colon, rest = line.partition(": ")
        if not colon or not blocks or key in blocks[-1].options:
            raise ValueError(f"{name}: cannot read the line {line!r}")
        blocks[-1].options[key] = _split(rest)
    return tuple(blocks)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(" | "))


def make_slot(options: tuple[str, ...]) -> Slot:
    """The slot with these options. Raises ValueError when two options are equal."""
    if len(set(options)) != len(options):
        raise ValueError(f"an option occurs twice in {options!r}")
    return Slot(options, tuple(capitalise(option) for option in options))


def positional(template: str) -> str:
    """`template` with its slots as positions: ``{a}`` becomes ``{0}``, ``{A}`` ``{1}``, ``{b}`` ``{2}`` …"""
    return _SLOT.sub(lambda m: f"{{{2 * SLOTS.index(m[1].lower()) + m[1].isupper()}}}", template)


def spread_numbers(template: str) -> tuple[str, ...]:
    """`SPREAD` fillings of the numbers of `template`, spread over their ranges (the same ones every time)."""
    return tuple(_fill_numbers(template, turn) for turn in range(SPREAD))


def _fill_numbers(template: str, turn: int) -> str:
    seen = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        choices = number_range(match[1], match[2])
        return choices[(turn * (2 * seen + 1) * len(choices) // SPREAD + turn + 5 * seen) % len(choices)]

    return _NUMBER.sub(fill, template)


def number_range(low: str, high: str) -> tuple[str, ...]:
    """The numbers from `low` to `high`, both included, as Vietnamese text; in tenths if `low` has a comma."""
    if "," not in low:
        return tuple(str(number) for number in range(int(low), int(high) + 1))
    first, last = (int(text.replace(",", "")) for text in (low, high))
    return tuple(f"{number // 10},{number % 10}".removesuffix(",0") for number in range(first, last + 1))


def all_numbers(template: str) -> tuple[str, ...]:
    """Every filling of the numbers of `template`, without any repeated."""
    match = _NUMBER.search(template)
    if match is None:
        return (template,)
    head, tail = template[: match.start()], template[match.end() :]
    return tuple(head + number + rest for number in number_range(match[1], match[2]) for rest in all_numbers(tail))


def compile_sentences(options: tuple[str, ...]) -> tuple[str, ...]:
    """Format strings for `options`, each in `SPREAD` fillings of its numbers."""
    return tuple(filling for option in options for filling in spread_numbers(positional(option)))
