"""Every action that is recorded anywhere has its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from sangkien.audit.context import Face
from sangkien.audit.labels import ACTIONS, ATTEMPTS, SUBJECTS, action_label, face_label, subject_label
from sangkien.audit.refusals import REFUSED

PACKAGE = Path(__file__).parents[2] / "sangkien"
TEXTS = [path.read_text() for path in PACKAGE.rglob("*.py")]
SOURCES = [text for text in TEXTS if re.search(r"record(_each)?\(", text)]
"""What writes into the record."""
RECORDED = r'(?:action="|what="|_tell\((?:[^()"]|\([^()]*\))*")([a-z_.]+)"'
SUBJECT = r'subject_kind="([a-z_]+)"'


def named(pattern: str) -> set[str]:
    return {code for source in SOURCES for code in re.findall(pattern, source)}


def test_every_action_in_the_sources_has_its_words() -> None:
    found = named(RECORDED)
    assert {"grant_role", "end_grant", "request_unit", "target.set", "export"} <= found
    assert found - set(ACTIONS) == set(), "say in sangkien/audit/labels.py what these are"


def test_every_kind_of_subject_in_the_sources_has_its_words() -> None:
    found = named(SUBJECT)
    assert {"unit", "initiative", "role_grant"} <= found
    assert found - set(SUBJECTS) == set(), "say in sangkien/audit/labels.py what these are"


def test_everything_that_can_be_refused_on_record_has_its_words() -> None:
    attempted = {code for text in TEXTS for code in re.findall(r'@recorded\("([a-z_.]+)"', text)}
    assert {"grant_role", "end_grant", "bulk_decision", "decide"} <= attempted
    assert attempted - set(ACTIONS) - set(ATTEMPTS) == set(), "say in sangkien/audit/labels.py what these are"
    assert all(action_label(code) != code for code in attempted | {REFUSED})


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_has_no_words_is_shown_by_its_code(language: str) -> None:
    with translation.override(language):
        assert action_label("something.new") == subject_label("something.new") == "something.new"
        assert face_label("") == ""
        assert all(face_label(face) != str(face) for face in Face)
