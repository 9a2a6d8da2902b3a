"""The append-only record of who did what, for everything that is not an initiative's event."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class AuditEntry(models.Model):
    """One thing that somebody did.

    ``action`` and ``subject_kind`` are stable codes, ``subject`` the code or number of what it was done to, and
    ``unit_path`` the ids from the confederation down to the unit in whose scope it happened.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    unit_path = ArrayField(models.IntegerField(), default=list)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
