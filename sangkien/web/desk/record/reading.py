"""An entry of the record in words: what was done, to what, where, and what the record keeps of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sangkien.audit.labels import ACTIONS, ATTEMPTS, action_label, face_label, subject_label
from sangkien.audit.models import AuditEntry
from sangkien.core import clock, numbers
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Response, SecondLook
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.programmes.models import Basis
from sangkien.units.models import Role, Unit, UnitRequest
from sangkien.units.record import Named, named_in
from sangkien.web.templatetags.sangkien import language

KEYS: dict[str, str | Promise] = {
    "person": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "unit": gettext_lazy("Unit"),
    "until": gettext_lazy("Until"),
    "on": gettext_lazy("On"),
    "effective_at": gettext_lazy("In force from"),
    "reason": gettext_lazy("Why"),
    "document": gettext_lazy("Document"),
    "note": gettext_lazy("Note"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("Afterwards"),
    "value": gettext_lazy("Value"),
    "basis": gettext_lazy("Basis"),
    "phase": gettext_lazy("Phase"),
    "programme": gettext_lazy("Programme"),
    "rule": gettext_lazy("Rule"),
    "version": gettext_lazy("Version"),
    "outcome": gettext_lazy("Outcome"),
    "parameters": gettext_lazy("Numbers"),
    "number": gettext_lazy("Number"),
    "successor": gettext_lazy("Followed by"),
    "initiative": gettext_lazy("Initiative"),
    "state": gettext_lazy("State"),
    "response": gettext_lazy("Answer"),
    "factor": gettext_lazy("Second factor"),
    "format": gettext_lazy("Format"),
    "as_of": gettext_lazy("As of"),
    "units": gettext_lazy("Units"),
    "total": gettext_lazy("Total"),
    "done": gettext_lazy("Done"),
    "skipped": gettext_lazy("Left out"),
    "what": gettext_lazy("What"),
    "rows": gettext_lazy("Rows"),
    "decision": gettext_lazy("Decision"),
    "due_days": gettext_lazy("Days for a decision"),
    "appeal_days": gettext_lazy("Days for an appeal"),
    "second_share": gettext_lazy("Second look: share drawn by lot, in percent"),
    "second_benefit": gettext_lazy("Second look: from which benefit on, in đồng"),
    "predecessors": gettext_lazy("Units that merged"),
    "carry_targets": gettext_lazy("Targets added to those of the successor"),
}
"""What the details of entries are called; what has no name here is shown by its code."""

_ORDER = {key: place for place, key in enumerate(KEYS)}
_CODES: dict[str, dict[str, str | Promise]] = {
    "role": dict(Role.choices),
    "basis": dict(Basis.choices),
    "decision": dict(EventKind.choices),
    "reason": dict(ReasonCode.choices),
    "response": dict(Response.choices),
    "state": {**dict(UnitRequest.State.choices), **dict(Appeal.State.choices), **dict(SecondLook.State.choices)},
    "what": {**ACTIONS, **ATTEMPTS, "overview": gettext_lazy("How a unit is doing")},
    "factor": {
        "totp": gettext_lazy("Authenticator app"),
        "webauthn": gettext_lazy("Security key or passkey"),
        "recovery_codes": gettext_lazy("Recovery codes"),
    },
}
"""The codes that stand in details, in words."""
_LEFT_OUT = frozenset({"sha256", "at", "replaces", "reorganisation", "is_new", "author"})
"""Details that only a machine can use."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. ``code`` is that of an initiative that it is about; ``day`` is the Vietnamese day."""

    entry: AuditEntry
    day: date
    action: str
    subject: str
    code: str
    unit: Unit | None
    details: list[tuple[str, str]]
    face: str


def read(entries: Sequence[AuditEntry]) -> list[Line]:
    """Return the entries in words, in two queries whatever their number.

    A merger stands in the record of each unit that it closed, too: where its own entry is among these, which names them
    all, it is told once.
    """
    named = named_in(entries)
    told = {_merger(entry) for entry in entries if entry.subject == entry.details.get("successor")}
    return [_line(entry, named) for entry in entries if not (_is_part(entry) and _merger(entry) in told)]


def _merger(entry: AuditEntry) -> tuple[datetime, Any]:
    """Return what the entries of one merger have in common."""
    return entry.at, entry.details.get("reorganisation")


def _is_part(entry: AuditEntry) -> bool:
    """Say whether this is the entry of a merger at one of the units that it closed."""
    return entry.action == "merge_units" and entry.subject in entry.details.get("predecessors", [])


def _line(entry: AuditEntry, named: Named) -> Line:
    is_initiative = entry.subject_kind == "initiative" and entry.subject.isdecimal()
    return Line(
        entry=entry,
        day=clock.day_of(entry.at),
        action=action_label(entry.action),
        subject=_subject(entry, named),
        code=code_of(int(entry.subject)) if is_initiative else "",
        unit=named.units.get(entry.unit_path[-1]) if entry.unit_path else None,
        details=[
            (str(KEYS.get(key, key)), _value(key, value, named))
            for key, value in sorted(entry.details.items(), key=lambda one: _ORDER.get(one[0], len(_ORDER)))
            if key not in _LEFT_OUT and value not in (None, "", [], {})
        ],
        face=face_label(entry.face),
    )


def _subject(entry: AuditEntry, named: Named) -> str:
    """Return what it was done to, in words."""
    kind, code = entry.subject_kind, entry.subject
    if kind == "person":
        person = named.people.get(int(code)) if code.isdecimal() else None
        return "" if person is not None and person.pk == entry.actor_id else person.full_name if person else code
    if kind == "role_grant":
        return ""  # the details say whose and which
    if kind == "bulk":
        return subject_label(kind)  # its number says nothing to anybody
    if kind == "initiative" and code.isdecimal():
        code = code_of(int(code))
    return f"{subject_label(kind)} {code}"


def _value(key: str, value: Any, named: Named) -> str:
    """Return one detail as people write it."""
    if key == "person" and value in named.people:
        return named.people[value].full_name
    if key == "initiative" and isinstance(value, int):
        return code_of(value)
    if isinstance(value, str) and value in _CODES.get(key, {}):
        return str(_CODES[key][value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return numbers.format_count(value, language())
    if isinstance(value, str):
        return _moment(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return "; ".join(f"{KEYS.get(name, name)}: {_value(name, one, named)}" for name, one in value.items())
    return json.dumps(value, ensure_ascii=False)


def _moment(text: str) -> str:
    """Return a day or a moment as people write it, any other text as it is."""
    try:
        if len(text) == len("2025-07-01"):
            return clock.format_date(date.fromisoformat(text), language())
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return clock.format_cutoff_long(moment, language()) if moment.tzinfo else text
