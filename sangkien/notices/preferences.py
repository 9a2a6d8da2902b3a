"""How people want to hear of each kind of notice: what they chose, or the default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.models import EmailAddress

from sangkien.notices.models import ALL_KINDS, Kind, MailChoice, NoticePreference
from sangkien.people.models import Person

AT_ONCE_BY_DEFAULT = frozenset({Kind.RECEIPT})
"""What is mailed at once unless somebody chose otherwise; everything else comes once a day, together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one person hears of one kind."""

    mail: MailChoice
    sms: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """What some people have chosen; ``stopped`` are those who want no mail at all."""

    chosen: dict[tuple[int, str], Choice]
    stopped: frozenset[int]

    def chosen_by(self, person: int, kind: Kind) -> Choice:
        """Return what a person chose for a kind, or its default, whether or not all mail is stopped."""
        return self.chosen.get((person, kind)) or default_of(kind)

    def of(self, person: int, kind: Kind) -> Choice:
        """Return how a person hears of a kind."""
        choice = self.chosen_by(person, kind)
        return Choice(MailChoice.NEVER, choice.sms) if person in self.stopped else choice


def default_of(kind: Kind) -> Choice:
    """Return how a kind is told unless somebody chose otherwise."""
    return Choice(MailChoice.AT_ONCE if kind in AT_ONCE_BY_DEFAULT else MailChoice.DIGEST, sms=False)


def preferences_of(people: Iterable[int]) -> Preferences:
    """Return what these people have chosen, in one query."""
    rows = NoticePreference.objects.filter(person_id__in=list(people))
    return Preferences(
        chosen={(r.person_id, r.kind): Choice(MailChoice(r.mail), r.sms) for r in rows if r.kind != ALL_KINDS},
        stopped=frozenset(r.person_id for r in rows if r.kind == ALL_KINDS),
    )


@dataclass(frozen=True, slots=True)
class Reachable:
    """The addresses that some people have shown to be theirs and that take our messages, by person."""

    mail: dict[int, str]
    phone: dict[int, str]


def reachable(people: Iterable[Person]) -> Reachable:
    """Return how these people can be reached, in one query. An address that has refused a mail is left alone."""
    by_id = {p.pk: p for p in people if p.is_active and not p.is_system}
    addresses = (
        EmailAddress.objects.filter(user_id__in=[p.pk for p in by_id.values() if p.mail_bounced_at is None])
        .filter(verified=True)
        .order_by("primary", "pk")
        .values_list("user_id", "email")
    )
    phones = {p.pk: p.phone for p in by_id.values() if p.phone and p.phone_verified}
    return Reachable(mail=dict(addresses), phone=phones)
