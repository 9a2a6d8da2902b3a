"""What follows a decision, and decisions about many: second looks, appeals, bulk decisions, norms of benefit."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.models.initiative import Initiative
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.programmes.models import Field, Programme
from sangkien.units.models import Unit


class SecondLook(models.Model):
    """Somebody above looks again at what event ``number`` found valid. It counts as valid meanwhile.

    ``unit`` is the level that looks: its verifiers and those above it, never who decided first. ``unit_path`` is its
    path.
    """

    class Cause(models.TextChoices):
        """Why it was picked."""

        SAMPLE = "sample", _("Drawn by lot")
        BENEFIT = "benefit", _("Large benefit")

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("Waiting")
        CONFIRMED = "confirmed", _("Confirmed")
        OVERTURNED = "overturned", _("Overturned")
        LAPSED = "lapsed", _("No longer needed")

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="second_looks", db_index=False)
    number = models.SmallIntegerField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_path = ArrayField(models.IntegerField())
    cause = models.CharField(max_length=10, choices=Cause.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "initiatives_second_look"
        indexes = [models.Index(F("due_at"), F("initiative"), condition=Q(state="waiting"), name="second_look_waiting")]


class Appeal(models.Model):
    """An author asks the level above to look again at event ``number``, which found the initiative invalid.

    ``unit`` is that level: its verifiers and those above it, never who decided; ``unit_path`` is its path. Allowed, the
    initiative is valid from then on, by a new event; a published report never changes.
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("Waiting")
        ALLOWED = "allowed", _("Allowed")
        DISMISSED = "dismissed", _("Dismissed")
        WITHDRAWN = "withdrawn", _("Taken back")
        LAPSED = "lapsed", _("No longer needed")

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="appeals", db_index=False)
    number = models.SmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.TextField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_path = ArrayField(models.IntegerField())
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        db_table = "initiatives_appeal"
        constraints = [models.UniqueConstraint(fields=["initiative", "number"], name="one_appeal_a_decision")]
        indexes = [models.Index(F("due_at"), F("id"), condition=Q(state="waiting"), name="appeal_waiting")]


class BenefitNorm(models.Model):
    """The median of the claimed first-year benefits (đồng, those above 0) in a field: what is unusual is told by it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="+", db_index=False)
    median = models.BigIntegerField()
    count = models.IntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "initiatives_benefit_norm"
        constraints = [models.UniqueConstraint(fields=["programme", "field"], name="one_norm_a_field")]


class BulkDecision(models.Model):
    """One decision about many initiatives, carried out in parts by the worker; each gets an event of its own.

    ``done`` and ``skipped`` count what has been gone through; ``finished_at`` is set after the last, or when its
    officer stopped it (``stopped``).
    """

    id = models.UUIDField(primary_key=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    reason = models.CharField(max_length=20, choices=ReasonCode.choices, blank=True)
    note = models.TextField(blank=True)
    with_benefit = models.BooleanField(default=False)
    """Whether what is found valid is verified with the benefit that its author claims."""
    made_at = models.DateTimeField()
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    stopped = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "initiatives_bulk_decision"
        indexes = [
            models.Index(F("made_at"), condition=Q(finished_at__isnull=True), name="bulk_unfinished"),
        ]


class BulkItem(models.Model):
    """One initiative of a bulk decision, as its officer saw it: ``seen`` is the number of its last event then."""

    class Outcome(models.TextChoices):
        """What became of it."""

        WAITING = "", _("Waiting")
        DONE = "done", _("Decided")
        CHANGED = "changed", _("It had changed in the meantime")
        NOT_ALLOWED = "not_allowed", _("Not for this officer")
        OBJECTED = "objected", _("The author objects")

    pk = models.CompositePrimaryKey("bulk_id", "position")
    bulk = models.ForeignKey(BulkDecision, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.IntegerField()
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen = models.SmallIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        db_table = "initiatives_bulk_item"
        constraints = [models.UniqueConstraint(fields=["bulk", "initiative"], name="once_in_a_bulk")]
