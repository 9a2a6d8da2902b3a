"""Django's entry to the api floor."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The api floor."""

    name = "sangkien.api"
    label = "api"
