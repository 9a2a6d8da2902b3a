"""``sangkien migrate``."""

from __future__ import annotations

import argparse

from django.core.management import call_command


def run(_options: argparse.Namespace) -> int:
    """Apply every migration that is missing."""
    call_command("migrate", interactive=False, verbosity=1)
    return 0
