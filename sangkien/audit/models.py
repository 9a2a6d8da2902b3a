"""The append-only record of who did what, for everything that is not an initiative's event."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F


class AuditEntry(models.Model):
    """One thing that somebody did.

    ``action`` and ``subject_kind`` are stable codes, ``subject`` the code or number of what it was done to, and
    ``unit_path`` the ids from the confederation down to the unit in whose scope it happened. ``face`` is what it came
    through (``web``, ``api``, ``command``, ``worker``), ``origin`` the address that it came from, where there is one.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    unit_path = ArrayField(models.IntegerField(), default=list)
    details = models.JSONField(default=dict)
    face = models.CharField(max_length=10, blank=True)
    origin = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="audit_newest"),
            models.Index(F("unit_path__1"), F("at").desc(), F("id").desc(), name="audit_newest_in_union"),
            models.Index(F("unit_path__2"), F("at").desc(), F("id").desc(), name="audit_newest_in_upper"),
            models.Index(F("unit_path__3"), F("at").desc(), F("id").desc(), name="audit_newest_in_grassroots"),
            models.Index(F("actor"), F("at").desc(), F("id").desc(), name="audit_newest_of_actor"),
            models.Index(F("action"), F("at").desc(), F("id").desc(), name="audit_newest_action"),
            models.Index(F("subject"), F("at").desc(), F("id").desc(), name="audit_newest_of_subject"),
        ]
