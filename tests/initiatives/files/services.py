"""Real services that some tests need: skipped loudly where they are not installed, unless they are required."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from sangkien.core.errors import InvalidInput


def needs(what: str) -> NoReturn:
    """Skip the test because ``what`` is missing; fail it where SANGKIEN_SERVICES=required."""
    if os.environ.get("SANGKIEN_SERVICES") == "required":
        pytest.fail(f"not installed: {what}")
    pytest.skip(f"not installed: {what}")


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Expect a refusal with this code, at the field of the file."""
    with pytest.raises(InvalidInput) as caught:
        yield
    assert (caught.value.code, caught.value.field) == (code, "file")
