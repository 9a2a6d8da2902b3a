"""Django's entry to the tally floor."""

from django.apps import AppConfig


class TallyConfig(AppConfig):
    """The tally floor."""

    name = "sangkien.tally"
    label = "tally"
