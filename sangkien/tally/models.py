"""The counts: everything here is derived from events and can be made again from them (``tally.rebuild``)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sangkien.people.categories import Category

# Cells hold a category by its number, because half of a cell's size is its key. Never renumber; 0 is all together.
CATEGORY_NUMBERS: dict[str, int] = {
    "": 0,
    Category.PUBLIC_SERVICE_UNIT.value: 1,
    Category.ENTERPRISE_WORKER.value: 2,
    Category.UNION_OFFICER.value: 3,
    Category.PARTY_STATE_BODY.value: 4,
}


class Figures(models.Model):
    """The seven figures that are counted. Benefits are whole đồng."""

    submitted = models.BigIntegerField()
    valid = models.BigIntegerField()
    invalid = models.BigIntegerField()
    returned = models.BigIntegerField()
    withdrawn = models.BigIntegerField()
    benefit_claimed = models.BigIntegerField()
    benefit_verified = models.BigIntegerField()

    class Meta:
        abstract = True


class RunningTotal(Figures):
    """Cells (a): all that happened before ``ends_at``, by unit, category and phase.

    One row for each hour (for the confederation and the unions directly under it) or Vietnamese day (below) in which
    something happened. ``is_own`` holds what was entered at the unit itself, otherwise the row holds what was entered
    below it: a unit with everything below it is the sum of both. ``category`` is a number of ``CATEGORY_NUMBERS``.
    """

    pk = models.CompositePrimaryKey("unit_id", "phase_id", "is_own", "category", "ends_at")
    unit_id = models.IntegerField()
    phase_id = models.IntegerField()
    is_own = models.BooleanField()
    category = models.SmallIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "tally_running_total"


class SubmissionDay(Figures):
    """Cells (b): what is known now about what was submitted on one Vietnamese day (not cumulative)."""

    pk = models.CompositePrimaryKey("unit_id", "phase_id", "is_own", "category", "day")
    unit_id = models.IntegerField()
    phase_id = models.IntegerField()
    is_own = models.BooleanField()
    category = models.SmallIntegerField()
    day = models.DateField()

    class Meta:
        db_table = "tally_submission_day"


class FieldDay(Figures):
    """Cells (c): what happened on one Vietnamese day, by union, phase, field and kind (not cumulative).

    ``union_id`` is the unit directly under the confederation, or the confederation itself for what is entered there.
    """

    pk = models.CompositePrimaryKey("union_id", "phase_id", "field_id", "kind", "day")
    union_id = models.IntegerField()
    phase_id = models.IntegerField()
    field_id = models.IntegerField()
    kind = models.CharField(max_length=30)
    day = models.DateField()

    class Meta:
        db_table = "tally_field_day"


class Ordinal(models.Model):
    """Which number in the programme an initiative was, by (moment, number) of first submission: 1, 2, 3, … no gaps."""

    pk = models.CompositePrimaryKey("programme_id", "ordinal")
    programme_id = models.IntegerField()
    ordinal = models.BigIntegerField()
    initiative_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "tally_ordinal"


class LateEvent(models.Model):
    """An event that arrived after the moment it belongs to had been published. It cannot happen; if it does, it is
    counted at the moment that was then published, and alarms.
    """

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative_id = models.BigIntegerField()
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    counted_at = models.DateTimeField()
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "tally_late_event"


class Publication(models.Model):
    """The as-of moment: cells hold exactly the events before it. A single row, locked by whoever folds."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    as_of = models.DateTimeField()
    generation = models.BigIntegerField(default=0)
    folded_at = models.DateTimeField()

    class Meta:
        db_table = "tally_publication"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_publication")]


class HistoryLoad(models.Model):
    """A history that enters, or entered, through ``tally.load_history``; it can be taken up again where it stopped."""

    name = models.CharField(max_length=60, unique=True)
    programme_id = models.IntegerField()
    parts = models.IntegerField()
    parts_done = models.JSONField(default=list)
    set_aside = models.JSONField(default=list)
    started_at = models.DateTimeField(auto_now_add=True)
    loaded_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tally_history_load"


# --- analysis: what is neither counted by the fold nor published; made anew once a day --------------------------------


class AnalysisRun(models.Model):
    """When a part of the analysis was last made, from the data as they stood at ``computed_at`` (UTC)."""

    name = models.CharField(max_length=20, primary_key=True)
    computed_at = models.DateTimeField()
    seconds = models.FloatField()

    class Meta:
        db_table = "tally_analysis_run"


class UnitAnalysis(models.Model):
    """What analysis says about a unit with everything below it, as of its ``AnalysisRun``.

    ``by_author``, ``for_others`` and ``as_history``: who entered what was submitted: one of its authors, somebody else
    for them, or nobody that is known (it came in as history). ``overdue`` waited for a decision past the day on which
    it was due. ``benefit_median`` is the median (đồng) of the ``benefits`` claims above zero, None without any.
    ``fields`` holds the number submitted by the id of the field, for units below the unions; above, they are counted
    (``queries.field_counts``).
    """

    pk = models.CompositePrimaryKey("programme_id", "unit_id")
    programme_id = models.IntegerField()
    unit_id = models.IntegerField()
    by_author = models.IntegerField()
    for_others = models.IntegerField()
    as_history = models.IntegerField()
    overdue = models.IntegerField()
    benefits = models.IntegerField()
    benefit_median = models.BigIntegerField(null=True)
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "tally_unit_analysis"


class PatternKind(models.TextChoices):
    """What makes initiatives worth a second thought. None of it is proof of anything."""

    BURST = "burst", _("Many by one person within an hour")
    SAME_TEXT = "same_text", _("One text in many units")
    BENEFIT = "benefit", _("A benefit far above its field")


class Pattern(models.Model):
    """An unusual pattern: ``initiatives`` of ``units``, known by the lowest number among them (``first_id``).

    A burst has the id of its submitter and lasts from ``began_at`` to ``ended_at``, the moments of its first and last
    submission; a benefit has the ``median`` of its field (đồng).
    """

    pk = models.CompositePrimaryKey("kind", "first_id")
    kind = models.CharField(max_length=10, choices=PatternKind.choices)
    first_id = models.BigIntegerField()
    programme_id = models.IntegerField()
    initiatives = models.IntegerField()
    units = models.IntegerField()
    submitter_id = models.IntegerField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    benefit = models.BigIntegerField(null=True)
    median = models.BigIntegerField(null=True)

    class Meta:
        db_table = "tally_pattern"


class PatternInitiative(models.Model):
    """One of the initiatives behind a pattern."""

    pk = models.CompositePrimaryKey("kind", "first_id", "initiative_id")
    kind = models.CharField(max_length=10)
    first_id = models.BigIntegerField()
    initiative_id = models.BigIntegerField()

    class Meta:
        db_table = "tally_pattern_initiative"


class PatternUnit(models.Model):
    """How many of the initiatives behind a pattern lie in a unit and everything below it."""

    pk = models.CompositePrimaryKey("unit_id", "kind", "first_id")
    unit_id = models.IntegerField()
    kind = models.CharField(max_length=10)
    first_id = models.BigIntegerField()
    initiatives = models.IntegerField()

    class Meta:
        db_table = "tally_pattern_unit"
