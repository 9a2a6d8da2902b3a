"""Real services that some tests need: skipped loudly where they are not installed, unless they are required."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def needs(what: str) -> NoReturn:
    """Skip the test because ``what`` is missing; fail it where SANGKIEN_SERVICES=required."""
    if os.environ.get("SANGKIEN_SERVICES") == "required":
        pytest.fail(f"not installed: {what}")
    pytest.skip(f"not installed: {what}")
