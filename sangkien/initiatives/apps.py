"""Django's entry to the initiatives floor."""

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """The initiatives floor."""

    name = "sangkien.initiatives"
    label = "initiatives"
