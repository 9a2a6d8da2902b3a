"""The sáng kiến: what it says, who made it, and the append-only record of what happened to it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.categories import Category
from sangkien.programmes.models import Field, Phase, Programme
from sangkien.units.models import Unit


class Kind(models.TextChoices):
    """Kind of solution: the four of Nghị định 13/2012/NĐ-CP article 3, and the programme's own fifth."""

    TECHNICAL_SOLUTION = "technical_solution", _("Technical solution")
    MANAGEMENT_SOLUTION = "management_solution", _("Management solution")
    OPERATIONAL_SOLUTION = "operational_solution", _("Operational solution")
    TECHNOLOGY_APPLICATION = "technology_application", _("Technology application")
    RESEARCH_PROJECT = "research_project", _("Research project")


class Flag(models.IntegerChoices):
    """What an officer should look at before deciding; bits of ``Initiative.flags``."""

    ELIGIBILITY = 1, _("A condition to be looked at")
    NO_DOCUMENT = 2, _("Document of recognition missing")
    LARGE_BENEFIT = 4, _("Unusually large benefit")
    OBJECTED = 8, _("The author objects")


WAITING = Q(state=State.SUBMITTED)
QUEUE_FILTERS = ("field", "kind", "category", "benefit_claimed", "flags", "submitted_at", "submitter")
"""What the queue of officers is filtered by (``queue.filters``)."""


class Initiative(models.Model):
    """An initiative. Its number is the primary key; the public code is computed from it (``codes``).

    ``conditions`` is what is needed to apply it, ``applied_scope`` where it is applied, ``applicable_scope`` where it
    could be. ``confidential_parts`` are shown to its people and its officers only. Of a secret technology
    (``is_secret``) only title, effect and ``award`` are asked for and shown (the programme's rule of 2021).

    ``unit_path`` and ``category`` are those under which it is counted: the principal author's unit as the tree stood
    at submission. While it waits for an officer, ``due_at`` is when a decision is due (exclusive); empty otherwise.
    ``flags`` says what an officer should look at (bits of ``Flag``). Benefits are whole đồng for the first year;
    ``benefit_claimed`` is empty when it cannot be computed (``no_benefit_reason`` says why), 0 when the effect is not
    in money.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    phase = models.ForeignKey(Phase, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_path = ArrayField(models.IntegerField())
    category = models.CharField(max_length=20, choices=Category.choices)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=300)
    problem = models.TextField()
    solution = models.TextField()
    novelty = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    applied_scope = models.TextField(blank=True)
    applicable_scope = models.TextField(blank=True)
    confidential_parts = models.TextField(blank=True)
    award = models.CharField(max_length=300, blank=True)
    applied_on = models.DateField()
    recognised_by = models.CharField(max_length=300, blank=True)
    recognition_document = models.CharField(max_length=100, blank=True)
    recognised_on = models.DateField(null=True, blank=True)
    benefit_claimed = models.BigIntegerField(null=True, blank=True)
    benefit_verified = models.BigIntegerField(null=True, blank=True)
    no_benefit_reason = models.CharField(max_length=500, blank=True)
    social_benefit = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False)
    is_ip_protected = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    flags = models.SmallIntegerField(default=0)
    submitter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_historical = models.BooleanField(default=False)

    class Meta:
        db_table = "initiatives_initiative"
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(submitted_at__gte=F("created_at")),
                name="submitted_after_created",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("submitted_at")),
                name="decided_after_submitted",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(submitted_at__isnull=False, phase__isnull=False),
                name="submitted_has_moment_and_phase",
            ),
            models.CheckConstraint(
                condition=Q(benefit_claimed__isnull=True) | Q(benefit_claimed__gte=0),
                name="benefit_claimed_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(benefit_verified__isnull=True) | Q(benefit_verified__gte=0),
                name="benefit_verified_not_below_zero",
            ),
        ]
        indexes = [
            models.Index(F("submitted_at").desc(), F("id").desc(), name="initiative_newest"),
            models.Index(
                F("unit_path__1"), F("submitted_at").desc(), F("id").desc(), name="initiative_newest_in_union"
            ),
            models.Index(
                F("unit_path__2"), F("submitted_at").desc(), F("id").desc(), name="initiative_newest_in_upper"
            ),
            models.Index(F("unit"), F("submitted_at").desc(), F("id").desc(), name="initiative_newest_in_unit"),
            models.Index(F("decided_at").desc(), condition=Q(state=State.VALID), name="initiative_newest_valid"),
            models.Index(
                F("submitter"), F("created_at").desc(), condition=Q(is_historical=False), name="initiative_mine"
            ),
            # What waits for officers, by when it is due: of everybody, of a union, of the level below, of one unit. The
            # first two are read far when a filter matches little, so they hold all that filters ask for.
            models.Index(F("due_at"), F("id"), include=QUEUE_FILTERS, condition=WAITING, name="initiative_waiting"),
            models.Index(
                *(F("unit_path__1"), F("due_at"), F("id")),
                include=("unit_path", *QUEUE_FILTERS),
                condition=WAITING,
                name="initiative_waiting_in_union",
            ),
            models.Index(
                F("unit_path__2"), F("due_at"), F("id"), condition=WAITING, name="initiative_waiting_in_upper"
            ),
            models.Index(F("unit"), F("due_at"), F("id"), condition=WAITING, name="initiative_waiting_in_unit"),
            GinIndex(
                # By their letters without marks (migration 0005): whoever types marks has them compared beside.
                SearchVector(Func("title", function="without_marks", output_field=models.TextField()), config="simple"),
                condition=WAITING | Q(state=State.RETURNED),  # "in" would read otherwise after a load of history
                gin_pending_list_limit=512,
                name="initiative_open_bare_words",
            ),
            models.Index(
                *(F("decided_at"), F("id")),
                include=("unit_path", *QUEUE_FILTERS),
                condition=Q(state=State.RETURNED),
                name="initiative_returned",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Response(models.TextChoices):
    """What a co-author says to being named."""

    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")


class Author(models.Model):
    """One of the people who made an initiative; number 1 is the principal author, whose unit counts.

    Shares are whole percent and add up to exactly 100 once the initiative has been submitted; the database refuses
    anything else when the transaction commits. ``contact`` is the e-mail address (lower case) or phone number (E.164)
    by which whoever entered the initiative invites a co-author: it is shown to that person alone. ``person`` is the
    account that the contact belongs to, once there is one, and ``response`` what they say to being named.
    """

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="authors", db_index=False)
    number = models.SmallIntegerField()
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    workplace = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=20, choices=Category.choices)
    title = models.CharField(max_length=200, blank=True)
    share = models.SmallIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    contact = models.CharField(max_length=254, blank=True)
    response = models.CharField(max_length=10, choices=Response.choices, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "initiatives_author"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="share_between_1_and_100"),
        ]
        indexes = [
            models.Index(F("person"), condition=Q(person__isnull=False), name="author_with_account"),
            models.Index(F("contact"), condition=~Q(contact=""), name="author_invited"),
        ]


class EventPart(models.IntegerChoices):
    """A correction of unit, category or benefit is one event in two parts."""

    WHOLE = 0
    OLD = 1
    NEW = 2


FIGURES = ("submitted", "valid", "invalid", "returned", "withdrawn", "benefit_claimed", "benefit_verified")
"""The deltas of an event: what is counted."""


class Event(models.Model):
    """What happened to an initiative, and what it added to the counts. Append-only.

    ``at`` comes from ``event_moment()``. The deltas are those of the transition table; everything that is counted is
    derived from these rows. ``unit_path`` is where they count; its second element, the union directly under the
    confederation, stands in ``union_id`` as well so that an index can carry it.
    """

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="events", db_index=False)
    number = models.SmallIntegerField()
    part = models.SmallIntegerField(choices=EventPart.choices, default=EventPart.WHOLE)
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=20, choices=Category.choices)
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+", db_index=False)
    initiative_kind = models.CharField(max_length=30, choices=Kind.choices)
    unit_path = ArrayField(models.IntegerField())
    union_id = models.IntegerField(null=True)
    submitted = models.SmallIntegerField(default=0)
    valid = models.SmallIntegerField(default=0)
    invalid = models.SmallIntegerField(default=0)
    returned = models.SmallIntegerField(default=0)
    withdrawn = models.SmallIntegerField(default=0)
    benefit_claimed = models.BigIntegerField(default=0)
    benefit_verified = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=20, choices=ReasonCode.choices, blank=True)
    note = models.TextField(blank=True)
    is_historical = models.BooleanField(default=False)

    class Meta:
        db_table = "initiatives_event"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(at__gte=F("submitted_at")), name="event_after_submission"),
            models.CheckConstraint(condition=Q(number__gte=1), name="event_number_from_one"),
        ]
        indexes = [
            # What a board reads of the part of an hour or a day that no running total holds yet (tally.sources), from
            # the index alone.
            models.Index(fields=["at"], include=["phase", "union_id", "category", *FIGURES], name="event_part_hour"),
            models.Index(
                fields=["union_id", "at"], include=["phase", "unit_path", "category", *FIGURES], name="event_part_day"
            ),
            models.Index(F("submitted_at"), name="event_by_submission"),
            models.Index(F("actor"), F("at").desc(), condition=Q(is_historical=False), name="event_of_actor"),
        ]


class AskedField(models.Model):
    """A field that an officer asked about when returning an initiative: the event's number, the field, what is wanted.

    ``field`` is the name of an input (``InitiativeContent``), or ``authors``, ``unit`` or ``attachments``.
    """

    pk = models.CompositePrimaryKey("initiative_id", "number", "field")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="asked_fields", db_index=False)
    number = models.SmallIntegerField()
    field = models.CharField(max_length=30)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "initiatives_asked_field"


class EligibilityRecord(models.Model):
    """What the programme's rules said when an initiative was sent: the event's number and every finding.

    ``findings`` is a list of ``{rule, version, outcome}`` with stable codes (``programmes.eligibility``).
    """

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.SmallIntegerField()
    findings = models.JSONField()

    class Meta:
        db_table = "initiatives_eligibility"


class CodeKeyRecord(models.Model):
    """A key of the public codes: made once, never changed, kept with the data and their backup."""

    version = models.SmallIntegerField(primary_key=True)
    secret = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "initiatives_code_key"
