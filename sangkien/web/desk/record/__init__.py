"""The record: who did what, when, from where."""
