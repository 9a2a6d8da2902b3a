"""Django's entry to the notices floor."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The notices floor."""

    name = "sangkien.notices"
    label = "notices"
