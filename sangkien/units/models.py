"""Unions as a tree that changes over time, clusters, and who holds which role over which subtree."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    """What a unit is, as the glossary lists them."""

    CONFEDERATION = "confederation", _("Confederation")
    PROVINCIAL_FEDERATION = "provincial_federation", _("Provincial federation of labour")
    CENTRAL_INDUSTRY_UNION = "central_industry_union", _("Central industry union")
    CORPORATION_UNION = "corporation_union", _("Corporation union")
    DISTRICT_FEDERATION = "district_federation", _("District federation of labour")
    LOCAL_SECTOR_UNION = "local_sector_union", _("Local sector union")
    ZONE_UNION = "zone_union", _("Zone union")
    LOCAL_CORPORATION_UNION = "local_corporation_union", _("Local corporation union")
    UPPER_LEVEL_UNION = "upper_level_union", _("Upper-level union")
    GRASSROOTS_UNION = "grassroots_union", _("Grassroots union")
    OCCUPATIONAL_UNION = "occupational_union", _("Occupational union")
    UNION_SECTION = "union_section", _("Union section")
    UNION_GROUP = "union_group", _("Union group")


class Role(models.TextChoices):
    """A right over a unit and everything below it. The last two are about the programmes that the unit runs."""

    VERIFIER = "verifier", _("Verifier")
    UNIT_ADMINISTRATOR = "unit_administrator", _("Unit administrator")
    VIEWER = "viewer", _("Viewer")
    PROGRAMME_ADMINISTRATOR = "programme_administrator", _("Programme administrator")
    AUDITOR = "auditor", _("Auditor")


class Unit(models.Model):
    """A union. History stays on it for ever, also after it has closed.

    A unit never changes its place: ``parent`` and ``path`` are for ever. One that moves or merges closes, and its
    ``Succession`` names the unit that follows it (decision 15). ``path`` holds the ids from the confederation down to
    the unit, itself last; ``today_path`` the same for what has followed it by now, so that it is ``path`` while the
    unit is open (``trees.roll``). ``closed_on`` is exclusive: the first day on which it is no longer open; it equals
    ``opened_on`` for one that was moved on its first day. ``other_names`` holds the codes of what it has followed too.
    ``search_key`` has no diacritics and holds every name it is known by; ``sort_key`` puts names into Vietnamese order
    by plain comparison.
    """

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=30, choices=UnitKind.choices)
    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    short_vi = models.CharField(max_length=100, blank=True)
    short_en = models.CharField(max_length=100, blank=True)
    other_names = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = ArrayField(models.IntegerField())
    today_path = ArrayField(models.IntegerField())
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    members = models.IntegerField(null=True, blank=True)
    iso_code = models.CharField(max_length=10, blank=True)
    is_invented = models.BooleanField(default=False)
    search_key = models.TextField()
    sort_key = models.TextField()

    class Meta:
        db_table = "units_unit"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="unit_closes_after_opening"
            ),
            models.CheckConstraint(condition=Q(members__isnull=True) | Q(members__gte=0), name="unit_members_counted"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The full name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_vi

    @property
    def short_name(self) -> str:
        """The short name in the reader's language, or the full one."""
        return (self.short_en if get_language() == "en" else self.short_vi) or self.name

    @property
    def level(self) -> int:
        """1 for the confederation, 2 for the units directly under it, and so on."""
        return len(self.path)


class SuccessionKind(models.TextChoices):
    """How one unit follows another."""

    MERGER = "merger", _("Merger")
    SPLIT = "split", _("Split")
    TRANSFER = "transfer", _("Transfer")


class Reorganisation(models.Model):
    """One step in which units close and others follow them, from the day ``on``; it can be undone as a whole."""

    kind = models.CharField(max_length=10, choices=SuccessionKind.choices)
    on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    document = models.CharField(max_length=200, blank=True)
    done = models.JSONField(default=dict)
    """What it changed beside the units, so that it can be undone: stable keys and ids, no personal data."""
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "units_reorganisation"


class Succession(models.Model):
    """``successor`` follows ``predecessor`` from the day ``on``."""

    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="inheritances")
    kind = models.CharField(max_length=10, choices=SuccessionKind.choices)
    on = models.DateField()
    reorganisation = models.ForeignKey(
        Reorganisation, null=True, blank=True, on_delete=models.PROTECT, related_name="successions"
    )

    class Meta:
        db_table = "units_succession"
        constraints = [
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_to_another_unit"),
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
        ]


class RolledUnit(models.Model):
    """Under today's tree, what was counted for ``source`` and all below it also counts for ``unit`` (``sign`` 1), or
    no longer does (-1). Only heads stand here: what moved together is one row. Made anew by every reorganisation,
    from units that exist; the database does not look for each again, which would take longer than all the rest.
    """

    pk = models.CompositePrimaryKey("unit_id", "source_id")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    source = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    sign = models.SmallIntegerField()

    class Meta:
        db_table = "units_rolled_unit"
        constraints = [models.CheckConstraint(condition=Q(sign__in=(1, -1)), name="rolled_sign")]


class FormerName(models.Model):
    """What a unit was called until the day ``until`` (exclusive)."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="former_names")
    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    short_vi = models.CharField(max_length=100, blank=True)
    short_en = models.CharField(max_length=100, blank=True)
    until = models.DateField()

    class Meta:
        db_table = "units_former_name"


class Cluster(models.Model):
    """An emulation cluster of provinces or block of central unions."""

    code = models.CharField(max_length=20, unique=True)
    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    short_vi = models.CharField(max_length=100)
    short_en = models.CharField(max_length=100)
    is_block = models.BooleanField(default=False)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "units_cluster"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The full name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_vi

    @property
    def short_name(self) -> str:
        """The short name in the reader's language."""
        return self.short_en if get_language() == "en" else self.short_vi


class ClusterMembership(models.Model):
    """A unit competes in a cluster from ``since`` until ``until`` (exclusive; open when empty)."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cluster_memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "units_cluster_membership"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="membership_in_order"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(until__isnull=True), name="one_open_cluster_membership"
            ),
        ]


class Membership(models.Model):
    """A person belongs to a unit."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "units_membership"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="person_membership_in_order"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="one_open_membership"),
        ]


class RoleGrant(models.Model):
    """A person holds a role over a unit and all below it, from a moment until a moment (exclusive).

    ``until`` may have been set when it was granted; ``ended_by`` says who took it away before.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30, choices=Role.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "units_role_grant"
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="grant_in_order"),
            models.UniqueConstraint(
                fields=["person", "unit", "role"], condition=Q(until__isnull=True), name="one_open_grant"
            ),
        ]


class UnitRequest(models.Model):
    """Somebody does not find their unit and asks for it; an officer of ``above``, or of a unit above that, settles it.

    Settled, it names the ``unit`` that the person then belongs to; refused, only the answer. Who finds their unit
    meanwhile, or gives up, takes it back.
    """

    class State(models.TextChoices):
        """Where a request stands."""

        WAITING = "waiting", _("Waiting")
        SETTLED = "settled", _("Settled")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    above = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "units_unit_request"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="waiting"), name="one_waiting_request"),
        ]
