"""Django's entry to the ops floor."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The ops floor."""

    name = "sangkien.ops"
    label = "ops"
