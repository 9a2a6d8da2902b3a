"""The ``sangkien`` program: everything that an operator does, one command each."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from sangkien.audit.context import Face, set_process
from sangkien.ops.messages import compile_catalogues

DEFAULT_PORT = 8000


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole program; each command names the module in ``ops.commands`` that runs it."""
    top = argparse.ArgumentParser(prog="sangkien", description="The portal that an initiative programme runs on.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        """Add one command."""
        return commands.add_parser(name, help=text, description=text)

    demo = command("demo", "Load phase 1 of the real programme if it is not there, and serve it with the worker.")
    demo.add_argument("--scale", type=_scale, default=1.0, help="load a fraction of the 696,948 initiatives (0 to 1)")
    demo.add_argument("--code", metavar="NAME", help="print the code that a demo officer is asked for now, and stop")
    demo.add_argument(
        "--mergers", choices=("apply", "undo"), help="merge the 63 provincial federations into 34, as in 2025, or back"
    )
    demo.add_argument("--load-only", action="store_true", help="load and stop, without serving")
    _add_serving(demo)

    serve = command("serve", "Serve the pages and the API.")
    serve.add_argument("--with-worker", action="store_true", help="run the worker too")
    _add_serving(serve)

    worker = command("worker", "Fold events into figures every second, until stopped.")
    worker.add_argument("--interval", type=float, default=1.0, help="seconds between two folds (1)")

    command("migrate", "Bring the database to this version.")

    report = command("report", "Write the cut-off report of a phase.")
    report.add_argument("programme", metavar="PROGRAMME", help="code of the programme, such as 1trieu")
    report.add_argument("--phase", type=int, required=True, help="number of the phase")
    report.add_argument("--as-of", help='cut-off, such as "24h00 31/5/2022" (the newest final moment)')
    report.add_argument("--format", choices=("text", "json"), default="text")
    report.add_argument("--language", choices=("vi", "en"), default="vi")
    report.add_argument("-o", "--output", type=Path, help="write to this file instead of the terminal")

    tally = command("tally", "Recount, rebuild or fold the figures.")
    tally.add_argument("action", choices=("verify", "rebuild", "fold"))

    grant = command("grant", "Give somebody a role: the first one, which nobody on the portal could give.")
    grant.add_argument("--role", required=True, help="such as unit_administrator or programme_administrator")
    grant.add_argument("--unit", required=True, metavar="CODE", help="code of the unit, such as TLD; all below it too")
    grant.add_argument("--to", required=True, metavar="WHO", help="user name, or confirmed e-mail address or number")
    grant.add_argument("--reason", required=True, help="one sentence that stands in the record")
    grant.add_argument("--until", metavar="DAY", help="the last day, such as 31/12/2026 (for good)")
    grant.add_argument("--language", choices=("vi", "en"), default="vi")

    files = command("files", "Remove stored files that nothing names any more (the worker does so once a day).")
    files.add_argument("action", choices=("sweep",))

    check = command("check", "Check the installation.")
    check.add_argument("--deploy", action="store_true", help="check also what a real server needs")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 after a refusal in one sentence, 2 for wrong usage."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sangkien.config.settings")
    signal.signal(signal.SIGTERM, _stop)
    try:
        compile_catalogues()  # before Django looks up its first text, in setup(): what it reads then is kept
        django.setup()
        set_process(Face.WORKER if options.command == "worker" else Face.COMMAND)
        run = import_module(f"sangkien.ops.commands.{options.command}").run
        return int(run(options))
    except (ImproperlyConfigured, DatabaseError) as error:
        print(f"sangkien: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


def _stop(_signal: int, _frame: object) -> None:
    """Stop as Ctrl-C does: what is under way is rolled back, what was started is stopped."""
    raise KeyboardInterrupt


def _scale(text: str) -> float:
    """Read the scale of the demo. Raises argparse's error outside 0 (exclusive) to 1."""
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("the scale is above 0 and at most 1")
    return value


def _add_serving(command: argparse.ArgumentParser) -> None:
    """Add what all serving commands have in common."""
    port = int(os.environ.get("PORT") or DEFAULT_PORT)
    command.add_argument("--address", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    command.add_argument("--port", type=int, default=port, help="port to listen on (PORT, or 8000)")
    command.add_argument("--workers", type=int, default=2, help="web processes (2)")
