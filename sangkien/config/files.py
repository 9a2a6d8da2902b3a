"""Settings of uploaded files: where they lie, how large they may be, who looks for viruses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

__all__ = [
    "ATTACHMENTS_STORAGE",
    "ATTACHMENT_LIMITS",
    "CLAMD",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
    "DATA_UPLOAD_MAX_NUMBER_FILES",
    "FILE_UPLOAD_HANDLERS",
]

_MEGABYTE = 1024 * 1024


def _whole(value: str, name: str) -> int:
    """Return a setting as a whole number above 0. Raises ImproperlyConfigured."""
    if not (value.isascii() and value.isdigit() and int(value)):
        raise ImproperlyConfigured(f"{name} must be a whole number above 0.")
    return int(value)


def _storage() -> dict[str, Any]:
    """Return Django's description of the storage: S3-compatible if a bucket is named, otherwise a folder."""
    bucket = os.environ.get("S3_BUCKET", "")
    if not bucket:
        folder = Path(os.environ.get("SANGKIEN_DATA", "var")).absolute() / "files"
        return {"BACKEND": "sangkien.initiatives.files.storing.AttachmentFiles", "OPTIONS": {"location": folder}}
    return {
        "BACKEND": "sangkien.initiatives.files.s3.S3Files",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": os.environ.get("S3_ENDPOINT", "") or None,
            "region_name": os.environ.get("S3_REGION", "") or None,
            "access_key": os.environ.get("S3_ACCESS_KEY", "") or None,
            "secret_key": os.environ.get("S3_SECRET_KEY", "") or None,
        },
    }


ATTACHMENTS_STORAGE = _storage()
ATTACHMENT_LIMITS: dict[str, int] = {
    "files": _whole(os.environ.get("SANGKIEN_FILES_MAX", "5"), "SANGKIEN_FILES_MAX"),
    "file_bytes": _whole(os.environ.get("SANGKIEN_FILE_MB", "20"), "SANGKIEN_FILE_MB") * _MEGABYTE,
    "total_bytes": _whole(os.environ.get("SANGKIEN_FILES_MB", "50"), "SANGKIEN_FILES_MB") * _MEGABYTE,
}
CLAMD = os.environ.get("CLAMD", "")

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * _MEGABYTE  # a text of 10 MB gets a message at its field, with all the rest kept
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
