"""The planted near-duplicates: about 400 initiatives that copy an earlier one with a few words changed."""

from types import MappingProxyType

from sangkien.demo.texts.mixing import scatter

FULL_SIZE = 696_948  # initiatives in the first phase
PERIOD = 1741  # one copy in so many numbers; far more than the longest way back, so no copy copies a copy
OFFSET = 900
LEAST_WORDS = 4
PROBLEM, SOLUTION, NOVELTY = 1, 2, 3  # where they stand in the texts
MOST_WORDS = 8

NEAR_DUPLICATES = MappingProxyType(
    {copy: copy - 11 - scatter(copy, 77) % 800 for copy in range(OFFSET, FULL_SIZE + 1, PERIOD)}
)
"""Number of the copy → number of the earlier initiative."""

PLANTED = frozenset(NEAR_DUPLICATES) | frozenset(NEAR_DUPLICATES.values())

SWAPS = (
    ("đơn vị áp dụng", "cơ quan áp dụng"),
    ("người phụ trách", "người đảm nhiệm"),
    ("kịp thời", "nhanh chóng"),
    ("mọi người đều", "tất cả đều"),
    ("hằng tuần", "mỗi tuần"),
    ("phòng tiết kiệm", "phòng làm tốt"),
    ("để cùng nhắc nhau", "để tự nhắc nhau"),
    ("người dự phòng", "người thay thế"),
    ("không rõ dùng vào đâu", "chưa rõ dùng vào đâu"),
    ("ban hành chính thức", "ban hành rộng rãi"),
    ("góp ý", "nhận xét"),
    ("làm bằng sổ giấy", "ghi bằng sổ tay"),
    ("hướng dẫn trực tiếp", "hướng dẫn cụ thể"),
    ("Trước đây", "Trước kia"),
    ("Điểm mới là", "Cái mới là"),
    ("gây ùn tắc", "bị ùn tắc"),
    ("Bước đầu", "Ban đầu"),
    ("không xảy ra", "chưa xảy ra"),
    ("tăng đều", "tăng dần"),
    ("Lần đầu đơn vị", "Lần đầu cơ quan"),
    ("Giải pháp không", "Cách này không"),
    ("Cách làm gọn", "Cách này gọn"),
    ("So với trước", "Khác với trước"),
    ("được thống nhất", "được thông qua"),
    ("phải nêu lý do", "phải nói lý do"),
)
"""Words and what a copier writes instead. Each change is one or two words, so the shingles stay close."""


def near_duplicate_of(number: int) -> int | None:
    """The earlier initiative that `number` was planted as a near-duplicate of, or None."""
    return NEAR_DUPLICATES.get(number)


def changed_words(old: str, new: str) -> int:
    """How many words of `old` are not in the same place in `new`, counted from both ends inwards."""
    before, after = old.split(), new.split()
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return max(len(before), len(after))


def reword(texts: tuple[str, ...], number: int) -> tuple[str, ...]:
    """`texts` with `LEAST_WORDS` to `MOST_WORDS` words changed, chosen by `number`."""
    found = list(texts)
    changed = 0
    start = scatter(number, 5) % len(SWAPS)
    for old, new in SWAPS[start:] + SWAPS[:start]:
        for place in (SOLUTION, PROBLEM, NOVELTY):  # the solution first: (title, solution) must never repeat
            allowed = changed < LEAST_WORDS and (place == SOLUTION or found[SOLUTION] != texts[SOLUTION])
            if allowed and old in found[place]:
                found[place] = found[place].replace(old, new, 1)
                changed += changed_words(old, new)
    for old, new in SWAPS:  # those that were passed over while the solution still stood
        for place in (SOLUTION, PROBLEM, NOVELTY):
            if changed < LEAST_WORDS and old in found[place]:
                found[place] = found[place].replace(old, new, 1)
                changed += changed_words(old, new)
    return tuple(found)
