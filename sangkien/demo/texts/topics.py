"""The compiled topics: what an initiative can be about, by category and by the kind of unit it comes from."""

from functools import cache
from math import gcd
from typing import NamedTuple

from sangkien.demo.texts.grammar import (
    Block,
    Slot,
    all_numbers,
    capitalise,
    compile_sentences,
    make_slot,
    positional,
    read_blocks,
)

LEADS = (
    "",
    "Giải pháp ",
    "Sáng kiến ",
    "Biện pháp ",
    "Kinh nghiệm ",
    "Một số giải pháp ",
    "Nghiên cứu giải pháp ",
    "Một số kinh nghiệm ",
)
UNIT_TURNS = 12  # of the place digit's values, how many name the unit itself instead of a kind of place
FILLINGS = 60  # of one closing sentence, at most
TOPIC_FILES = ("public_schools.txt", "public_others.txt", "enterprise.txt", "union.txt", "state.txt", "common.txt")


class Family(NamedTuple):
    """What the topics of one walk of life share; `close` has every filling of its numbers."""

    close: tuple[str, ...]
    novelty: tuple[str, ...]
    social: tuple[str, ...]
    scope: tuple[str, ...]


class Sector(NamedTuple):
    """A kind of unit: its category, the words that betray it in a name, its places and its people's positions."""

    code: str
    family: Family
    category: str
    words: tuple[str, ...]
    places: tuple[str, ...]
    jobs: tuple[str, ...]


class Topic(NamedTuple):
    """One topic, ready to fill. `titles` are lead × core; `size` titles exist, `stride` is prime to it."""

    code: str
    sector: Sector
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    a: Slot
    b: Slot
    c: Slot
    titles: tuple[str, ...]
    problems: tuple[str, ...]
    solutions: tuple[str, ...]
    means: tuple[str, ...]
    results: tuple[str, ...]
    radices: tuple[int, int, int, int, int]
    size: int
    stride: int


@cache
def families() -> dict[str, Family]:
    """The families by code."""
    return {block.head[0]: _family(block) for block in read_blocks("families.txt")}


def _family(block: Block) -> Family:
    found = block.options
    close = tuple(filling for option in found["close"] for filling in _at_most(all_numbers(option)))
    return Family(close, found["novelty"], found["social"], found["scope"])


def _at_most(fillings: tuple[str, ...]) -> tuple[str, ...]:
    """Evenly spread ones of `fillings`, so that a sentence with many numbers does not crowd out the others."""
    step = -(-len(fillings) // FILLINGS)
    return fillings[::step]


@cache
def sectors() -> dict[str, Sector]:
    """The sectors by code, in the order of the file."""
    found = {}
    for block in read_blocks("sectors.txt"):
        code, family, category = block.head
        places = tuple(f" {place}" for place in block.options["place"])
        found[code] = Sector(code, families()[family], category, block.options["word"], places, block.options["job"])
    return found


@cache
def all_topics() -> tuple[Topic, ...]:
    """Every topic of every file."""
    return tuple(_topic(block) for name in TOPIC_FILES for block in read_blocks(name))


def _topic(block: Block) -> Topic:
    code, sector_code, fields, *kinds = block.head
    sector = sectors()[sector_code]
    a, b, c = (make_slot(block.options[key]) for key in "abc")
    cores = tuple(positional(core) for core in block.options["t"])
    titles = tuple(capitalise(lead + core) for lead in LEADS for core in cores)
    radices = (
        len(sector.places) + UNIT_TURNS,
        len(titles),
        len(a.plain),
        len(b.plain),
        len(c.plain),
    )
    size = radices[0] * radices[1] * radices[2] * radices[3] * radices[4]
    return Topic(
        code=code,
        sector=sector,
        fields=tuple(fields.split(",")),
        kinds=tuple(kinds),
        a=a,
        b=b,
        c=c,
        titles=titles,
        problems=compile_sentences(block.options["p"]),
        solutions=compile_sentences(block.options["s"]),
        means=compile_sentences(block.options["m"]),
        results=compile_sentences(block.options["r"]),
        radices=radices,
        size=size,
        stride=_prime_to(size),
    )


def _prime_to(size: int) -> int:
    """A number near the golden section of `size` without a common divisor: steps by it visit every value once."""
    stride = size * 618 // 1000
    while gcd(stride, size) != 1:
        stride += 1
    return stride


@cache
def topics_of(category: str, sector_code: str | None) -> tuple[Topic, ...]:
    """The topics of one sector, or of the whole category. Raises ValueError for a category without topics."""
    found = tuple(
        topic
        for topic in all_topics()
        if topic.sector.category == category and sector_code in (None, topic.sector.code)
    )
    if not found:
        raise ValueError(f"no topics for {category!r}, {sector_code!r}")
    return found


@cache
def common_topics() -> tuple[Topic, ...]:
    """Topics that suit every kind of unit."""
    return topics_of("-", None)


@cache
def highest_number() -> int:
    """The highest number up to which (title, solution) cannot repeat."""
    return min(topic.size * (len(topic.sector.family.close) // topic.radices[0]) for topic in all_topics()) - 1
