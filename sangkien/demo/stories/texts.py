"""The texts that are written by hand: the demo member's initiatives, what is copied, what gets a second look."""

from __future__ import annotations

from functools import cache
from typing import Final

from sangkien.demo.plan.reference import read_rows
from sangkien.demo.stories.picking import OWN
from sangkien.demo.texts import DemoText

_JOB: Final = "Giáo viên Ngữ văn"
_SCOPE: Final = "Các lớp cùng khối trong trường"


def retold(key: str, text: DemoText, author: str) -> DemoText:
    """Return a text with the words of ``stories.csv`` under this key. Raises KeyError for a key that is not there.

    Of the demo member's own, ``author`` is the only author; others have the authors that they had.
    """
    row = _rows()[key]
    if key in dict(OWN):
        text = text._replace(authors=((author, _JOB, 100),), applied_scope=_SCOPE)
    return text._replace(
        field=row["field"],
        kind=row["kind"],
        title=row["title"],
        problem=row["problem"],
        solution=row["solution"],
        novelty=row["novelty"],
        social_benefit=row["social_benefit"],
    )


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_rows("stories.csv")}
