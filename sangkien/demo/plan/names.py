"""Natural Vietnamese names for invented districts and workplaces, with English renderings."""

from __future__ import annotations

import unicodedata
from random import Random

from sangkien.demo.plan.model import ENTERPRISE, PARTY_STATE, PUBLIC_SERVICE, UNION_OFFICER


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|" if "|" in text else None))


_FIRST = _words(
    "An Bình Phú Tân Vĩnh Long Hòa Thanh Minh Quang Đông Tây Nam Hưng Xuân Kim Ngọc Sơn Hải Hoàng "
    "Thành Mỹ Phước Lộc Đại Yên Lương Văn Thịnh Cẩm Liên Trung Tam Tiên Thọ Đức Khánh Giang Thạch Trường"
)
_SECOND = _words(
    "Lộc Hòa Phú Sơn Thịnh Khê An Giang Hưng Châu Phong Lâm Thủy Trạch Xuân Hải Tiến Thành Mỹ Lập "
    "Bình Định Quang Lĩnh Sơn Thắng Đức Long Thọ Tân Minh Yên Lương Ninh Hiệp Khánh Cường Tường Điền Mai"
)
_THIRD = _words("Hòa Bình An Thịnh Đông Tây Thượng Hạ Trung Nam")
_BRANDS = _words(
    "Hoàng Gia|Đại Phát|Tân Tiến|Việt Hưng|Minh Quang|An Khang|Thành Công|Phú Cường|Nam Việt|Đông Á|"
    "Trường Thịnh|Hải Long|Kim Ngân|Sao Mai|Bình Minh|Thiên Phú|Hồng Hà|Sông Xanh|Thái Dương|Vạn Xuân|"
    "Hưng Thịnh|Tiến Đạt|Á Châu|Ngọc Linh|Phương Nam|Bắc Sơn|Hợp Lực|Toàn Thắng|Gia Phúc|Lạc Hồng"
)
_TRADES = (
    ("May", "Garment"),
    ("Giày da", "Footwear"),
    ("Điện tử", "Electronics"),
    ("Cơ khí", "Mechanical"),
    ("Bao bì", "Packaging"),
    ("Chế biến thực phẩm", "Food Processing"),
    ("Chế biến gỗ", "Wood Processing"),
    ("Xây dựng", "Construction"),
    ("Thương mại", "Trading"),
    ("Vận tải", "Transport"),
    ("Vật liệu", "Materials"),
    ("Dược phẩm", "Pharmaceutical"),
    ("Thủy sản", "Seafood"),
    ("Nhựa", "Plastics"),
    ("Dịch vụ môi trường", "Environmental Services"),
)
_FORMS = (("Công ty TNHH", "Company Limited"), ("Công ty Cổ phần", "Joint Stock Company"))

# (Vietnamese, English); {p} is a place, {t} a trade, {b} a brand
WORKPLACES: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {
    "school": (
        PUBLIC_SERVICE,
        (
            ("Trường Mầm non {p}", "{p} Kindergarten"),
            ("Trường Tiểu học {p}", "{p} Primary School"),
            ("Trường THCS {p}", "{p} Lower Secondary School"),
            ("Trường Tiểu học và THCS {p}", "{p} Primary and Lower Secondary School"),
        ),
    ),
    "high_school": (
        PUBLIC_SERVICE,
        (
            ("Trường THPT {p}", "{p} Upper Secondary School"),
            ("Trung tâm Giáo dục thường xuyên {p}", "{p} Continuing Education Centre"),
            ("Trường Cao đẳng {p}", "{p} College"),
        ),
    ),
    "health": (
        PUBLIC_SERVICE,
        (
            ("Bệnh viện đa khoa {p}", "{p} General Hospital"),
            ("Trung tâm Y tế {p}", "{p} Health Centre"),
            ("Bệnh viện Y học cổ truyền {p}", "{p} Traditional Medicine Hospital"),
            ("Trung tâm Kiểm soát bệnh tật {p}", "{p} Centre for Disease Control"),
        ),
    ),
    "public": (
        PUBLIC_SERVICE,
        (
            ("Trung tâm Văn hóa - Thể thao {p}", "{p} Culture and Sports Centre"),
            ("Trung tâm Dịch vụ nông nghiệp {p}", "{p} Agricultural Service Centre"),
            ("Ban Quản lý dự án {p}", "{p} Project Management Board"),
            ("Trung tâm Phát triển quỹ đất {p}", "{p} Land Fund Development Centre"),
        ),
    ),
    "company": (ENTERPRISE, ()),
    "commune": (
        PARTY_STATE,
        (("UBND xã {p}", "{p} Commune People's Committee"), ("Cơ quan xã {p}", "{p} Commune Offices")),
    ),
    "office": (
        PARTY_STATE,
        (
            ("Hạt Kiểm lâm {p}", "{p} Forest Protection Office"),
            ("Chi cục Thuế khu vực {p}", "{p} Area Tax Office"),
            ("Kho bạc Nhà nước {p}", "{p} State Treasury"),
            ("Cơ quan Đảng - Đoàn thể {p}", "{p} Party and Mass Organisation Offices"),
            ("Tòa án nhân dân {p}", "{p} People's Court"),
            ("Bảo hiểm xã hội {p}", "{p} Social Insurance Office"),
        ),
    ),
    "union_office": (
        UNION_OFFICER,
        (("Cơ quan Công đoàn {p}", "{p} Trade Union Office"),),
    ),
    "university": (
        PUBLIC_SERVICE,
        (("Trường Đại học {p}", "{p} University"), ("Viện Nghiên cứu {p}", "{p} Research Institute")),
    ),
    "bank": (
        ENTERPRISE,
        (("Ngân hàng chi nhánh {p}", "Bank, {p} Branch"), ("Quỹ tín dụng {p}", "{p} Credit Fund")),
    ),
    "telecom": (
        ENTERPRISE,
        (
            ("Trung tâm Viễn thông {p}", "{p} Telecommunications Centre"),
            ("Bưu điện {p}", "{p} Post Office"),
            ("Trung tâm Công nghệ thông tin {p}", "{p} Information Technology Centre"),
        ),
    ),
    "plant": (
        ENTERPRISE,
        (
            ("Nhà máy {p}", "{p} Plant"),
            ("Xí nghiệp {p}", "{p} Enterprise"),
            ("Phân xưởng {p}", "{p} Workshop"),
            ("Chi nhánh {p}", "{p} Branch"),
        ),
    ),
    "shipyard": (ENTERPRISE, (("Công ty Đóng tàu {p}", "{p} Shipbuilding Company"),)),
}

_TONES_MOVED = (("òa", "oà"), ("óa", "oá"), ("ủy", "uỷ"), ("úy", "uý"), ("ùy", "uỳ"))


def ascii_of(text: str) -> str:
    """Return Vietnamese text without tone marks, đ as d: for English renderings."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def other_spelling(name: str) -> str | None:
    """Return the name with its tone marks in the other customary place (Hòa, Hoà), None if there is none."""
    changed = name
    for old, new in _TONES_MOVED:
        changed = changed.replace(old, new)
    return changed if changed != name else None


def pick(rng: Random, options: tuple[str, ...] | list[str]) -> str:
    """Return one of the options, evenly."""
    return options[int(rng.random() * len(options))]


def place(rng: Random, taken: set[str], three: bool = False) -> str:
    """Return an invented place name of two or three syllables not yet in `taken`, and add it there."""
    for attempt in range(10_000):
        first, second = pick(rng, _FIRST), pick(rng, _SECOND)
        name = f"{first} {second}"
        if three or attempt > 200:
            name = f"{name} {pick(rng, _THIRD)}"
        if first != second and name not in taken:
            taken.add(name)
            return name
    raise ValueError("no place name left to invent")


def _company(rng: Random) -> tuple[str, str]:
    (form, form_en), (trade, trade_en) = (
        _FORMS[int(rng.random() * 2)],
        _TRADES[int(rng.random() * len(_TRADES))],
    )
    brand = pick(rng, _BRANDS) if rng.random() < 0.7 else f"{pick(rng, _FIRST)} {pick(rng, _SECOND)}"
    return f"{form} {trade} {brand}", f"{ascii_of(brand)} {trade_en} {form_en}"


def workplace(rng: Random, sort: str, places: list[str], taken: set[str]) -> tuple[str, str]:
    """Return a workplace's Vietnamese and English names, unlike any in `taken` (it is added there).

    `sort` is a key of `WORKPLACES`; `places` are the communes of the neighbourhood, used before new ones.
    """
    patterns = WORKPLACES[sort][1]
    for attempt in range(10_000):
        if sort == "company":
            name, english = _company(rng)
            if attempt > 20:
                where = place(rng, set())
                name, english = f"{name} {where}", f"{english} {ascii_of(where)}"
        else:
            where = pick(rng, places) if attempt < 20 and places else place(rng, set())
            vi, en = patterns[int(rng.random() * len(patterns))]
            name, english = vi.format(p=where), en.format(p=ascii_of(where))
        if name not in taken:
            taken.add(name)
            return name, english
    raise ValueError(f"no name left for a {sort}")
