"""What the API answers with. Every field says what it is and in which unit.

Names stand in Vietnamese (``name``) with the English one beside it (``name_en``), whatever language is asked for: data
are data. Money is whole đồng, progress a number with one decimal, a share a whole percentage, a moment ISO 8601 in
Vietnam time. Every cut-off is exclusive.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

BasisCode = Literal["assigned", "registered"]
TreeCode = Literal["then", "today"]


class Named(BaseModel):
    """Something with a code and a name in both languages."""

    code: str = Field(description="Stable code.")
    name: str = Field(description="Name in Vietnamese.")
    name_en: str = Field(description="Name in English.")


class UnitRef(Named):
    """A union, named."""

    short_name: str = Field(description="Short name in Vietnamese, as tables show it.")


class Answer(BaseModel):
    """What every answer with figures carries: the moments that it holds for."""

    as_of: datetime = Field(description="The cut-off that the figures hold for: Vietnam time, exclusive.")
    as_of_text: str = Field(description='The same cut-off as people write it: "24h00 31/5/2022".')
    known_at: datetime = Field(
        description="Up to which moment decisions are taken into account (Vietnam time, exclusive). The cut-off itself,"
        " or with known_at=now the newest moment for which figures are final."
    )
    is_earlier_than_asked: bool = Field(
        description="True if figures are not yet final up to the moment asked for, so that the answer stops before it."
    )


class TreeAnswer(Answer):
    """What every answer about units carries beside: the tree by which they are added up."""

    tree: TreeCode = Field(
        description="then: as it stood. today: what was counted for a unit counts for the unit that follows it today."
    )


class Figures(BaseModel):
    """What is counted."""

    submitted: int = Field(description="Initiatives submitted; never taken back.")
    valid: int = Field(description="Of these, found valid.")
    invalid: int = Field(description="Of these, found invalid.")
    returned: int = Field(description="Of these, returned for completion and not yet sent again.")
    withdrawn: int = Field(description="Of these, withdrawn.")
    waiting: int = Field(description="Of these, waiting for a decision.")
    benefit_claimed_vnd: int = Field(description="First-year benefit that the authors claim, whole đồng.")
    benefit_verified_vnd: int = Field(
        description="First-year benefit of the valid initiatives as verified, whole đồng."
    )


class TargetOut(BaseModel):
    """Progress towards one target."""

    basis: BasisCode = Field(description="Who set the target: the level above (assigned), or the unit (registered).")
    phase: int | None = Field(description="Number of the phase that the target is for; null: the whole programme.")
    value: int = Field(description="The target, in initiatives.")
    progress_percent: float = Field(description="Count as a percentage of the target, cut to one decimal.")
    excess: int = Field(description="Count less target; below zero while short of it.")


class ProgrammePart(BaseModel):
    """The whole programme's target."""

    code: str = Field(description="Code of the programme.")
    target: int | None = Field(description="Target for the whole programme, in initiatives; null without one.")
    basis: BasisCode | None = Field(description="Who set it; null without a target.")
    progress_percent: float | None = Field(description="Percentage of it, cut to one decimal; null without one.")
    excess: int | None = Field(description="Count less target; null without one.")


class PhasePart(BaseModel):
    """A phase and its target."""

    number: int = Field(description="Number of the phase.")
    submitted: int = Field(description="Initiatives submitted in this phase.")
    valid: int = Field(description="Of these, found valid.")
    target: int | None = Field(description="Target for this phase, in initiatives; null without one.")
    basis: BasisCode | None = Field(description="Who set it; null without a target.")
    progress_percent: float | None = Field(description="Percentage of it, cut to one decimal; null without one.")
    excess: int | None = Field(description="Count less target; null without one.")
    met_on: date | None = Field(description="Vietnamese day on which the target was reached; null while it is not.")
    days_early: int | None = Field(description="How many days before the last day of the phase that was.")


class CategoryPart(Named):
    """One category of principal authors."""

    count: int = Field(description="Initiatives submitted by authors of this category.")
    share_percent: int = Field(description="Whole percentage, rounded half-up; shares need not add up to 100.")


class SummaryOut(Figures, TreeAnswer):
    """A programme, or one unit's part of it, at a moment."""

    unit: UnitRef = Field(description="Whose figures these are, with everything below it.")
    programme: ProgrammePart = Field(description="Progress towards the target of the whole programme.")
    phase: PhasePart | None = Field(description="The phase asked for; null if none had opened by then.")
    phases: list[PhasePart] = Field(description="Every phase that had opened by then.")
    categories: list[CategoryPart] = Field(description="The figures by category; they add up to what was submitted.")


class BoardRowOut(Figures):
    """One unit on a board."""

    rank: int = Field(description="Rank by initiatives submitted; equal counts share a rank (1, 2, 2, 4).")
    rank_change: int | None = Field(
        description="Places gained on the whole board since the day compared with (below zero: lost);"
        " null if it was not on the board then."
    )
    unit: UnitRef = Field(description="The unit, with everything below it.")
    cluster: Named | None = Field(description="The cluster or block in which it competes; null for none.")
    submitted_in_phase: int = Field(description="Initiatives submitted in the board's phase.")
    valid_in_phase: int = Field(description="Of these, found valid.")
    targets: list[TargetOut] = Field(description="Targets in force at the moment: of the phase, then of the programme.")


class BoardSum(BaseModel):
    """A sum of rows."""

    submitted: int = Field(description="Initiatives submitted.")
    valid: int = Field(description="Of these, found valid.")
    benefit_claimed_vnd: int = Field(description="First-year benefit that the authors claim, whole đồng.")


class BoardGroupOut(BoardSum):
    """One cluster or block; the three figures are the sum of its rows."""

    cluster: Named | None = Field(description="The cluster or block; null for units in none.")
    units: int = Field(description="How many units it has.")
    units_met: int = Field(description="How many of them have met their target of the board's phase.")
    rows: list[BoardRowOut] = Field(description="Its units, ranked within it.")


class BoardHead(TreeAnswer):
    """What both forms of a board share."""

    unit: UnitRef = Field(description="The unit whose direct units are compared.")
    phase: int | None = Field(description="Number of the phase that targets are of; null if none had opened by then.")
    since: datetime = Field(description="The moment that ranks are compared with: Vietnam time, exclusive.")
    total: BoardSum = Field(description="The unit's own board head: the sum of all rows and of what it entered itself.")
    own: BoardSum = Field(description="What the unit entered itself.")


class BoardByUnit(BoardHead):
    """group=unit: all units, ranked over all."""

    rows: list[BoardRowOut] = Field(description="All units, ranked over all.")


class BoardByCluster(BoardHead):
    """group=cluster: units by cluster or block, ranked within each."""

    groups: list[BoardGroupOut] = Field(description="The clusters and blocks in their usual order.")


class DayOut(BaseModel):
    """The end of one Vietnamese day."""

    day: date = Field(description="The Vietnamese day.")
    submitted: int = Field(description="Submitted before its 24h00, since the programme began (cumulative).")
    valid: int = Field(description="Found valid before its 24h00 (cumulative).")


class TimelineOut(TreeAnswer):
    """How a programme, or one unit's part of it, grew day by day."""

    unit: UnitRef = Field(description="Whose figures these are, with everything below it.")
    days: list[DayOut] = Field(description="One for each day, the earliest first.")


class PhaseOut(BaseModel):
    """A window of submission."""

    number: int = Field(description="Number of the phase.")
    name: str = Field(description="Name in Vietnamese.")
    name_en: str = Field(description="Name in English.")
    opens_at: datetime = Field(description="From when submissions are taken (Vietnam time).")
    closes_at: datetime = Field(description="Until when: Vietnam time, exclusive.")
    closes_at_text: str = Field(description='The same as people write it: "24h00 31/5/2022".')
    applied_from: date = Field(description="First day on which an eligible initiative may first have been applied.")
    applied_until: date = Field(description="Last such day, inclusive.")


class ProgrammeOut(Named):
    """A programme and its phases."""

    owner: UnitRef = Field(description="The union that runs it.")
    starts_at: datetime = Field(description="When it begins (Vietnam time).")
    ends_at: datetime = Field(description="When it ends: Vietnam time, exclusive.")
    headline_phase: int | None = Field(description="Number of the phase that is shown first; null: the current one.")
    phases: list[PhaseOut] = Field(description="Its phases by number.")
    notice: str = Field(description="What must be known about this programme's data, in Vietnamese; may be empty.")
    notice_en: str = Field(description="The same in English.")


class ProgrammesOut(BaseModel):
    """Every programme, the newest first."""

    programmes: list[ProgrammeOut] = Field(description="Every programme, the newest first.")


class RuleVersion(BaseModel):
    """One version of a rule of eligibility."""

    version: int = Field(description="Number of the version: 1, 2, 3, …")
    outcome: Literal["refuse", "warn"] = Field(
        description="What follows when it is not met: refuse (cannot be sent), warn (an officer looks at it)."
    )
    field: str | None = Field(description="The input at fault when it is not met; null if there is none.")
    reason: str = Field(description="Stable code of why an initiative is refused or looked at.")
    check: str = Field(description="Stable code of the check that decides.")
    parameters: dict[str, Any] = Field(description="The numbers and codes that the check is given.")
    sentence: str = Field(description="What is wanted and what to do, in Vietnamese, with the days of the phase.")
    sentence_en: str = Field(description="The same in English.")
    source: str = Field(description="Where the rule comes from, in Vietnamese.")
    source_en: str = Field(description="The same in English.")
    effective_at: datetime = Field(description="From when it is in force (Vietnam time).")
    ended_at: datetime | None = Field(description="Until when: Vietnam time, exclusive; null: no end is known.")


class RuleOut(RuleVersion):
    """A rule of eligibility: the version in force, with the others beside it."""

    code: str = Field(description="Stable code of the rule.")
    former: list[RuleVersion] = Field(description="Versions before it, the newest first.")
    announced: list[RuleVersion] = Field(description="Versions known now that take its place later, the soonest first.")


class RulesOut(BaseModel):
    """The rules of eligibility at a moment."""

    programme: str = Field(description="Code of the programme.")
    as_of: datetime | None = Field(
        description="The moment that was asked for: Vietnam time, exclusive; null: now, when the answer was made."
    )
    phase: int | None = Field(
        description="Number of the phase whose days stand in the sentences: the last that had opened, else the first."
    )
    rules: list[RuleOut] = Field(description="The rules in force, in the programme's order.")


class UnitLine(UnitRef):
    """A union in a list."""

    kind: str = Field(description="What kind of union it is.")
    level: int = Field(description="1 for the confederation, 2 for the units directly under it, and so on.")
    parent: str | None = Field(description="Code of the unit directly above; null at the top.")
    opened_on: date = Field(description="First day on which it was open.")
    closed_on: date | None = Field(description="First day on which it was no longer open (exclusive); null: open.")
    ancestors: list[UnitRef] = Field(description="The units above it, the top first.")


class UnitsOut(BaseModel):
    """Units found."""

    units: list[UnitLine] = Field(description="The units, at most 100 in a search.")


class FormerNameOut(BaseModel):
    """What a unit was called before."""

    name: str = Field(description="Name in Vietnamese.")
    name_en: str = Field(description="Name in English.")
    until: date = Field(description="First day on which it was no longer called so (exclusive).")


class SuccessionOut(BaseModel):
    """One unit followed another."""

    unit: UnitRef = Field(description="The other unit.")
    kind: str = Field(description="How: merger, split or transfer.")
    on: date = Field(description="From which day.")


class UnitOut(UnitLine):
    """A union and where it stands."""

    other_names: list[str] = Field(description="Other names it is known by, codes of units that it follows among them.")
    former_names: list[FormerNameOut] = Field(description="What it was called before, the last first.")
    follows: list[SuccessionOut] = Field(description="The units that it directly follows.")
    followed_by: list[SuccessionOut] = Field(description="What directly follows it; empty while it is open.")
    members: int | None = Field(description="Members, if known.")
    cluster: Named | None = Field(description="The cluster or block in which it competes today; null for none.")


class InitiativeLine(BaseModel):
    """An initiative in a list."""

    code: str = Field(description="Public code, like SK-7XQ4-M2KD.")
    title: str = Field(description="Its title.")
    is_secret: bool = Field(description="True if it is a secret technology: only title, effect and award are public.")
    kind: str = Field(description="Kind of solution.")
    field: Named = Field(description="Field of application.")
    unit: UnitRef = Field(description="The union for which it counts: that of the principal author.")
    category: str = Field(description="Category of the principal author.")
    state: str = Field(description="Where it stands: submitted, returned or valid.")
    submitted_at: datetime = Field(description="When it was first submitted (Vietnam time).")
    decided_at: datetime | None = Field(description="When it was last decided on (Vietnam time); null while it waits.")
    benefit_claimed_vnd: int | None = Field(
        description="First-year benefit that the authors claim, whole đồng; null if it cannot be computed."
    )
    benefit_verified_vnd: int | None = Field(description="The same as verified, whole đồng; null while it is not.")


class InitiativesOut(BaseModel):
    """A page of initiatives, the newest first."""

    initiatives: list[InitiativeLine] = Field(description="The newest first.")
    next_after: str | None = Field(description="Pass it as after= for the next page; null on the last one.")


class AuthorOut(BaseModel):
    """An author; no other personal data are public."""

    name: str = Field(description="Full name.")
    is_principal: bool = Field(description="True for the principal author, whose unit counts.")


class EventOut(BaseModel):
    """Something that happened to an initiative."""

    kind: str = Field(description="What happened.")
    at: datetime = Field(description="When (Vietnam time).")


class InitiativeOut(InitiativeLine):
    """An initiative in full."""

    ordinal: int | None = Field(description="Which number it was in the programme: 1, 2, 3, …; null until counted.")
    programme: str = Field(description="Code of the programme.")
    phase: int | None = Field(description="Number of the phase in which it was submitted.")
    problem: str | None = Field(description="What was in the way before. This and other descriptions: null if secret.")
    solution: str | None = Field(description="What was done about it.")
    novelty: str | None = Field(description="What is new about it.")
    conditions: str | None = Field(description="What is needed to apply it.")
    applied_scope: str | None = Field(description="Where it applies.")
    applicable_scope: str | None = Field(description="Where else it could be applied.")
    applied_on: date | None = Field(description="Vietnamese day on which it was first applied; null if secret.")
    recognised_by: str | None = Field(description="Council or head of unit that recognised it; null if secret.")
    recognition_document: str | None = Field(description="Number of the decision of recognition; null if secret.")
    recognised_on: date | None = Field(description="Day of that decision; null if secret.")
    social_benefit: str = Field(description="Benefit that is not in money; of a secret technology, its effect.")
    award: str = Field(description="Award that it was given, if any.")
    no_benefit_reason: str | None = Field(description="Why the benefit cannot be computed, where it cannot.")
    authors: list[AuthorOut] = Field(description="The authors, the principal one first.")
    events: list[EventOut] = Field(description="What happened to it, in order.")


class ProblemError(BaseModel):
    """One input at fault."""

    field: str = Field(description="Name of the parameter.")
    code: str = Field(description="Stable code of what is wrong with it.")
    detail: str = Field(description="A sentence for people, in the language asked for.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457, application/problem+json)."""

    type: str = Field(description="Address of the description of this kind of problem.")
    title: str = Field(description="Kind of problem, in the language asked for (Accept-Language: vi or en).")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What was wrong here: a sentence for people, in the language asked for.")
    code: str = Field(description="Stable code of what was wrong here.")
    field: str | None = Field(default=None, description="The parameter at fault, when there is a single one.")
    errors: list[ProblemError] = Field(default_factory=list, description="Every parameter at fault.")
