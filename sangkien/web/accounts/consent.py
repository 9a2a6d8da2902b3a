"""What somebody agrees to when they open an account. A changed text needs a new version."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PURPOSE: Final = "personal_data"
VERSION: Final = "1"

SENTENCE: Final = _("I agree that my personal data are processed so that I can take part in the programme.")
DETAILS: Final[tuple[str | Promise, ...]] = (
    _("What: your name, your e-mail address or phone number, and what you enter in your profile and initiatives."),
    _(
        "What for: to sign you in, to receive and verify initiatives, to count them for your trade union, to write to "
        "you about them, and to recognise their authors."
    ),
    _(
        "Who sees it: the officers of your trade union and of those above it. Names of authors are public with their "
        "initiative; your contact and your date of birth never are."
    ),
    _(
        "How long: as long as you have the account and the programme needs its records. You can look at your data, "
        "correct them and take this consent back in your account at any time."
    ),
)


def whole_text() -> str:
    """Return the consent as it was read, in the language that is active: what is kept as evidence."""
    return "\n".join(str(part) for part in (SENTENCE, *DETAILS))
