"""A real sender for the test that kills it. Started with ``-m``, ended by SIGKILL.

Arguments: the name of the test database and the port of the mail server.
"""

from __future__ import annotations

import sys


def main(database: str, port: int) -> None:
    """Send what is due; die between the server's word that it took the mail and the mark that it did."""
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""

    settings.MAIL_DOMAIN = "sangkien.example.vn"

    import time

    from sangkien.notices import delivery, sending

    class SlowPost(delivery.Post):
        """Hands over like any other, and then takes its time to say so."""

        def hand_over(self, *args: object) -> delivery.Result:
            result = super().hand_over(*args)  # type: ignore[arg-type]
            print(result.outcome.value, flush=True)
            time.sleep(60)
            return result

    delivery.Post = SlowPost  # type: ignore[misc]
    sending.send_due(stale=sending.timedelta(0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
