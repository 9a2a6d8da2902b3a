"""The catalogues say everything that the pages say, in both languages."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from sangkien.ops import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
MARKUP = re.compile(r"</?[a-z]+[^>]*>")


def entries(language: str) -> list[Entry]:
    return [entry for entry in messages.read_catalogue(language) if entry.id]


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each translation with the message id that it stands for; of a plural, the last form."""
    for entry in entries(language):
        yield from ((texts(entry.id)[-1], string) for string in texts(entry.string)[-1:])


def in_sources() -> set[tuple[str, str | None]]:
    return {(text, context) for text, _plural, context, _where, _line in messages.messages()}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_catalogue_holds_exactly_what_the_sources_say(language: str) -> None:
    assert {(texts(entry.id)[0], entry.context) for entry in entries(language)} == in_sources()


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_nothing_is_left_untranslated_or_uncertain(language: str) -> None:
    assert [entry.id for entry in entries(language) if entry.fuzzy or not all(texts(entry.string))] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_translation_keeps_the_figures_and_the_markup(language: str) -> None:
    for original, translation in pairs(language):
        assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(original)), original
        assert sorted(MARKUP.findall(translation)) == sorted(MARKUP.findall(original)), original


def test_compiled_catalogues_give_back_every_translation() -> None:
    messages.compile_catalogues()
    with messages.catalogue_path("vi").with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries("vi"):
        if isinstance(entry.id, str) and not entry.context:
            assert compiled.gettext(entry.id) == entry.string
        elif not isinstance(entry.id, str):
            assert compiled.ngettext(*entry.id[:2], 2) == entry.string[0]


def test_compiling_again_writes_nothing() -> None:
    messages.compile_catalogues()
    assert messages.compile_catalogues() == []


def test_messages_are_found_in_python_and_in_templates() -> None:
    found = {where for _text, _plural, _context, where, _line in messages.messages()}
    assert "people/categories.py" in found
    assert "web/templates/public/front.html" in found


def test_a_message_id_that_the_sources_no_longer_have_is_dropped() -> None:
    old = Catalog(locale="vi")
    old.add("Gone", "Đã mất")
    old.add("Here", "Ở đây")
    new = messages._updated(old, [("Here", None, None, "x.py", 1)], "vi")
    assert [(entry.id, entry.string) for entry in new if entry.id] == [("Here", "Ở đây")]


def test_how_a_template_is_indented_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "web" / "templates"
    folder.mkdir(parents=True)
    (folder / "x.html").write_text('<p>\n      {% load i18n %}\n   text (\n  {% trans "Here" %}\n      </p>\n')
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    assert [text for text, *_rest in messages.messages()] == ["Here"]
