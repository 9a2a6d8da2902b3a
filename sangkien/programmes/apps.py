"""Django's entry to the programmes floor."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """The programmes floor."""

    name = "sangkien.programmes"
    label = "programmes"
    default_auto_field = "django.db.models.AutoField"
