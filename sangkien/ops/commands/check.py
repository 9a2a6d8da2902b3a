"""``sangkien check``."""

from __future__ import annotations

import argparse
import sys

from django.core.management import call_command
from django.core.management.base import SystemCheckError


def run(options: argparse.Namespace) -> int:
    """Run the system checks; with ``--deploy`` those of a real server too."""
    try:
        call_command("check", deploy=options.deploy, fail_level="WARNING" if options.deploy else "ERROR")
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
