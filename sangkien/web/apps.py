"""Django's entry to the web floor."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web floor."""

    name = "sangkien.web"
    label = "web"
