"""``python -m sangkien``: the same as the ``sangkien`` program."""

from sangkien.ops.program import main

if __name__ == "__main__":
    raise SystemExit(main())
