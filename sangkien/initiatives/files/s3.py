"""The storage "attachments" in any service that speaks S3."""

from __future__ import annotations

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

from sangkien.initiatives.files.limits import MEGABYTE


class S3Files(S3Storage):  # type: ignore[misc]  # the package has no types
    """Private objects named by their hash; what is read lies on the disk beyond one megabyte, not in memory.

    The checksums that Amazon's library adds by itself are left out unless a call needs them: many compatible services
    refuse them. The connection gives up after half a minute.
    """

    def get_default_settings(self) -> dict[str, Any]:
        """Return what is not said by the options."""
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            "file_overwrite": True,
            "max_memory_size": MEGABYTE,
            "transfer_config": TransferConfig(use_threads=False),
            "client_config": Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=10,
                read_timeout=30,
                retries={"max_attempts": 2},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
