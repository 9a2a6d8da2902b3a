"""Django's entry to the people floor."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people floor."""

    name = "sangkien.people"
    label = "people"
