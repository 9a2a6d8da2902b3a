from __future__ import annotations

import json
from pathlib import Path

import pytest

from sangkien.ops.report import run
from sangkien.tally.fold import fold_all
from tests.factories import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    world = make_world()
    world.submit()
    fold_all()
    return world


def test_a_report_is_written_to_the_terminal(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("1trieu", 1, None, "text", None, "en") == 0
    out, err = capsys.readouterr()
    assert "REPORT ON THE RESULTS OF PHASE 1" in out
    assert err == ""


def test_a_report_is_written_to_a_file_as_json(world: World, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert run("1trieu", 1, None, "json", path, "vi") == 0
    assert json.loads(path.read_text())["submitted"] == 1


@pytest.mark.parametrize(
    ("programme", "phase", "as_of"),
    [
        ("none", 1, None),
        ("1trieu", 7, None),
        ("1trieu", 1, "soon"),
        ("1trieu", 1, "1/1/2199"),
        ("1trieu", 1, "1/1/1999"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    world: World, capsys: pytest.CaptureFixture[str], programme: str, phase: int, as_of: str | None
) -> None:
    assert run(programme, phase, as_of, "text", None, "en") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(".\n")
    assert err.count("\n") == 1


def test_a_file_that_cannot_be_written_is_said(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("1trieu", 1, None, "text", tmp_path / "missing" / "report.txt", "en") == 1
    assert "report.txt" in capsys.readouterr().err
