"""What people do with notices: read them, choose how to hear of what, stop mail."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.notices.models import ALL_KINDS, Kind, MailChoice, Notice, NoticePreference, StoppedContact
from sangkien.notices.preferences import Choice, default_of, reachable
from sangkien.notices.queries import Stop
from sangkien.people.models import Person


def mark_read(*, actor: Person, notice_id: int) -> None:
    """Note that the actor has read one of their notices."""
    Notice.objects.filter(pk=notice_id, person_id=actor.pk, read_at__isnull=True).update(read_at=clock.now())


def mark_all_read(*, actor: Person, newest: int) -> int:
    """Note that the actor has read their notices up to the one with this id, the newest they saw; return how many."""
    unread = Notice.objects.filter(person_id=actor.pk, pk__lte=newest, read_at__isnull=True)
    return unread.update(read_at=clock.now())


@transaction.atomic
def choose(*, actor: Person, choices: Mapping[Kind, Choice], no_mail: bool) -> None:
    """Keep how the actor wants to hear of each kind, and whether they want no mail at all.

    Raises NotAllowed, and InvalidInput for short messages without a number that has been confirmed.
    """
    if not actor.is_active or actor.is_system:
        raise NotAllowed
    if any(choice.sms for choice in choices.values()) and actor.pk not in reachable([actor]).phone:
        raise InvalidInput(
            _("Confirm your mobile number first; then you can choose short messages."), code="no_phone", field="sms"
        )
    for kind, choice in choices.items():
        _keep(actor.pk, kind, choice)
    _stop_all(actor.pk, stop=no_mail)


@transaction.atomic
def stop(what: Stop) -> None:
    """Stop what a link to unsubscribe is about; whoever has the link may. A second time changes nothing."""
    if what.contact:
        StoppedContact.objects.get_or_create(pk=what.contact, defaults={"stopped_at": clock.now()})
    elif what.person is not None and Person.objects.filter(pk=what.person).exists():
        _set_mail(what.person, what.kind, MailChoice.NEVER)


@transaction.atomic
def resume(what: Stop) -> None:
    """Take back what ``stop`` did: mail comes again as it does by default. An address that bounced stays stopped."""
    if what.contact:
        StoppedContact.objects.filter(pk=what.contact, bounced=False).delete()
    elif what.person is not None and what.is_stopped:
        _set_mail(what.person, what.kind, default_of(what.kind).mail if what.kind else None)


def _set_mail(person: int, kind: Kind | None, mail: MailChoice | None) -> None:
    """Set when a kind is mailed, short messages left as they are; without a kind, stop all mail or let it come."""
    if kind is None:
        _stop_all(person, stop=mail == MailChoice.NEVER)
        return
    assert mail is not None
    row = NoticePreference.objects.filter(person_id=person, kind=kind).first()
    _keep(person, kind, Choice(mail, row.sms if row else default_of(kind).sms))


def _keep(person: int, kind: Kind, choice: Choice) -> None:
    """Keep a choice; what is the default anyway is not stored, so that a better default reaches everybody."""
    if choice == default_of(kind):
        NoticePreference.objects.filter(person_id=person, kind=kind).delete()
    else:
        NoticePreference.objects.update_or_create(
            person_id=person, kind=kind, defaults={"mail": choice.mail, "sms": choice.sms}
        )


def _stop_all(person: int, *, stop: bool) -> None:
    """Stop all mail to a person, or let it come again."""
    if stop:
        NoticePreference.objects.get_or_create(
            person_id=person, kind=ALL_KINDS, defaults={"mail": MailChoice.NEVER, "sms": False}
        )
    else:
        NoticePreference.objects.filter(person_id=person, kind=ALL_KINDS).delete()
