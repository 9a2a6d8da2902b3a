"""Vietnamese text: clean it, find it with or without its marks, and sort it by the Vietnamese alphabet.

The database has no Vietnamese collation to rely on, so ``sort_key`` and ``search_key`` make strings that
plain code-point order and equality treat rightly, in Python as in a column with the C collation.
"""

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile("[\u0300-\u036f]+")  # combining diacritical marks
_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})  # control, format (zero width, direction), lone surrogates
# Zero-width joiners hold pictures and the letters of some scripts together; between Latin letters they only deceive.
_JOINED: Final = "\u0590-\u1cff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINERS: Final = re.compile(f"(?<=[{_JOINED}])([\u200c\u200d])[\u200c\u200d]*(?=[{_JOINED}])|[\u200c\u200d]+")

# --- cleaning -----------------------------------------------------------------------------------------------


def normalise(text: str) -> str:
    """One line of text as it is stored: NFC, trimmed, single spaces (also for line breaks), all visible.

    Controls of direction and everything else that cannot be seen is taken out, but for what joins a picture's parts.
    """
    if text.isprintable():  # nearly always, and true of no invisible character
        return unicodedata.normalize("NFC", " ".join(text.split()))
    composed = unicodedata.normalize("NFC", _visible(text, keep="\u200c\u200d"))
    return unicodedata.normalize("NFC", " ".join(_JOINERS.sub(r"\1", composed).split()))


def normalise_lines(text: str) -> str:
    """Several lines as they are stored: each as ``normalise`` makes it, at most one blank line between."""
    lines = "\n".join(normalise(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _visible(text: str, keep: str = "") -> str:
    if text.isprintable():
        return text
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or char in keep or unicodedata.category(char) not in _INVISIBLE
    )


# --- finding ------------------------------------------------------------------------------------------------


def fold_marks(text: str) -> str:
    """``text`` in lower case without diacritics, đ as d; punctuation and spaces stay as they are."""
    bare = _one_d(_MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()).replace("đ", "d")
    if bare.isascii():
        return bare
    return _MARKS.sub("", unicodedata.normalize("NFKD", bare))


def _one_d(lower: str) -> str:
    """``lower`` with đ for its two look-alikes, eth and the African d, left by converters of old fonts."""
    return lower.replace("ð", "đ").replace("ɖ", "đ")


def _composed_words(text: str) -> list[str]:
    """The words of ``text`` in lower case with the marks that Vietnamese letters have, composed."""
    lower = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _visible(text)).casefold())
    # A mark that is still by itself belongs to no Vietnamese letter.
    return [word for word in _NOT_A_WORD.split(_one_d(_MARKS.sub("", lower))) if word]


def search_key(text: str) -> str:
    """Words in lower case without diacritics, đ as d, one space between: "Thuỷ-Điện" equals "thủy điện"."""
    return _NOT_A_WORD.sub(" ", fold_marks(_visible(text))).strip()


_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
# Decomposed: the tone follows the vowel that bears it.
_TONE_ON_SECOND: Final = re.compile(rf"(o)([ae])([{_TONES}])(?!\w)|(?<!q)(u)(y)([{_TONES}])(?!\w)")
_TONE_ON_FIRST: Final = re.compile(rf"(o)([{_TONES}])([ae])(?=\w)|(u)([{_TONES}])(y)(?=\w)|(?<=q)(u)([{_TONES}])(y)")


def tone_key(text: str) -> str:
    """Like ``search_key`` but with diacritics, and one placement of the tone for the two in use: Hoà → "hòa".

    Open oa, oe and uy bear the tone on their first vowel (hòa, khỏe, thủy), closed ones on the second (hoàn);
    after q it stands on the y (quý).
    """
    words = " ".join(_composed_words(text))
    if words.isascii():
        return words
    decomposed = _TONE_ON_FIRST.sub(_swap_last, unicodedata.normalize("NFD", words))
    return unicodedata.normalize("NFC", _TONE_ON_SECOND.sub(_swap_last, decomposed))


def _swap_last(found: re.Match[str]) -> str:
    """The first vowel, then the two others (a vowel and a tone, in whichever order) the other way round."""
    first, second, third = (part for part in found.groups() if part)
    return first + third + second


def slug(text: str) -> str:
    """A piece of an address: ASCII letters and digits with hyphens between; empty if ``text`` has none."""
    return "-".join(re.findall(r"[a-z0-9]+", search_key(text)))


# --- sorting ------------------------------------------------------------------------------------------------

# A key is the letters of all words, then a space, then the tones. Within the letters "!" (below any digit or
# letter) parts words, "~" (above any letter) makes a letter the next one of the alphabet: a, a~ (ă), a~~ (â);
# "{" (between z and ~) leads a letter of another script.
_LETTER_MARKS: Final = {
    ("a", "\u0306"): "~", ("a", "\u0302"): "~~", ("e", "\u0302"): "~",
    ("o", "\u0302"): "~", ("o", "\u031b"): "~~", ("u", "\u031b"): "~",
}  # fmt: skip
_TONE_RANKS: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_DIGITS_OR_CHARACTER: Final = re.compile(r"[0-9]+|.", re.DOTALL)


def sort_key(text: str) -> str:
    """A string whose code-point (or UTF-8 byte) order is the Vietnamese alphabetical order of ``text``.

    Word by word; digits before letters, and numbers by their value (Quận 2 before Quận 10); a ă â b c d đ e;
    texts equal so far by the tones of their words: ngang, huyền, hỏi, ngã, sắc, nặng. Case, punctuation and
    the placement of the tone make no difference. Empty for a text without letters or digits.
    """
    keys = [_word_key(unicodedata.normalize("NFD", word)) for word in _composed_words(text)]
    if not keys:
        return ""
    return "!".join(letters for letters, _ in keys) + " " + "".join(tones for _, tones in keys)


def _word_key(word: str) -> tuple[str, str]:
    """Letters and tones of a decomposed word in lower case; a word without a tone has "0"."""
    letters: list[str] = []
    tones = ""
    base = ""
    for part in _DIGITS_OR_CHARACTER.findall(word):
        if part in _TONE_RANKS:
            tones += _TONE_RANKS[part]
        elif _MARKS.match(part):
            letters.append(_LETTER_MARKS.get((base, part), ""))
        else:
            base = part
            letters.append(_letter_key(part))
    return "".join(letters), tones or "0"


def _letter_key(part: str) -> str:
    if part[0] in "0123456789":
        value = part.lstrip("0") or "0"
        return f"{min(len(value), 99):02d}{value}"  # the length first, so that 2 comes before 10
    if part == "đ":
        return "d~"
    return part if part.isascii() else "{" + part
