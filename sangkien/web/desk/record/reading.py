"""An entry of the record in words: what was done, to what, where, and what the record keeps of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
    "to": gettext_lazy("Moved below"),
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
_KEYS_OF: dict[tuple[str, str], str | Promise] = {
    ("target.set", "value"): gettext_lazy("Target"),
    ("export", "units"): KEYS["rows"],  # as exports were recorded at first
}
"""What details of one action are called otherwise than those of others, by the action and the detail."""
_LEFT_OUT = frozenset({"sha256", "at", "replaces", "reorganisation", "is_new", "author", "number"})
"""Details that only a machine can use."""
_NOTHING: tuple[object, ...] = (None, "", [], {})
_SPREAD = frozenset({"value", "before"})
"""What differs among targets that were set together."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. ``code`` is that of an initiative that it is about; ``day`` is the Vietnamese day.

    ``place`` is where it happened, empty if that is what it was done to.
    """

    entry: AuditEntry
    day: date
    action: str
    subject: str
    code: str
    unit: Unit | None
    place: str
    details: list[tuple[str, str]]
    face: str


def read(entries: Sequence[AuditEntry]) -> list[Line]:
    """Return the entries in words, in two queries whatever their number.

    A merger stands in the record of each unit that it closed, too: where its own entry is among these, which names them
    all, it is told once. So are targets that somebody set together, as far as they are among these.
    """
    named = named_in(entries)
    told = {_merger(entry) for entry in entries if entry.subject == entry.details.get("successor")}
    shown = [entry for entry in entries if not (_is_part(entry) and _merger(entry) in told)]
    together: defaultdict[object, list[AuditEntry]] = defaultdict(list)
    for entry in shown:
        together[_set_with(entry)].append(entry)
    return [_lines_as_one(several, named) for several in together.values()]


def _set_with(entry: AuditEntry) -> object:
    """Return what an entry has in common with those that are told together with it; of most, itself."""
    if entry.action != "target.set":
        return entry.pk
    common = {key: value for key, value in entry.details.items() if key not in _SPREAD}
    return entry.at, entry.actor_id, json.dumps(common, sort_keys=True)


def _lines_as_one(entries: Sequence[AuditEntry], named: Named) -> Line:
    """Return one entry in words, or several targets that were set together: how many, and each with its unit."""
    line = _line(entries[0], named)
    if len(entries) == 1:
        return line
    total = numbers.format_count(len(entries), language())
    each = "; ".join(f"{_named_unit(one, named) or one.subject}: {_change(one)}" for one in reversed(entries))
    details = [(str(KEYS["units"]), each), *_details(entries[0], named, without=_SPREAD)]
    subject = ngettext("%(total)s target", "%(total)s targets", len(entries)) % {"total": total}
    return replace(line, subject=subject, unit=None, place="", details=details)


def _change(entry: AuditEntry) -> str:
    """Return a target as it was set, after the one before it if there was one."""
    values = (entry.details.get("before"), entry.details.get("value"))
    return " → ".join(numbers.format_count(value, language()) for value in values if isinstance(value, int))


def _merger(entry: AuditEntry) -> tuple[datetime, Any]:
    """Return what the entries of one merger have in common."""
    return entry.at, entry.details.get("reorganisation")


def _is_part(entry: AuditEntry) -> bool:
    """Say whether this is the entry of a merger at one of the units that it closed."""
    return entry.action == "merge_units" and entry.subject in entry.details.get("predecessors", [])


def _line(entry: AuditEntry, named: Named) -> Line:
    unit = _unit_of(entry, named)
    is_initiative = entry.subject_kind == "initiative" and entry.subject.isdecimal()
    return Line(
        entry=entry,
        day=clock.day_of(entry.at),
        action=action_label(entry.action),
        subject=_subject(entry, named),
        code=code_of(int(entry.subject)) if is_initiative else "",
        unit=unit,
        place="" if unit is None or _named_unit(entry, named) else unit.short_name,
        details=_details(entry, named),
        face=face_label(entry.face),
    )


def _details(entry: AuditEntry, named: Named, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Return what the record keeps of an entry beside that: what it is called, and what it says."""
    return [
        (str(_KEYS_OF.get((entry.action, key)) or KEYS.get(key, key)), _value(key, value, named))
        for key, value in sorted(entry.details.items(), key=lambda one: _ORDER.get(one[0], len(_ORDER)))
        if key not in _LEFT_OUT and key not in without and value not in _NOTHING
    ]


def _unit_of(entry: AuditEntry, named: Named) -> Unit | None:
    """Return the unit in whose scope it happened."""
    return named.units.get(entry.unit_path[-1]) if entry.unit_path else None


def _named_unit(entry: AuditEntry, named: Named) -> str:
    """Return the name and the code of the unit that it was done to, empty if that is none or not known by name."""
    unit = _unit_of(entry, named)
    if entry.subject_kind != "unit" or unit is None or unit.code != entry.subject:
        return ""
    return f"{unit.short_name} ({unit.code})"


def _subject(entry: AuditEntry, named: Named) -> str:
    """Return what it was done to, in words."""
    kind, code = entry.subject_kind, entry.subject
    if kind == "person":
        person = named.people.get(int(code)) if code.isdecimal() else None
        return "" if person is not None and person.pk == entry.actor_id else person.full_name if person else code
    if kind == "role_grant":
        return ""  # the details say whose and which
    if kind == "bulk":
        return ""  # the action says what it is, and its number says nothing to anybody
    if name := _named_unit(entry, named):
        return name
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
        known = [(name, one) for name, one in value.items() if one not in _NOTHING]
        return "; ".join(f"{KEYS.get(name, name)}: {_value(name, one, named)}" for name, one in known)
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
