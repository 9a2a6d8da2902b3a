"""Files that belong to drafts and initiatives. Their content lies in the storage under its SHA-256."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from sangkien.initiatives.models.drafts import Draft
from sangkien.initiatives.models.initiative import Initiative


class FileFields(models.Model):
    """What is known of a file: its name as people see it, what it is by its content, its size in bytes, its hash.

    ``sha256`` is the hash of what is stored (of an image: after its re-encoding), in lower-case hexadecimal.
    """

    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()

    class Meta:
        abstract = True


class DraftFile(FileFields):
    """A file of a draft; it becomes an attachment when the draft is sent."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")

    class Meta:
        db_table = "initiatives_draft_file"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["draft", "sha256"], name="draft_file_once")]


class Attachment(FileFields):
    """A file of an initiative, numbered from 1."""

    pk = models.CompositePrimaryKey("initiative_id", "number")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    number = models.SmallIntegerField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        db_table = "initiatives_attachment"
        ordering = ["number"]


class Upload(models.Model):
    """A file on its way in, in parts; it lives in the database so that any web process can take the next part."""

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()

    class Meta:
        db_table = "initiatives_upload"


class UploadPart(models.Model):
    """One part of an upload, from byte ``start``."""

    pk = models.CompositePrimaryKey("upload_id", "start")
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "initiatives_upload_part"
        ordering = ["start"]
