"""``sangkien demo``: from nothing to phase 1 in the browser."""

from __future__ import annotations

import argparse
import os
import sys
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.db import connections

from sangkien.core.errors import Conflict, SangKienError
from sangkien.demo.mergers import apply_mergers, undo_mergers
from sangkien.demo.phase1 import demo_is_ready, load_demo
from sangkien.demo.world import ACCOUNTS, PASSWORD, demo_secret
from sangkien.ops.serving import port_is_free, prepare_static, serve, worker_process
from sangkien.ops.terminal import console, progress_bar

_STEPS = {"plan": "Planning phase 1", "world": "Units, targets, accounts", "history": "Initiatives"}


def run(options: argparse.Namespace) -> int:
    """Load the demo if it is not there, finish it if it was cut off, then serve it with the worker."""
    if options.code:
        return _say_code(options.code)
    if options.mergers:
        return _merge(options.mergers)
    if not options.load_only and not port_is_free(options.address, options.port):
        print(
            f"sangkien: something already listens on {options.address}:{options.port};"
            " stop it, or choose another port: PORT=8001 make demo",
            file=sys.stderr,
        )
        return 1
    call_command("migrate", interactive=False, verbosity=0)
    try:
        _load(options.scale)
    except Conflict as error:
        print(f"sangkien: {error}", file=sys.stderr)
        return 1
    if options.load_only:
        return 0
    prepare_static()
    _say_where(options.address, options.port)
    connections.close_all()  # the web processes are forked from this one, and make their own
    with worker_process():
        serve(options.address, options.port, options.workers)
    return 0


def _merge(what: str) -> int:
    """Apply or undo the provincial mergers of 2025, also while the demo is served, and say what has changed."""
    try:
        done = apply_mergers() if what == "apply" else undo_mergers()
    except SangKienError as error:
        print(f"sangkien: {error}", file=sys.stderr)
        return 1
    console.print(f"Provincial federations: {done.before} before, {done.after} now.")
    if what == "apply":
        console.print(f"{done.mergers} mergers closed {done.units:,} units and opened others; {done.renamed} renamed.")
        console.print("Boards show either tree: as it stood, or today's. Back again: sangkien demo --mergers undo")
    else:
        console.print(f"{done.mergers} mergers taken back: {done.units:,} units that they opened are gone.")
    return 0


def _load(scale: float) -> None:
    """Load with a progress bar, saying what is under way."""
    if demo_is_ready():
        console.print("The demo is already loaded.")
        return
    with progress_bar() as bar:
        task = bar.add_task("Preparing", total=None)
        load_demo(
            scale,
            processes=min(2, os.cpu_count() or 1),
            progress=lambda done, parts: bar.update(
                task, completed=done, total=parts, description="Initiatives" if done < parts else "Counting, indexing"
            ),
            say=lambda step: bar.update(task, description=_STEPS[step]),
        )
        bar.update(task, description="Loaded and counted")


def _say_where(address: str, port: int) -> None:
    """Print the address and whom one can sign in as."""
    console.print(f"\n  Sáng Kiến:  http://{address}:{port}/\n")
    console.print(f"  Demo accounts, all with the password [bold]{PASSWORD}[/bold]:")
    for account in ACCOUNTS:
        what = account.role.value.replace("_", " ") if account.role else "member"
        secret = f"app: {demo_secret(account.username)}" if account.role else ""
        line = f"    {account.username:<16} {what + ', ' + account.unit_code:<28} {secret}"
        console.print(line, highlight=False, soft_wrap=True)
    console.print("\n  Officers are asked for a code too: from an authenticator app, or from")
    console.print(f"    {sys.argv[0]} demo --code {ACCOUNTS[1].username}", highlight=False, soft_wrap=True)
    console.print("\n  Codes for signing up, mails and text messages appear below.")
    console.print("\n  Stop with Ctrl-C.\n")


def _say_code(username: str) -> int:
    """Print the code that the authenticator app of a demo officer would show now."""
    officers = [account.username for account in ACCOUNTS if account.role]
    if username not in officers:
        print(f"sangkien: there is no demo officer {username}: {', '.join(officers)}", file=sys.stderr)
        return 1
    print(format_hotp_value(hotp_value(demo_secret(username), int(time.time()) // 30)))
    return 0
