"""The benchmark: measures the budgets of docs/design.md on a database with phase 1 at full size.

``python -m bench`` prints a table, the query plans behind the boards, and writes ``<SANGKIEN_DATA>/bench.json``.
"""
