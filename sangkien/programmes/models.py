"""Programmes, their phases, peak drives, fields of application, targets and rules of eligibility."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.units.models import Unit


class Named(models.Model):
    """Something with a name in both languages."""

    name_vi = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_vi


class Field(Named):
    """A field of application."""

    code = models.CharField(max_length=10, unique=True)

    class Meta:
        db_table = "programmes_field"


class Programme(Named):
    """An initiative programme, run by ``owner`` from ``starts_at`` to ``ends_at`` (exclusive).

    ``headline_phase`` is the phase that the front page puts first; without one, the current phase.
    """

    code = models.SlugField(max_length=40, unique=True)
    owner = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    headline_phase = models.ForeignKey("Phase", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    notice_vi = models.TextField(blank=True)
    notice_en = models.TextField(blank=True)

    class Meta:
        db_table = "programmes_programme"
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="programme_in_order")]

    @property
    def notice(self) -> str:
        """What every page says about this programme's data, if anything."""
        return self.notice_en if get_language() == "en" else self.notice_vi


class Phase(Named):
    """A window in which initiatives are submitted: from ``opens_at`` to ``closes_at`` (exclusive).

    ``applied_from`` and ``applied_until`` (both inclusive) bound the day on which an eligible initiative was first
    applied. The window of submission is not the window of application.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="phases")
    number = models.SmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    applied_from = models.DateField()
    applied_until = models.DateField()

    class Meta:
        db_table = "programmes_phase"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="phase_number_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="phase_in_order"),
            models.CheckConstraint(condition=Q(applied_until__gte=F("applied_from")), name="phase_window_in_order"),
        ]

    def is_open(self, at: object) -> bool:
        """Say whether submissions are taken at the moment ``at``."""
        return bool(self.opens_at <= at < self.closes_at)  # type: ignore[operator]


class Campaign(Named):
    """A peak drive inside a programme, from ``starts_at`` to ``ends_at`` (exclusive); charts mark it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="campaigns")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "programmes_campaign"
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="campaign_in_order")]


class Basis(models.TextChoices):
    """Who set a target."""

    ASSIGNED = "assigned", _("assigned")
    REGISTERED = "registered", _("registered")


class Target(models.Model):
    """The number of initiatives that a unit is to reach, in a phase or (``phase`` empty) in the whole programme.

    It applies to figures as of any moment after ``effective_at`` and up to ``closed_at``, at which a later one takes
    its place. Nothing is retroactive: ``effective_at`` is never before the moment ``recorded_at`` at which it was
    entered, except for history that is loaded.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="targets")
    phase = models.ForeignKey(Phase, null=True, blank=True, on_delete=models.PROTECT, related_name="targets")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="targets")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    value = models.BigIntegerField()
    effective_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "programmes_target"
        indexes = [models.Index(fields=["programme", "unit"], name="target_by_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(value__gt=0), name="target_above_zero"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("effective_at")), name="target_in_order"
            ),
            models.UniqueConstraint(
                fields=["programme", "unit", "phase", "basis"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="one_open_target",
            ),
        ]


class RuleOutcome(models.TextChoices):
    """What follows when an initiative does not meet a rule."""

    REFUSE = "refuse", _("Required")
    WARN = "warn", _("To be looked at")


class EligibilityRule(models.Model):
    """One version of a rule of eligibility: in force from ``effective_at`` to ``ended_at`` (exclusive; empty: open).

    ``check_name`` names the check that decides (``eligibility.checks``) and ``parameters`` are what it is given;
    ``field`` is the input at fault, ``reason`` a stable code. The sentence is what people read when the rule is not
    met, and on the page of conditions: what, why and what to do, with ``%(first)s`` and the like in it. ``source`` is
    where the rule comes from. A change is a new version; the database refuses everything but ending one.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.SlugField(max_length=40, db_index=False)
    version = models.SmallIntegerField()
    position = models.SmallIntegerField()
    check_name = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=RuleOutcome.choices)
    field = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=30)
    sentence_vi = models.CharField(max_length=1000)
    sentence_en = models.CharField(max_length=1000)
    source_vi = models.CharField(max_length=300)
    source_en = models.CharField(max_length=300)
    effective_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    change_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "programmes_eligibility_rule"
        constraints = [
            models.UniqueConstraint(fields=["programme", "code", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["programme", "code"], condition=Q(ended_at__isnull=True), name="one_open_rule_version"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("effective_at")), name="rule_in_order"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def sentence(self) -> str:
        """The sentence in the reader's language, its ``%(first)s`` not yet filled."""
        return self.sentence_en if get_language() == "en" else self.sentence_vi

    @property
    def source(self) -> str:
        """Where the rule comes from, in the reader's language."""
        return self.source_en if get_language() == "en" else self.source_vi


class VerificationTerms(models.Model):
    """How initiatives of a programme are verified: in force from ``effective_at`` to ``ended_at`` (exclusive).

    A decision is due ``due_days`` days after an initiative began to wait, at the end of that Vietnamese day; an author
    may appeal against an invalid finding for ``appeal_days`` days after it. Of what is found valid, ``second_share``
    percent, drawn by lot, and everything with a verified benefit of at least ``second_benefit`` đồng (empty: none) gets
    a second look by the level above. A change is a new row.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    due_days = models.SmallIntegerField(default=10)
    appeal_days = models.SmallIntegerField(default=30)
    second_share = models.SmallIntegerField(default=0)
    second_benefit = models.BigIntegerField(null=True, blank=True)
    effective_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    change_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "programmes_verification_terms"
        constraints = [
            models.UniqueConstraint(
                fields=["programme"], condition=Q(ended_at__isnull=True), name="one_open_verification_terms"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("effective_at")), name="terms_in_order"
            ),
            models.CheckConstraint(
                condition=Q(due_days__gte=1, due_days__lte=365, appeal_days__gte=1, appeal_days__lte=365),
                name="terms_days_in_range",
            ),
            models.CheckConstraint(
                condition=Q(second_share__gte=0, second_share__lte=100), name="terms_second_share_in_percent"
            ),
            models.CheckConstraint(
                condition=Q(second_benefit__isnull=True) | Q(second_benefit__gte=0), name="terms_second_benefit_counted"
            ),
        ]
