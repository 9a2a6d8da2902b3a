"""What somebody has typed and not sent yet, and the keys that make a second sending harmless."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F

from sangkien.programmes.models import Programme


class Draft(models.Model):
    """A form that is being filled in: what was typed, as it was typed, whatever is still missing or wrong.

    It is nobody's but its owner's, counts nowhere and is deleted when it is sent. ``id`` is made by whoever shows the
    form, so that saving twice makes one draft; it is also the key under which the draft can be sent once.
    ``version`` goes up by one with each save: who saves over a version that they have not seen is told so.
    ``corrects`` is the number of the returned initiative that this draft is to correct.
    """

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    corrects = models.BigIntegerField(null=True, blank=True)
    typed = models.JSONField(default=dict)
    version = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "initiatives_draft"
        indexes = [models.Index(F("owner"), F("saved_at").desc(), name="draft_mine")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "corrects"], name="one_correction_at_a_time"),
        ]


class SubmissionKey(models.Model):
    """The key under which a person sent something, and the number of the initiative that it made.

    Written in the transaction of the submission; its primary key decides between two sendings at once. The initiative
    is named by its number alone: this table is kept by person, initiatives by their number.
    """

    pk = models.CompositePrimaryKey("person_id", "key")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    initiative_number = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "initiatives_submission_key"
