"""The house stands as its plan says: imports and foreign keys point down, nothing is undocumented."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FLOORS: list[str] = [
    name
    for layer in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    for name in re.split(r"\s*[|:]\s*", layer)
]
"""From the top down, as the import contract lists them."""


def test_every_folder_of_the_package_is_a_floor_or_the_configuration() -> None:
    folders = {path.parent.name for path in (ROOT / "sangkien").glob("*/__init__.py")}
    assert folders == {*FLOORS, "config"}


def test_every_floor_is_an_app_of_its_name() -> None:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("sangkien.")}
    assert ours == set(FLOORS)


def test_imports_point_one_way() -> None:
    script = "from importlinter.cli import lint_imports_command as run; run()"
    found = subprocess.run(
        [sys.executable, "-c", script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 broken" in found.stdout


def floor_of(label: str) -> int | None:
    """Return how far down a floor lies; None for what is not ours."""
    return FLOORS.index(label) if label in FLOORS else None


def test_no_foreign_key_points_up() -> None:
    checked = 0
    for model in apps.get_models(include_auto_created=True):
        above = floor_of(model._meta.app_label)
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None or above is None:
                continue
            below = floor_of(field.related_model._meta.app_label)
            assert below is not None, f"{model.__name__}.{field.name} leads out of the house"
            assert below >= above, f"{model.__name__}.{field.name} points up"
            checked += 1
    assert checked > 20


def test_nothing_hangs_on_a_row_of_an_event_an_author_or_a_cell(db: None) -> None:
    """They are what is spread over several servers one day: nobody's foreign key may lead to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' AND"
            " (confrelid = ANY(ARRAY['initiatives_author', 'initiatives_event', 'core_outbox']::regclass[])"
            "  OR confrelid::regclass::text LIKE 'tally\\_%%' OR conrelid::regclass::text LIKE 'tally\\_%%')"
        )
        assert cursor.fetchall() == []


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("table", ["initiatives_event", "audit_entry"])
def test_a_table_that_is_only_appended_to_says_so_in_the_database(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname = %s AND tgenabled = 'O'",
            [table, f"{table}_append_only"],
        )
        (definition,) = cursor.fetchone()
    assert "BEFORE DELETE OR UPDATE OR TRUNCATE" in definition


def variables_read(*files: str) -> set[str]:
    """Return the names of the environment variables that these files read."""
    text = "\n".join((ROOT / file).read_text() for file in files)
    reads = r"(?:environ(?:\.get\(|\.setdefault\(|\.pop\(|\[)|getenv\()\s*[\"']([A-Z][A-Z0-9_]*)[\"']"
    return set(re.findall(reads, text))


def test_every_setting_of_the_environment_is_documented() -> None:
    names = variables_read("sangkien/config/settings.py")
    assert {"DATABASE_URL", "SECRET_KEY", "SANGKIEN_DATA"} <= names
    written = (ROOT / "docs" / "operating.md").read_text()
    missing = {name for name in names if not re.search(rf"\b{name}\b", written)}
    assert missing == set(), f"docs/operating.md does not say what these do: {sorted(missing)}"
