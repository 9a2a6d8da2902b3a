"""Django's entry to the units floor."""

from django.apps import AppConfig


class UnitsConfig(AppConfig):
    """The units floor."""

    name = "sangkien.units"
    label = "units"
    default_auto_field = "django.db.models.AutoField"
