"""The four categories of people that the programme counts separately."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """Category of an author (report of 14/7/2022: the four partition the total)."""

    PUBLIC_SERVICE_UNIT = "public_service_unit", _("Staff of public-service units")
    ENTERPRISE_WORKER = "enterprise_worker", _("Workers in enterprises")
    UNION_OFFICER = "union_officer", _("Union officers")
    PARTY_STATE_BODY = "party_state_body", _("Officials of Party, State and mass organisations")
