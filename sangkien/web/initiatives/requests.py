"""Who stands before a page, and how a page answers a form that was accepted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect

from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.initiatives.queries import Viewer
from sangkien.people.models import Person
from sangkien.units.models import Role
from sangkien.units.queries import roles_of


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


def roles_here(request: HttpRequest) -> frozenset[Role]:
    """Return every role that whoever looks at the page holds anywhere; asked for once a request."""
    kept: dict[str, frozenset[Role]] = request.__dict__.setdefault("_roles", {})
    if "roles" not in kept:
        kept["roles"] = roles_of(request.user, clock.now()) if isinstance(request.user, Person) else frozenset()
    return kept["roles"]
