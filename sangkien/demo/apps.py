"""Django's entry to the demo floor."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo floor."""

    name = "sangkien.demo"
    label = "demo"
