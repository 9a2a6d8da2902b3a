"""The plainest Django application that could do the same work: no middleware, one view, two inserts, durable.

Served by the same server as the portal, it is what a submission over HTTP is compared with.
"""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = "bare"


@transaction.atomic
def insert_twice(request: HttpRequest) -> HttpResponse:
    """Insert what was sent, twice."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (text) VALUES (%s)", [request.POST["title"]])
        cursor.execute(f"INSERT INTO {TABLE} (text) VALUES (%s)", [request.POST["solution"]])
    return HttpResponse(status=204)


urlpatterns = [path("<path:anywhere>", lambda request, anywhere: insert_twice(request))]


def make_application() -> WSGIHandler:
    """Set Django up for this view alone, on the portal's database."""
    settings.configure(
        DATABASES=import_module("sangkien.config.settings").DATABASES,
        SECRET_KEY=os.environ["SECRET_KEY"],
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    return get_wsgi_application()
