"""What people do with initiatives. Each action is one short transaction: lock, check again, change, write the event."""

from sangkien.initiatives.actions.submission import create_draft, resubmit, submit_draft, submit_new, withdraw
from sangkien.initiatives.actions.verification import correct, mark_invalid, mark_valid, reinstate, return_initiative
from sangkien.initiatives.actions.writing import MAX_NOTE

__all__ = [
    "MAX_NOTE",
    "correct",
    "create_draft",
    "mark_invalid",
    "mark_valid",
    "reinstate",
    "resubmit",
    "return_initiative",
    "submit_draft",
    "submit_new",
    "withdraw",
]
