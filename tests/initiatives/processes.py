"""A real worker for the test that kills it. Started with ``-m``, ended by SIGKILL.

Arguments: the name of the test database and how many are decided in one part.
"""

from __future__ import annotations

import sys


def main(database: str, at_most: int) -> None:
    """Carry out decisions about many until killed, and say so after each part."""
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()

    from sangkien.initiatives import bulk
    from sangkien.ops.worker import run_bulks

    carry_out = bulk.carry_out

    def in_small_parts(bulk_id: object) -> bool:
        more = carry_out(bulk_id, at_most)  # type: ignore[arg-type]
        print("part", flush=True)
        return more

    bulk.carry_out = in_small_parts  # type: ignore[assignment]
    run_bulks(0.01)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
