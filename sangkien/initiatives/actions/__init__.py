"""What people do with initiatives. Each action is one short transaction: lock, check again, change, write the event."""

from sangkien.initiatives.actions.appeals import appeal, decide_appeal, withdraw_appeal
from sangkien.initiatives.actions.authorship import answer_authorship, link_authorships
from sangkien.initiatives.actions.checking import facts_of
from sangkien.initiatives.actions.drafts import discard_draft, save_draft
from sangkien.initiatives.actions.second_looks import decide_second_look
from sangkien.initiatives.actions.submission import resubmit, submit_new, withdraw
from sangkien.initiatives.actions.undoing import undo_decision
from sangkien.initiatives.actions.verification import correct, mark_invalid, mark_valid, reinstate, return_initiative
from sangkien.initiatives.actions.writing import MAX_NOTE
from sangkien.initiatives.errors import AlreadySent, DecidedMeanwhile, DraftChanged

__all__ = [
    "MAX_NOTE",
    "AlreadySent",
    "DecidedMeanwhile",
    "DraftChanged",
    "answer_authorship",
    "appeal",
    "correct",
    "decide_appeal",
    "decide_second_look",
    "discard_draft",
    "facts_of",
    "link_authorships",
    "mark_invalid",
    "mark_valid",
    "reinstate",
    "resubmit",
    "return_initiative",
    "save_draft",
    "submit_new",
    "undo_decision",
    "withdraw",
    "withdraw_appeal",
]
