"""What people do with units: belonging to one, asking for one, running the tree, holding a role."""

from sangkien.units.actions.joining import (
    MAX_NAME,
    MAX_NOTE,
    AlreadySettled,
    join_unit,
    refuse_request,
    request_unit,
    settle_request,
    withdraw_request,
)

__all__ = [
    "MAX_NAME",
    "MAX_NOTE",
    "AlreadySettled",
    "join_unit",
    "refuse_request",
    "request_unit",
    "settle_request",
    "withdraw_request",
]
