"""Django's entry to the web floor."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web floor."""

    name = "sangkien.web"
    label = "web"

    def ready(self) -> None:
        """Begin to listen to what people do with their accounts."""
        from sangkien.web.accounts import record  # noqa: F401, PLC0415  only now are the models there
