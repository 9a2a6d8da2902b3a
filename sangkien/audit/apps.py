"""Django's entry to the audit floor."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit floor."""

    name = "sangkien.audit"
    label = "audit"
