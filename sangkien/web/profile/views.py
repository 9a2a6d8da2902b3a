"""Who somebody is, and what they have agreed to."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise_lines
from sangkien.people.actions import give_consent, update_profile, withdraw_consent
from sangkien.people.models import Person
from sangkien.people.queries import consents_of
from sangkien.units.queries import last_request, unit_of
from sangkien.web.accounts.consent import PURPOSE, VERSION, whole_text
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.profile.choosing import placed
from sangkien.web.profile.forms import ProfileForm


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own profile, what one has agreed to, and where one works."""
    person = signed_in(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=_initial(person))
    if form.is_bound and form.is_valid():
        try:
            update_profile(actor=person, **form.cleaned_data)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Your profile has been saved."))
            return SeeOther(reverse("profile"))
    unit = unit_of(person)
    given = consents_of(person)
    context = {
        "form": form,
        "unit": placed([unit])[0] if unit else None,
        "waiting": None if unit else last_request(person),
        "given": given,
        "offered": None if any(one.withdrawn_at is None and one.purpose == PURPOSE for one in given) else whole_text(),
    }
    return render(request, "profile/profile.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Take a consent back (``withdraw`` names its purpose), or give the one that accounts need."""
    person = signed_in(request)
    purpose = request.POST.get("withdraw", "")
    text = whole_text()
    if purpose:
        if withdraw_consent(actor=person, purpose=purpose):
            messages.success(request, _("You have taken your consent back."))
    elif normalise_lines(request.POST.get("agree", "")) != normalise_lines(text):
        messages.warning(request, _("The text has changed meanwhile. Please read it again."))
    else:
        give_consent(actor=person, purpose=PURPOSE, version=VERSION, language=get_language() or "vi", text=text)
        messages.success(request, _("Your consent has been kept, with its text and the moment."))
    return SeeOther(reverse("profile") + "#dong-y")


def _initial(person: Person) -> dict[str, str]:
    """Return what the form shows at first."""
    born = person.date_of_birth
    return {
        "full_name": person.full_name,
        "date_of_birth": clock.format_date(born, "vi") if born else "",  # a notation that the field reads
        "job_title": person.job_title,
        "qualification": person.qualification,
        "category": person.category,
        "language": person.language,
    }
