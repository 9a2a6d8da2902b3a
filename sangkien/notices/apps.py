"""Django's entry to the notices floor."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The notices floor."""

    name = "sangkien.notices"
    label = "notices"

    def ready(self) -> None:
        """Listen for addresses that are confirmed."""
        from sangkien.notices import bounces  # noqa: PLC0415  it needs the models, which are there only now

        bounces.listen()
