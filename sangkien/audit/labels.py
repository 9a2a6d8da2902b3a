"""What the codes of the record mean, in words. Whoever records a new action adds its line here."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.audit.context import Face

ACTIONS: dict[str, str | Promise] = {
    # roles
    "grant_role": _("Role given"),
    "end_grant": _("Role taken away"),
    "find_person": _("Account looked up"),
    # accounts of officers
    "sign_in": _("Signed in"),
    "change_password": _("Password changed"),
    "reset_password": _("Password set anew after it was forgotten"),
    "second_factor_added": _("Second factor set up"),
    "second_factor_removed": _("Second factor removed"),
    "second_factor_reset": _("Recovery codes made anew"),
    "second_factor_failed": _("Second factor refused"),
    # units
    "join_unit": _("Joined a unit"),
    "request_unit": _("Asked for a unit"),
    "settle_unit_request": _("Request for a unit settled"),
    "refuse_unit_request": _("Request for a unit refused"),
    "create_unit": _("Unit opened for a request"),
    "open_unit": _("Unit opened"),
    "rename_unit": _("Unit renamed"),
    "close_unit": _("Unit closed"),
    "move_unit": _("Unit moved"),
    "merge_units": _("Units merged"),
    "undo_reorganisation": _("Reorganisation undone"),
    # programmes
    "target.set": _("Target set"),
    "rule.revise": _("Rule of eligibility changed"),
    "revise_verification_terms": _("Terms of verification changed"),
    # initiatives
    "answer_authorship": _("Answered to being named as an author"),
    "open_attachment": _("Attachment opened"),
    "view_contact": _("Contact looked at"),
    "bulk_decision": _("Many decided at once"),
    "stop_bulk": _("Deciding many at once stopped"),
    "appeal": _("Appeal made"),
    "withdraw_appeal": _("Appeal taken back"),
    "decide_appeal": _("Appeal decided"),
    "decide_second_look": _("Second look decided"),
    "export": _("Figures taken out as a file"),
    # anywhere
    "refused": _("Refused for lack of right"),
}
"""Every action, by its code."""

ATTEMPTS: dict[str, str | Promise] = {
    "decide": _("Decision on an initiative"),
}
"""What can be refused and is no action of the record itself, by its code."""

SUBJECTS: dict[str, str | Promise] = {
    "unit": _("Unit"),
    "unit_request": _("Request for a unit"),
    "role_grant": _("Role"),
    "person": _("Person"),
    "programme": _("Programme"),
    "initiative": _("Initiative"),
    "appeal": _("Appeal"),
    "bulk": _("Decision on many"),
    "reorganisation": _("Reorganisation"),
    "demo": _("The demo"),
}
"""What something was done to, by the code of its kind."""

FACES: dict[str, str | Promise] = {
    Face.WEB: _("On the portal"),
    Face.API: _("Through the API"),
    Face.COMMAND: _("By a command on the server"),
    Face.WORKER: _("By the system itself"),
}


def action_label(code: str) -> str:
    """Return an action in words, also one that was only attempted; one that no line names, as its code."""
    return str(ACTIONS.get(code) or ATTEMPTS.get(code, code))


def subject_label(kind: str) -> str:
    """Return the kind of a subject in words; one that no line names, as its code."""
    return str(SUBJECTS.get(kind, kind))


def face_label(face: str) -> str:
    """Return a face in words; an empty text where nobody has said which."""
    return str(FACES.get(face, face))
