"""Django's entry to the initiatives floor."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class InitiativesConfig(AppConfig):
    """The initiatives floor."""

    name = "sangkien.initiatives"
    label = "initiatives"

    def ready(self) -> None:
        """A new database gets its key of public codes as soon as its tables are there."""
        post_migrate.connect(_make_first_key, sender=self)


def _make_first_key(**_details: Any) -> None:
    """Make the key; the module is found by name because models cannot be imported before the apps are ready."""
    if "initiatives_code_key" not in connection.introspection.table_names():
        return  # some other floor was migrated alone
    import_module("sangkien.initiatives.codes").make_first_key()
