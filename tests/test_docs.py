"""What the documents say is so: settings, commands, gauges, requirements, floors, terms, paths and links."""

from __future__ import annotations

import ast
import re
import tomllib
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.db import models
from django.utils.translation import override

from sangkien.initiatives.models import Kind
from sangkien.initiatives.states import TRANSITIONS, EventKind, ReasonCode, State
from sangkien.ops.messages import read_catalogue
from sangkien.ops.program import parser
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis
from sangkien.units.models import Role, SuccessionKind, UnitKind

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
OPERATING = ROOT / "docs" / "operating.md"
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
DOCUMENTS = [
    README,
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("sangkien/**/*.md")),
]
TERMS: tuple[type[models.TextChoices], ...] = (
    Basis, Category, EventKind, Kind, ReasonCode, Role, State, SuccessionKind, UnitKind,
)  # fmt: skip

Row = tuple[str, ...]


def shown(path: Path) -> str:
    """Return a path as people name it."""
    return str(path.relative_to(ROOT))


def table_rows(text: str) -> list[Row]:
    """Return the cells of all rows of all tables, heads and rules left out, backticks taken off the first cell."""
    lines = text.splitlines()
    rows = []
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_head:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            rows.append((cells[0].strip("`"), *cells[1:]))
    return rows


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    mark = heading.split(" ", 1)[0]
    after = text[text.index(f"\n{heading}\n") + len(heading) + 2 :]
    return re.split(rf"(?m)^#{{1,{len(mark)}}} ", after)[0]


# --- settings -----------------------------------------------------------------------------------------------


def names_in(path: Path) -> Iterator[str]:
    """Yield the environment variables that a source asks for by name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "os.environ.get", "os.environ.setdefault", "os.environ.pop", "os.getenv",
        ):  # fmt: skip
            yield ast.literal_eval(node.args[0])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield ast.literal_eval(node.slice)
        elif isinstance(node, ast.Compare) and "os.environ" in [ast.unparse(c) for c in node.comparators]:
            yield ast.literal_eval(node.left)


@cache
def environment_of_the_code() -> frozenset[str]:
    """Return every variable that the package reads, and those of ours that tests, CI and the Makefile name."""
    found = {name for path in (ROOT / "sangkien").rglob("*.py") for name in names_in(path)}
    others = [ROOT / "Makefile", ROOT / ".ci" / "run", *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    for path in others:
        found |= set(re.findall(r"\bSANGKIEN_[A-Z]+\b", path.read_text("utf-8")))
    return frozenset(found)


def documented_settings() -> set[str]:
    return {row[0] for row in table_rows(section(OPERATING.read_text("utf-8"), "## Settings"))}


def test_every_environment_variable_of_the_code_is_in_operating() -> None:
    assert {"DATABASE_URL", "SANGKIEN_DATA", "LOG_LEVEL"} <= environment_of_the_code()
    assert sorted(environment_of_the_code() - documented_settings()) == []


def test_no_setting_is_documented_that_the_code_does_not_read() -> None:
    assert sorted(documented_settings() - environment_of_the_code()) == []


# --- commands and gauges ------------------------------------------------------------------------------------


def commands() -> dict[str, ArgumentParser]:
    """Return the parsers of the ``sangkien`` program's commands by name."""
    (found,) = [action for action in parser()._actions if isinstance(action, _SubParsersAction)]
    return dict(found.choices)


def words_of(command: ArgumentParser) -> Iterator[str]:
    """Yield the options of a command and the words it chooses between."""
    for action in command._actions:
        if "--help" not in action.option_strings:
            yield from (option for option in action.option_strings if option.startswith("--"))
            yield from map(str, action.choices or ())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_in_operating_with_its_options(name: str) -> None:
    text = section(OPERATING.read_text("utf-8"), "## Commands")
    rows = [row for row in table_rows(text) if re.match(rf"sangkien {name}\b", row[0])]
    assert rows, f"sangkien {name} has no row in docs/operating.md"
    # What all serving commands have in common stands once, with serve.
    common = set(words_of(commands()["serve"])) if name == "demo" else set()
    said = " ".join(cell for row in rows for cell in row)
    assert [word for word in words_of(commands()[name]) if word not in said and word not in common] == []


def test_operating_names_no_command_that_does_not_exist() -> None:
    named = {row[0].split()[1] for row in table_rows(section(OPERATING.read_text("utf-8"), "## Commands"))}
    assert named == set(commands())


def test_every_gauge_is_in_operating_with_when_to_alarm() -> None:
    tree = ast.parse((ROOT / "sangkien" / "ops" / "health.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "_gauge"]
    gauges = {f"sangkien_{ast.literal_eval(call.args[0])}" for call in calls}
    assert gauges
    rows = table_rows(section(OPERATING.read_text("utf-8"), "## Health and alarms"))
    assert gauges == {row[0] for row in rows if row[0].startswith("sangkien_")}


# --- requirements, floors, decisions ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_direct_requirement_has_a_line_in_the_readme(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    required = {found[0] for line in lines if (found := re.match(r"[A-Za-z0-9_.-]+", line)) and line[0] != "-"}
    assert required
    text = README.read_text("utf-8")
    table = text[text.index(f"| in `{name}.in` |") :].split("\n\n")[0]
    assert required == {row[0] for row in table_rows(table)}


def test_every_floor_of_the_import_contract_is_in_architecture_in_its_order() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = [c["layers"] for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    drawing = section(ARCHITECTURE.read_text("utf-8"), "## The floors").split("```")[1]
    starts = [re.split(r" {2,}", line)[0] for line in drawing.splitlines()]
    assert [start for start in starts if start and not start.startswith("──")] == layers
    places = section(ARCHITECTURE.read_text("utf-8"), "## Where does my code go?")
    floors = [floor for layer in layers for floor in layer.split(" | ")]
    assert [floor for floor in floors if f"`sangkien/{floor}/`" not in places] == []


def test_decisions_are_numbered_without_gaps_and_listed_in_architecture() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = re.findall(r"\]\(adr/([^)]+)\)", section(ARCHITECTURE.read_text("utf-8"), "## Decisions"))
    assert listed == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_its_number_context_decision_and_consequences(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"(?m)^## (.+)$", text) == ["Context", "Decision", "Consequences"]


# --- terms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choices", TERMS, ids=lambda choices: choices.__name__)
def test_the_glossary_has_every_term_in_the_words_that_pages_show(choices: type[models.TextChoices]) -> None:
    catalogue = read_catalogue("vi")
    rows = {row[:2] for row in table_rows(GLOSSARY.read_text("utf-8"))}
    with override("en"):
        labels = {member.value: str(member.label) for member in choices}
    wanted = {(value, str(message.string)) for value, label in labels.items() if (message := catalogue.get(label))}
    assert len(wanted) == len(labels)
    assert sorted(wanted - rows) == []


def test_the_glossary_shows_the_steps_of_the_transition_table() -> None:
    rows = table_rows(section(GLOSSARY.read_text("utf-8"), "### Events"))
    drawn = {(source, row[0], row[3]) for row in rows for source in row[2].split(", ")}
    steps = {(source.value, kind.value, step.target.value) for (source, kind), step in TRANSITIONS.items()}
    assert drawn == steps | {("any but draft", EventKind.CORRECTED.value, "the same")}


# --- paths and links ----------------------------------------------------------------------------------------


def prose(path: Path) -> str:
    """Return a document without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```$", "", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors that the headings of a document give."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(path))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def missing_links(path: Path) -> Iterator[str]:
    """Yield the links and pictures of a document that lead nowhere; addresses elsewhere are not followed."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            yield target


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    assert list(missing_links(path)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_paths_of_the_repository_that_a_document_names_exist(path: Path) -> None:
    named = re.findall(r"`((?:sangkien|tests|docs|requirements|bench|deploy)/[\w./-]+)`", prose(path))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_broken_link_and_a_missing_anchor_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n[a](#a-page) [b](#nowhere) [c](none.md) [d](page.md#a-page)\n", "utf-8")
    assert list(missing_links(page)) == ["#nowhere", "none.md"]
