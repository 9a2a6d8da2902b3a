"""Keeping what has been typed: over which version, and what the script that saves by itself is told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotFound
from sangkien.initiatives.actions import save_draft
from sangkien.initiatives.errors import AlreadySent, DraftChanged
from sangkien.initiatives.models import Draft
from sangkien.initiatives.queries import get_draft
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.web.member.typed import Typed, merged


def find_draft(person: Person, draft_id: UUID) -> Draft | None:
    """Return the person's draft, or None while there is none."""
    try:
        return get_draft(person, draft_id)
    except NotFound:
        return None


def seen_version(sent: QueryDict) -> int:
    """Return the version of the draft that the page was made of; 0 for a new one."""
    version = sent.get("version", "")
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0


def is_overtaken(draft: Draft | None, typed: Typed, seen: int) -> bool:
    """Say whether the draft was saved elsewhere since the page was made.

    Not by the page itself: on a bad network the answer to a save gets lost, the save does not.
    """
    if draft is None or draft.version == seen or _texts(draft.typed) == _texts(merged({}, typed)):
        return False
    return not typed.get("tab") or draft.typed.get("tab") != typed["tab"]


def keep(
    person: Person, draft_id: UUID, programme: Programme, typed: Typed, *, seen: int, in_part: bool = False
) -> Draft:
    """Save what was typed; ``in_part``: only what has changed since it was saved last.

    Raises DraftChanged when it was saved elsewhere meanwhile, AlreadySent, NotFound when it is another's or was
    discarded, InvalidInput when it is too large.
    """
    draft = find_draft(person, draft_id)
    if draft is None:
        # Without what was saved before, a part would be kept as if it were all.
        version = seen if in_part else 0
        return save_draft(
            actor=person, draft_id=draft_id, programme=programme, typed=merged({}, typed), seen_version=version
        )
    if is_overtaken(draft, typed, seen):
        raise DraftChanged(draft)
    together = merged(draft.typed if in_part else {}, typed)
    if together == draft.typed:
        return draft
    return save_draft(
        actor=person, draft_id=draft_id, programme=draft.programme, typed=together, seen_version=draft.version
    )


def _texts(typed: Typed) -> Typed:
    """Return what people have typed, without what the page notes for itself."""
    return {name: value for name, value in typed.items() if name not in ("tab", "step")}


def time_of(moment: datetime) -> str:
    """Return the time of day as the bar of the form shows it: 14h32."""
    return clock.format_time(moment, get_language() or "vi")


def as_saved(draft: Draft) -> dict[str, object]:
    """Return what the script is told of a draft that was saved."""
    return {"version": draft.version, "saved_at": time_of(draft.saved_at)}


def refusal(request: HttpRequest, error: Exception, draft_id: UUID) -> JsonResponse:
    """Return what the script is told when nothing was saved."""
    if isinstance(error, DraftChanged):
        return JsonResponse(as_saved(error.draft), status=409)
    if isinstance(error, AlreadySent):
        return JsonResponse({"sent": reverse("draft", args=[draft_id])}, status=409)
    if isinstance(error, NotFound):
        return JsonResponse({"message": str(error)}, status=404)
    if isinstance(error, InvalidInput | Conflict):
        return JsonResponse({"message": str(error)}, status=422)
    raise error


def sign_in_address(draft_id: UUID) -> str:
    """Return where one signs in to go on with a draft."""
    return f"{reverse('account_login')}?{urlencode({'next': reverse('draft', args=[draft_id])})}"
