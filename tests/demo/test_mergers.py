"""The provincial mergers of 2025, applied to the demo and taken back."""

from __future__ import annotations

import pytest

from sangkien.core import clock
from sangkien.core.errors import Conflict
from sangkien.demo.mergers import apply_mergers, undo_mergers
from sangkien.demo.plan import build_plan
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.world import make_world
from sangkien.ops.commands import demo as command
from sangkien.ops.program import parser
from sangkien.people.models import Person
from sangkien.units.actions import join_unit
from sangkien.units.models import Unit, UnitKind
from sangkien.units.queries import get_unit, search_tree, today_of, unit_of
from sangkien.units.rules import verifies_in
from tests.units.trees import expected_paths, snapshot

SCALE = 0.001


@pytest.fixture
def demo(db: None) -> None:
    make_world(build_plan(SCALE))


def federations() -> set[str]:
    return set(Unit.objects.filter(kind=UnitKind.PROVINCIAL_FEDERATION, closed_on=None).values_list("code", flat=True))


def test_63_federations_become_34_and_again_63_as_they_were(demo: None) -> None:
    before = snapshot()
    applied = apply_mergers()
    assert (applied.before, applied.after, applied.mergers, applied.renamed) == (63, 34, 23, 1)
    of_table = {
        row["old_code"] if row["change"] == "renamed" else row["new_code"] for row in read_rows("mergers_2025.csv")
    }
    assert federations() == of_table
    undone = undo_mergers()
    assert (undone.before, undone.after, undone.mergers) == (34, 63, 23)
    assert snapshot() == before


def test_everything_stands_below_what_followed_it(demo: None) -> None:
    apply_mergers()
    assert dict(Unit.objects.values_list("pk", "today_path")) == expected_paths()
    assert today_of(get_unit("HGG")) == get_unit("TQG25") == today_of(get_unit("TQG"))


def test_the_renamed_federation_is_found_by_its_old_and_new_names(demo: None) -> None:
    apply_mergers()
    hue = get_unit("TTH")
    assert hue.name_vi == "Liên đoàn Lao động thành phố Huế"
    for words in ("thua thien hue", "thành phố huế", "HUE"):
        assert hue in [found.unit for found in search_tree(words)]


def test_officers_and_members_go_along(demo: None) -> None:
    member = Person.objects.get(username="doanvien")
    join_unit(actor=member, unit=Unit.objects.filter(path__contains=[get_unit("HGG").pk], children=None)[0])
    apply_mergers()
    home = unit_of(member)
    assert home is not None
    assert home.closed_on is None
    assert get_unit("TQG25").pk in home.path
    officer = Person.objects.get(username="canbo.hanoi")
    assert verifies_in(officer, get_unit("HNI").path, clock.now())


def test_applying_or_undoing_twice_is_said(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    def run(what: str) -> tuple[int, str]:
        code = command.run(parser().parse_args(["demo", "--mergers", what]))
        said = capsys.readouterr()
        return code, said.err

    assert run("undo") == (1, "sangkien: The mergers of 2025 are not applied.\n")
    assert run("apply") == (0, "")
    assert run("apply") == (1, "sangkien: The mergers of 2025 have been applied already.\n")
    assert run("undo") == (0, "")
    assert len(federations()) == 63


def test_they_cannot_be_undone_once_somebody_uses_what_they_opened(demo: None) -> None:
    apply_mergers()
    join_unit(actor=Person.objects.get(username="doanvien"), unit=get_unit("TQG25"))
    before = snapshot()
    with pytest.raises(Conflict) as refused:
        undo_mergers()
    assert refused.value.code == "in_use"
    assert snapshot() == before


def test_without_the_demo_there_is_nothing_to_merge(db: None) -> None:
    for attempt in (apply_mergers, undo_mergers):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "no_demo"
