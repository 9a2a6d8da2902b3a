"""How a programme's initiatives are verified: read by its auditors, changed by who runs it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.audit.refusals import Aim
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound
from sangkien.programmes import rules
from sangkien.programmes.actions import TermsChanged, revise_verification_terms
from sangkien.programmes.models import Programme, VerificationTerms
from sangkien.programmes.queries import the_programme
from sangkien.programmes.verification import terms_history, verification_terms
from sangkien.web.desk.refusing import record_attempt
from sangkien.web.desk.settings.forms import TermsForm
from sangkien.web.initiatives.requests import SeeOther, signed_in


@dataclass(frozen=True, slots=True)
class Change:
    """Terms that were set, and which of their figures differ from those before (names of fields)."""

    terms: VerificationTerms
    changed: frozenset[str]


FIGURES = ("due_days", "appeal_days", "second_share", "second_benefit")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def programme_settings(request: HttpRequest) -> HttpResponse:
    """The terms in force, their history, and the form to change them: 409 when somebody else has done so meanwhile.

    Raises NotFound while there is no programme, and NotAllowed for who may neither change nor read them.
    """
    person = signed_in(request)
    programme = the_programme()
    if programme is None:
        raise NotFound
    now = clock.now()
    may_revise = rules.may_revise_rules(person, programme, now)
    if not may_revise and (request.method == "POST" or not rules.may_read_settings(person, programme, now)):
        record_attempt(request, "revise_verification_terms", Aim("programme", programme.code, programme.owner.path))
        raise NotAllowed
    terms = verification_terms(programme, now)
    if request.method != "POST":
        return _page(request, programme, terms, TermsForm(terms) if may_revise else None)
    form = TermsForm(terms, request.POST)
    if form.is_valid():
        try:
            revise_verification_terms(
                actor=person, programme=programme, expected=_seen(request.POST.get("seen", "")), **form.cleaned_data
            )
        except TermsChanged as error:
            return _page(request, programme, error.terms, form, status=409)
        except InvalidInput as error:
            for fault in error.errors:
                form.refuse(fault)
        else:
            messages.success(request, _("In force from now on. What was decided keeps the terms of its day."))
            return SeeOther(reverse("programme-settings"))
    return _page(request, programme, terms, form, status=422)


def _seen(text: str) -> int:
    """Return the id of the terms that the form was filled in from, one that there is not if it does not say."""
    return int(text) if text.isdecimal() and len(text) < 19 else -1


def _page(
    request: HttpRequest, programme: Programme, terms: VerificationTerms, form: TermsForm | None, status: int = 200
) -> HttpResponse:
    """Return the page; ``form`` is None for who only reads."""
    context = {
        "programme": programme,
        "terms": terms,
        "seen": terms.pk or 0,
        "form": form,
        "is_stale": status == 409,
        "changes": _changes(terms_history(programme), programme),
    }
    return render(request, "desk/settings/settings.html", context, status=status)


def _changes(history: list[VerificationTerms], programme: Programme) -> list[Change]:
    """Return the history, the newest first, each with what it changed; the first changed the usual terms."""
    usual = VerificationTerms(programme=programme)
    return [
        Change(after, frozenset(name for name in FIGURES if getattr(after, name) != getattr(before, name)))
        for after, before in zip(history, [*history[1:], usual], strict=False)
    ]
