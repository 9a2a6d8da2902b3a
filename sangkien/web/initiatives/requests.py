"""Who stands before a page, and how a page answers a form that was accepted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect

from sangkien.core.errors import NotAllowed
from sangkien.initiatives.queries import Viewer
from sangkien.people.models import Person


class SeeOther(HttpResponseRedirect):
    """303: what was sent has been done; the page to look at now is another one, by GET."""

    status_code = 303


def viewer_of(request: HttpRequest) -> Viewer:
    """Return whoever looks at the page: a person, or nobody in particular."""
    viewer: Viewer = request.user
    return viewer


def signed_in(request: HttpRequest) -> Person:
    """Return the person who has signed in. Raises NotAllowed for anybody else: a view asks for signing in first."""
    if not isinstance(request.user, Person):
        raise NotAllowed
    return request.user
