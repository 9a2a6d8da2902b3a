"""Puts one initiative's texts together from its number, category, unit and benefit."""

from typing import NamedTuple

from sangkien.demo.texts.grammar import SPREAD
from sangkien.demo.texts.mixing import scatter
from sangkien.demo.texts.people import Author, authors_for
from sangkien.demo.texts.planted import NEAR_DUPLICATES, PLANTED, reword
from sangkien.demo.texts.topics import UNIT_TURNS, Topic, common_topics, highest_number
from sangkien.demo.texts.workplaces import Workplace, workplace

LONGEST_TITLE = 160
LONGEST_WAIT = 125  # days; 08/01/2022 less so many days is still after 01/09/2021
_BENEFIT = (
    "; ước làm lợi %s/năm.",
    ", tiết kiệm %s mỗi năm.",
    "; giá trị làm lợi ước tính %s/năm.",
    ", tương đương %s/năm.",
    "; hiệu quả kinh tế %s/năm.",
    ", làm lợi %s trong năm đầu.",
)


class DemoText(NamedTuple):
    """The texts of one demo initiative; `wait_days` is from first application to submission."""

    kind: str
    field: str
    title: str
    problem: str
    solution: str
    novelty: str
    applied_scope: str
    social_benefit: str
    recognised_by: str
    recognition_document: str
    wait_days: int
    authors: tuple[Author, ...]


def text_for(number: int, category: str, unit_name: str, benefit_vnd: int | None) -> DemoText:
    """The texts of initiative `number` (from 1). The same arguments always give the same texts.

    (title, solution) never repeats: a title tells which of its topic's titles it is, except that one that names
    the unit, or would be too long, leaves out the place. That, and how often the list of titles was gone
    through, choose the solution's closing sentence. Planted pairs depend on the number alone, so that they agree
    whatever their units and categories; they mention no benefit.

    Raises ValueError for an unknown category or a number outside 1 … `highest_number()`.
    """
    if not 1 <= number <= highest_number():
        raise ValueError(f"number {number} is outside 1 … {highest_number()}")
    place = workplace(category, unit_name)
    if number in PLANTED:
        source = NEAR_DUPLICATES.get(number, number)
        bits = scatter(source)
        topic = common_topics()[bits % len(common_topics())]
        text: tuple[str, ...] = _compose(source, bits, topic, "", None, full=True)
    else:
        source = number
        bits = scatter(number)
        topic = place.topics[(bits & 0xFFFF) % len(place.topics)]
        text = _compose(number, bits, topic, place.place, benefit_vnd, full=False)
    if source != number:
        text = reword(text, number)
    return _sign(number, bits, topic, place, text)


def _compose(
    number: int, bits: int, topic: Topic, unit_place: str, benefit_vnd: int | None, *, full: bool
) -> tuple[str, str, str, str, str]:
    """Title, problem, solution, novelty and social benefit."""
    places, leads, first, second, _ = topic.radices
    turn, position = divmod(number, topic.size)
    rest, place = divmod(position * topic.stride % topic.size, places)
    choice = rest
    rest, lead = divmod(rest, leads)
    rest, i = divmod(rest, first)
    k, j = divmod(rest, second)
    a, b, c = topic.a, topic.b, topic.c
    words = (a.plain[i], a.capital[i], b.plain[j], b.capital[j], c.plain[k], c.capital[k])

    sector = topic.sector
    family = sector.family
    title = topic.titles[lead].format(*words)
    ending = sector.places[place] if place < places - UNIT_TURNS else unit_place
    if len(title) + len(ending) > LONGEST_TITLE:
        ending = ""
    title += ending
    hidden = 0 if ending and ending is not unit_place else place  # what the title does not tell, the closing does
    closing = family.close[(turn * places + hidden + choice * 7919) % len(family.close)]

    problems, means = topic.problems, topic.means
    at = (bits >> 16 & 255) % len(problems)
    problem = problems[at].format(*words)
    if full:
        problem = f"{problem} {problems[(at + SPREAD) % len(problems)].format(*words)}"
    opening = topic.solutions[(bits >> 24 & 255) % len(topic.solutions)].format(*words)
    at = (bits >> 32 & 255) % len(means)
    middle = means[at]
    if full or bits >> 63:
        middle = f"{middle} {means[(at + SPREAD) % len(means)]}"
    result = topic.results[(bits >> 40 & 255) % len(topic.results)]
    end = _BENEFIT[(bits >> 48 & 255) % len(_BENEFIT)] % money(benefit_vnd) if benefit_vnd else "."
    solution = f"{opening} {middle} {closing} {result}{end}"
    fine = bits >> 56 & 127
    novelty = family.novelty[fine % len(family.novelty)] if full or fine < 96 else ""
    social = family.social[fine % len(family.social)] if full or fine % 5 < 3 else ""
    return title, problem, solution, novelty, social


def _sign(number: int, bits: int, topic: Topic, place: Workplace, text: tuple[str, ...]) -> DemoText:
    """Adds what comes from the people and the unit: authors, recognition, scope, and the day of application."""
    title, problem, solution, novelty, social = text
    other = scatter(number, 0x5EED)
    kind = topic.kinds[(bits >> 8 & 255) % len(topic.kinds)]
    if title.startswith("Nghiên cứu"):
        kind = "research_project"
    scope = topic.sector.family.scope
    return DemoText(
        kind,
        topic.fields[(bits >> 20 & 255) % len(topic.fields)],
        title,
        problem,
        solution,
        novelty,
        scope[(other >> 7 & 255) % len(scope)],
        social,
        place.recognisers[(other >> 15 & 255) % 3],
        f"{1 + (other >> 23 & 4095) % 940}/{place.symbol}",
        15 + (other >> 35 & 4095) % (LONGEST_WAIT - 14),
        authors_for(number, other, topic.sector.jobs),
    )


def money(amount: int) -> str:
    """`amount` of đồng in words people use: "850.000 đồng", "12,5 triệu đồng", "khoảng 1,15 tỷ đồng"."""
    if amount < 1_000_000:
        return f"{amount:,} đồng".replace(",", ".")
    unit, name, digits = (1_000_000_000, "tỷ", 2) if amount >= 1_000_000_000 else (1_000_000, "triệu", 1)
    scale: int = 10**digits
    tenths = (amount * scale + unit // 2) // unit
    about = "" if tenths * unit == amount * scale else "khoảng "
    whole, part = divmod(tenths, scale)
    decimals = f"{part:0{digits}d}".rstrip("0")
    grouped = f"{whole:,}".replace(",", ".")
    return f"{about}{grouped}{',' + decimals if decimals else ''} {name} đồng"
