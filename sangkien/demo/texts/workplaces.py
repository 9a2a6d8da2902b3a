"""What a unit's name tells: which topics suit it, who recognises initiatives there, and how it signs."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from sangkien.demo.texts.topics import Topic, sectors, topics_of

_PREFIX = re.compile(r"^(công đoàn cơ sở|công đoàn bộ phận|cđcs|công đoàn)\s+(?!các\b|ngành\b|khu\b|viên chức\b)", re.I)
_HEADS = (
    (("lđlđ", "liên đoàn lao động", "công đoàn"), "Ban Thường vụ"),
    (("ubnd", "ủy ban nhân dân"), "Chủ tịch"),
    (("tổng công ty", "tập đoàn"), "Tổng Giám đốc"),
    (("công ty", "nhà máy", "xí nghiệp", "chi nhánh", "bệnh viện", "trung tâm", "sở"), "Giám đốc"),
    (("trường", "mầm non", "tiểu học", "thcs", "thpt"), "Hiệu trưởng"),
)


class Workplace(NamedTuple):
    """What the texts need to know of a unit; `place` is how a title ends that names it (with a leading space)."""

    topics: tuple[Topic, ...]
    place: str
    recognisers: tuple[str, ...]
    symbol: str


@lru_cache(maxsize=65536)
def workplace(category: str, unit_name: str) -> Workplace:
    """The workplace behind the union unit `unit_name`. Raises ValueError for an unknown category."""
    name = " ".join(unicodedata.normalize("NFC", unit_name).split())
    employer = _PREFIX.sub("", name) or name
    council = f"Hội đồng sáng kiến {employer}"
    return Workplace(
        topics=topics_of(category, sector_of(category, employer)),
        place=f" tại {employer}",
        recognisers=(council, council, f"{_head_of(employer)} {employer}"),
        symbol=f"QĐ-{_initials(employer)}",
    )


def sector_of(category: str, employer: str) -> str | None:
    """The sector whose longest word stands in the name, or None when no word does."""
    words = re.sub(r"[^\w]+", " ", employer).casefold()
    padded = f" {words} "
    hits = [
        (len(word), code)
        for code, sector in sectors().items()
        if sector.category == category
        for word in sector.words
        if f" {word} " in padded
    ]
    return max(hits)[1] if hits else None


def _head_of(employer: str) -> str:
    start = employer.casefold()
    for words, head in _HEADS:
        if start.startswith(words):
            return head
    return "Thủ trưởng"


def _initials(employer: str) -> str:
    words = re.findall(r"\w+", employer)[-3:]
    letters = "".join(word[0].upper() for word in words)
    plain = unicodedata.normalize("NFD", letters.replace("Đ", "\0"))
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("\0", "Đ")
