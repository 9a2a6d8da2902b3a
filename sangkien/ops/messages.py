"""The translation catalogues: extracted from the package and compiled with Babel, so that no system gettext is needed.

``python -m sangkien.ops.messages extract`` brings both catalogues up to date with the sources; ``compile`` writes what
Django reads. The compiled files are not kept under version control: installing and starting make them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE: Final = Path(__file__).resolve().parent.parent
LOCALES: Final = PACKAGE / "web" / "locale"
LANGUAGES: Final = ("vi", "en")
KEYWORDS: Final = (
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
)
PLURAL_FORMS: Final = {"vi": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}

Message = tuple[str, str | None, str | None, str, int]
"""(message id, its plural or None, its context or None, file from the package's folder, line)."""


def catalogue_path(language: str) -> Path:
    """Return where the catalogue of ``language`` lies."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def messages() -> Iterator[Message]:
    """Yield every message id in the sources: Python first, then templates, in the order of their names."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _of_source(path.read_bytes(), path)
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        # In brackets, so that how a template is indented means nothing to Python's tokeniser.
        yield from _of_source(f"({templatize(path.read_text('utf-8'))})".encode(), path)


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of ``language`` as it is stored; an empty one if there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extract() -> dict[str, list[str]]:
    """Bring both catalogues up to date and return, by language, the message ids that still lack a translation.

    English needs none: a message id is its own translation, and is filled in. Messages that no source has any more go.
    """
    found = list(messages())
    missing = {}
    for language in LANGUAGES:
        catalogue = _updated(read_catalogue(language), found, language)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_bytes(catalogue))
        missing[language] = [_texts(entry.id)[0] for entry in catalogue if entry.id and not _is_done(entry)]
    return missing


def compile_catalogues() -> list[Path]:
    """Write the compiled form of both catalogues beside them where it is missing or older; return what was written."""
    written = []
    for language in LANGUAGES:
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, read_catalogue(language))
        draft.replace(target)  # a reader sees the old one or the new one, never half of one
        written.append(target)
    return written


def _of_source(source: bytes, path: Path) -> Iterator[Message]:
    where = str(path.relative_to(PACKAGE))
    for line, function, text, _comments in extract_python(
        BytesIO(source), dict.fromkeys(KEYWORDS), [], {"encoding": "utf-8"}
    ):
        parts = [str(part) for part in (text if isinstance(text, list | tuple) else (text,)) if part]
        name = str(function)
        context = parts.pop(0) if "pgettext" in name else None
        if parts:
            yield parts[0], parts[1] if "ngettext" in name else None, context, where, line


def _updated(old: Catalog, found: list[Message], language: str) -> Catalog:
    """A catalogue with the messages of the sources and what the old one says of them."""
    new = Catalog(locale=language, project="sangkien", charset="utf-8", fuzzy=False)
    for text, plural, context, where, _line in found:
        known = old.get(text, context)
        said = _texts(known.string) if known else ()
        if language == "en" and not all(said or ("",)):
            said = (text, plural) if plural else (text,)
        string = (said or ("",)) if plural else "".join(said[:1])
        new.add((text, plural) if plural else text, string, locations=[(where, 0)], context=context)
    return new


def _as_bytes(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(buffer, catalogue, width=110, sort_by_file=False, omit_header=True, include_lineno=False)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURAL_FORMS[str(catalogue.locale)]}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def _texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A message id or a translation as its forms: one, or several of a plural."""
    return tuple(value) if isinstance(value, list | tuple) else (value or "",)


def _is_done(message: Entry) -> bool:
    return all(_texts(message.string))


def main(arguments: list[str]) -> int:
    """Run ``extract`` or ``compile``; return 1 if a message still lacks its Vietnamese."""
    if arguments == ["compile"]:
        compile_catalogues()
        return 0
    if arguments != ["extract"]:
        print("usage: python -m sangkien.ops.messages extract|compile", file=sys.stderr)
        return 2
    missing = extract()
    for language, texts in missing.items():
        for text in texts:
            print(f"{language}: {text}", file=sys.stderr)
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
