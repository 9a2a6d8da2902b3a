"""``sangkien demo --code``: a newcomer signs in as an officer without an app, and without loading anything."""

from __future__ import annotations

import time
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from sangkien.demo.world import ACCOUNTS, demo_secret
from tests.ops.test_program import sangkien


def test_the_code_of_a_demo_officer_is_printed(tmp_path: Path) -> None:
    before = int(time.time()) // 30
    done = sangkien(tmp_path, "demo", "--code", "canbo.hanoi")
    now = range(before, int(time.time()) // 30 + 1)
    assert done.returncode == 0
    assert done.stdout.strip() in [format_hotp_value(hotp_value(demo_secret("canbo.hanoi"), step)) for step in now]


def test_somebody_who_is_no_officer_has_no_code(tmp_path: Path) -> None:
    done = sangkien(tmp_path, "demo", "--code", "doanvien")
    assert done.returncode == 1
    assert "canbo.hanoi" in done.stderr


def test_every_officer_has_a_secret_of_their_own() -> None:
    secrets = {demo_secret(account.username) for account in ACCOUNTS}
    assert len(secrets) == len(ACCOUNTS)
    assert all(len(secret) == 32 for secret in secrets)
