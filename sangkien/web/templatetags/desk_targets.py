"""The rows of the table of targets. Drawn here: a thousand of them take a template six times as long."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sangkien.core.numbers import format_count
from sangkien.web.desk.targets.scope import Scope
from sangkien.web.desk.targets.table import Row, Table
from sangkien.web.templatetags.sangkien import language

register = template.Library()


@register.simple_tag
def target_rows(table: Table, scope: Scope) -> SafeString:
    """Draw every unit of the table, with a field for its new target if the officer may set it."""
    labels = [_("Members"), _("Submitted"), _("Registered"), _("Assigned")]
    here, query, lang = reverse("targets"), scope.query_of("__"), language()
    name, figure, field = _templates(labels, _("New assigned target"), here, query)
    drawn = []
    for row in table.rows:
        numbers = (row.unit.members, row.submitted, row.registered, row.present)
        cells = [figure[place] % _written(number, lang) for place, number in enumerate(numbers)]
        cell = name % {"pk": row.unit.pk, "code": escape(row.unit.code), "name": escape(row.unit.short_name)}
        drawn.append(f'<tr role="row">{cell}{"".join(cells)}{_field(row, field) if scope.may_spread else ""}</tr>')
    return mark_safe("\n".join(drawn))  # every part is escaped above, or a number


def _templates(labels: list[str], new: str, here: str, query: str) -> tuple[str, list[str], str]:
    """Return the cells with their places for what differs from row to row: name, figures, field."""
    address = (escape(here + query).replace("%", "%%")).replace("__", "%(code)s")
    name = f'<td role="cell" class="t-u" id="u%(pk)s"><a href="{address}">%(name)s</a></td>'
    figures = [
        f'<td role="cell" class="n{" big" if label == labels[-1] else ""}%s" data-l="{_plain(label)}">%s</td>'
        for label in labels
    ]
    field = (
        f'<td role="cell" class="t-v%(bad)s" data-l="{_plain(new)}">'
        '<input class="form-control num" id="id_value_%(pk)s"'
        ' name="value_%(pk)s" value="%(typed)s" inputmode="numeric" autocomplete="off" maxlength="20"'
        ' data-value="%(present)s" aria-labelledby="moi u%(pk)s"%(fault)s></td>'
    )
    return name, figures, field


def _plain(label: str) -> str:
    """Return a label that can stand in a text with places."""
    return escape(label).replace("%", "%%")


def _written(number: int | None, lang: str) -> tuple[str, str]:
    """Return the class of a figure's cell, which a phone leaves out where there is none, and the figure or a dash."""
    return (" none", "–") if number is None else ("", format_count(number, lang))


def _field(row: Row, field: str) -> str:
    """Return the field for a new target, with what is wrong with it behind it."""
    drawn = field % {
        "pk": row.unit.pk,
        "typed": escape(row.typed),
        "present": "" if row.present is None else row.present,
        "bad": " bad" if row.fault else "",
        "fault": f' aria-invalid="true" aria-describedby="e{row.unit.pk}"' if row.fault else "",
    }
    if not row.fault:
        return drawn
    said = format_html('<span class="error" id="e{}">{}</span>', row.unit.pk, row.fault)
    return f"{drawn.removesuffix('</td>')}{said}</td>"
