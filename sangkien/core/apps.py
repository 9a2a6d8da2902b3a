"""The ground floor: what everything else stands on."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Django's entry to the core floor."""

    name = "sangkien.core"
    label = "core"
