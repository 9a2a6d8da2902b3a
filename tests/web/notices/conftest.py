"""What the tests of these pages share."""

from tests.notices.conftest import gateway, mailbox, world

__all__ = ["gateway", "mailbox", "world"]
