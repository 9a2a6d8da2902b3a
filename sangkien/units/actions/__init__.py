"""What people do with units: belonging to one, asking for one, running the tree, holding a role."""

from sangkien.units.actions.accounts import note_officer
from sangkien.units.actions.joining import (
    AlreadySettled,
    join_unit,
    refuse_request,
    request_unit,
    settle_request,
    withdraw_request,
)
from sangkien.units.actions.naming import rename_unit
from sangkien.units.actions.opening import close_unit, open_unit
from sangkien.units.actions.reorganising import merge_units, move_unit
from sangkien.units.actions.roles import MAX_REASON, end_grant, grant_role, look_up_person
from sangkien.units.actions.undoing import undo_reorganisation
from sangkien.units.inputs import MAX_NAME, MAX_NOTE, NewUnit

__all__ = [
    "MAX_NAME",
    "MAX_NOTE",
    "MAX_REASON",
    "AlreadySettled",
    "NewUnit",
    "close_unit",
    "end_grant",
    "grant_role",
    "join_unit",
    "look_up_person",
    "merge_units",
    "move_unit",
    "note_officer",
    "open_unit",
    "refuse_request",
    "rename_unit",
    "request_unit",
    "settle_request",
    "undo_reorganisation",
    "withdraw_request",
]
