"""What people are told: the notice itself, how they want to hear of it, and each message that leaves the portal."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a notice tells of."""

    RECEIPT = "receipt", _("Receipt for what you have sent")
    RETURNED = "returned", _("An initiative is returned for completion")
    VALIDATED = "validated", _("An initiative is found valid")
    INVALIDATED = "invalidated", _("An initiative is found invalid")
    REINSTATED = "reinstated", _("A finding of invalid is taken back")
    WITHDRAWN = "withdrawn", _("An initiative is withdrawn")
    NAMED_AS_AUTHOR = "named_as_author", _("Somebody names you as a co-author")
    AUTHORSHIP_ANSWERED = "authorship_answered", _("A co-author confirms or declines")
    UNIT_REQUESTED = "unit_requested", _("Somebody asks for a unit that is not listed (for officers)")
    UNIT_SETTLED = "unit_settled", _("Your request for a unit is answered")
    APPEAL_DECIDED = "appeal_decided", _("Your appeal is answered")
    APPEAL_MADE = "appeal_made", _("Somebody appeals to your level (for officers)")
    OVERTURNED = "overturned", _("The level above has changed a decision of yours (for officers)")
    ROLE_GRANTED = "role_granted", _("You are given a role")
    ROLE_ENDED = "role_ended", _("A role of yours is taken away")
    TARGET_SET = "target_set", _("Your unit is assigned a target (for officers)")
    REORGANISED = "reorganised", _("Your unit is moved or merged (for officers)")


ALL_KINDS = "*"
"""In a preference: whatever the kind."""


class MailChoice(models.TextChoices):
    """When something is told by e-mail."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, together")
    NEVER = "never", _("Never")


class Channel(models.TextChoices):
    """By which way a message leaves the portal."""

    MAIL = "mail"
    SMS = "sms"


class Purpose(models.TextChoices):
    """Why a message is sent: to tell of notices, or to invite somebody without an account who is named as author."""

    NOTICES = "notices"
    INVITATION = "invitation"


class MessageState(models.TextChoices):
    """Where a message stands. ``DROPPED``: when its turn came there was nothing left to say, or nobody to say it to."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class OutgoingMessage(models.Model):
    """A mail or a short message to one person, or to the ``contact`` of somebody invited.

    Its id is its identity for the world (``Message-ID``), however often it is tried. The text is made when it is sent
    and not kept. ``address`` is the one that it was sent to. ``attempts`` counts tries, ``unsure`` those of which
    nobody knows whether the other side took it: never more than two. ``reason`` is what the other side said last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    contact = models.CharField(max_length=254, blank=True)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.NOTICES)
    initiative = models.BigIntegerField(null=True)
    state = models.CharField(max_length=7, choices=MessageState.choices, default=MessageState.WAITING)
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    first_tried_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=254, blank=True)
    attempts = models.SmallIntegerField(default=0)
    unsure = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "notices_message"
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(contact=""), name="message_to_somebody"),
            models.UniqueConstraint(
                fields=["contact", "initiative"], condition=Q(purpose="invitation"), name="one_invitation"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="message_waiting"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="message_sending"),
            models.Index(fields=["claimed_at"], condition=Q(state="failed"), name="message_failed"),
            models.Index(fields=["made_at"], name="message_by_age"),
        ]


class Notice(models.Model):
    """One person is told one thing. ``source`` and ``number`` say what it comes from, so that it is told once.

    They are the initiative's number and that of its event (0 when it does not matter which event), or the id of an
    entry of the record and 0. ``initiative`` is the number of the initiative that it is about, ``outcome`` a stable
    code: the reason of a decision, a co-author's response, how a request was answered. ``in_digest`` until the day's
    mail has taken it along.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    source = models.BigIntegerField()
    number = models.SmallIntegerField(default=0)
    initiative = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    in_digest = models.BooleanField(default=False)
    mail = models.ForeignKey(OutgoingMessage, null=True, on_delete=models.SET_NULL, related_name="mailed")
    sms = models.ForeignKey(OutgoingMessage, null=True, on_delete=models.SET_NULL, related_name="texted")

    class Meta:
        db_table = "notices_notice"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "source", "number"], name="notice_once"),
        ]
        indexes = [
            models.Index(F("person"), F("at").desc(), F("id").desc(), name="notice_newest"),
            models.Index(F("person"), condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(F("person"), condition=Q(in_digest=True), name="notice_for_digest"),
        ]


class NoticePreference(models.Model):
    """How somebody wants to hear of one kind, where that is not the default; ``ALL_KINDS`` stops all mail."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    mail = models.CharField(max_length=7, choices=MailChoice.choices)
    sms = models.BooleanField(default=False)

    class Meta:
        db_table = "notices_preference"
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_preference")]


class StoppedContact(models.Model):
    """Somebody without an account who wants no messages, or whose address refused one (``bounced``)."""

    contact = models.CharField(max_length=254, primary_key=True)
    stopped_at = models.DateTimeField()
    bounced = models.BooleanField(default=False)

    class Meta:
        db_table = "notices_stopped_contact"


class DigestRun(models.Model):
    """The digests of one Vietnamese day have been made."""

    day = models.DateField(primary_key=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "notices_digest_run"
