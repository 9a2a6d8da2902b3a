"""Drawing by lot what gets a second look: nobody can foresee it, and whoever has the key can draw again."""

from __future__ import annotations

from hashlib import blake2s

from sangkien.initiatives.codes import secret
from sangkien.initiatives.models import SecondLook
from sangkien.programmes.models import VerificationTerms

_PERSON = b"sk-lot"
_TICKETS = 2**32


def cause_of_look(number: int, benefit_verified: int | None, terms: VerificationTerms) -> SecondLook.Cause | None:
    """Return why the initiative with this number, found valid with this benefit (đồng), gets a second look, if it does.

    The lot is the initiative's own: undoing a decision and taking it again draws nothing new.
    """
    if terms.second_benefit is not None and (benefit_verified or 0) >= terms.second_benefit:
        return SecondLook.Cause.BENEFIT
    return SecondLook.Cause.SAMPLE if is_drawn(number, terms.second_share) else None


def is_drawn(number: int, share: int) -> bool:
    """Say whether the initiative with this number is among the ``share`` percent that are drawn."""
    return ticket_of(number, secret()) * 100 < share * _TICKETS


def ticket_of(number: int, key: bytes) -> int:
    """Return the ticket of an initiative, below 2 to the power of 32, which depends on the key alone."""
    hashed = blake2s(number.to_bytes(8, "big"), key=blake2s(key).digest(), digest_size=4, person=_PERSON)
    return int.from_bytes(hashed.digest(), "big")
