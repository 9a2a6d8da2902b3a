"""Django's entry to the reports floor."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The reports floor."""

    name = "sangkien.reports"
    label = "reports"
