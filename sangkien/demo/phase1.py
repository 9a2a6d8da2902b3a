"""Loading phase 1 of the real programme, made to measure: what is planned becomes initiatives, authors and events."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from sangkien.core.errors import Conflict
from sangkien.demo.plan import CATEGORIES, DECISION_KINDS, REASONS, Plan, build_plan
from sangkien.demo.stories.picking import MEMBER, Stories, plan_stories
from sangkien.demo.stories.telling import stories_are_told, tell_stories
from sangkien.demo.stories.texts import retold
from sangkien.demo.texts import DemoText, text_for
from sangkien.demo.world import PROGRAMME_CODE, make_world
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import EventKind
from sangkien.people.models import Person, system_actor
from sangkien.programmes.models import Field, Programme
from sangkien.tally.history import PastAuthor, PastInitiative, PastStep, Progress, load_history
from sangkien.tally.models import HistoryLoad

PART_SIZE = 8_000
_NAME = "phase-1 at scale "
_DAY_US = 86_400_000_000
_VIETNAM_OFFSET_US = 7 * 3_600_000_000
_FIRST_APPLIED = (date(2021, 9, 1) - date(1970, 1, 1)).days
_NO_MONEY_REASON = "Hiệu quả không quy được thành tiền hoặc chưa đủ số liệu để tính."

# What an officer wrote, by reason. Data of the demo, in the language of its programme.
_NOTES = {
    "not_recognised": "Chưa có quyết định công nhận của hội đồng sáng kiến hoặc thủ trưởng đơn vị.",
    "outside_window": "Thời điểm áp dụng lần đầu nằm ngoài khoảng thời gian được tính của chương trình.",
    "duplicate": "Sáng kiến này đã được gửi trước đó.",
    "not_applied": "Giải pháp mới ở mức đề xuất, chưa áp dụng thực tế tại đơn vị.",
    "ip_protected": "Giải pháp đang được bảo hộ quyền sở hữu trí tuệ.",
    "missing_document": "Thiếu trang ký của quyết định công nhận, đề nghị bổ sung.",
    "incomplete": "Phần mô tả giải pháp còn sơ lược, đề nghị nêu rõ cách làm và kết quả.",
    "": "",
}
_OTHER_NOTES = {
    EventKind.RESUBMITTED: "Đã bổ sung theo yêu cầu.",
    EventKind.REINSTATED: "Đơn vị đã gửi quyết định công nhận, đưa lại vào diện xem xét.",
    EventKind.WITHDRAWN: "Tác giả đề nghị rút để hoàn thiện.",
}


def demo_is_ready() -> bool:
    """Say whether a demo has been loaded and counted, and its stories have been told."""
    is_loaded = HistoryLoad.objects.filter(name__startswith=_NAME, counted_at__isnull=False).exists()
    return is_loaded and stories_are_told()


def load_demo(
    scale: float = 1.0,
    *,
    processes: int = 1,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda _text: None,
) -> bool:
    """Load phase 1 at this scale unless it is there already; returns whether anything had to be done.

    A load that was cut off is finished at the scale at which it began. Raises Conflict when the database holds a
    programme of somebody else's, and ValueError for a scale that is not above 0 and at most 1.
    """
    if demo_is_ready():
        return False
    begun = HistoryLoad.objects.filter(name__startswith=_NAME).first()
    if begun is not None:
        scale = float(begun.name.removeprefix(_NAME))
    elif Initiative.objects.exists():
        raise Conflict("the demo goes into an empty database only; this one holds initiatives", code="not_empty")
    say("plan")
    plan = build_plan(scale)
    say("world")
    programme = Programme.objects.filter(code=PROGRAMME_CODE).first() or make_world(plan)
    say("history")
    stories = plan_stories(plan)
    load_history(
        name=f"{_NAME}{scale}",
        programme=programme,
        parts=-(-len(plan.submissions) // PART_SIZE),
        source=PlannedHistory(plan, stories, programme),
        processes=processes,
        progress=progress,
    )
    tell_stories(stories)
    return True


class PlannedHistory:
    """Yields the plan's initiatives part by part, with texts and people. The same whenever it is asked."""

    def __init__(self, plan: Plan, stories: Stories, programme: Programme) -> None:
        self._plan = plan
        self._texts = stories.texts
        self._member = Person.objects.get(username=MEMBER).full_name
        people = dict(
            Person.objects.filter(username__in=set(stories.submitters.values())).values_list("username", "pk")
        )
        self._submitters = {index: people[username] for index, username in stories.submitters.items()}
        self._phase_id = programme.phases.get(number=1).pk
        self._fields = dict(Field.objects.values_list("code", "pk"))
        self._paths = _paths(plan)
        self._workplaces = [unit.name_vi.removeprefix("CĐCS ") for unit in plan.units]
        self._submitter = _named_system_actor("demo-entry", "Cán bộ nhập liệu (minh họa)").pk
        self._officer = _named_system_actor("demo-verification", "Cán bộ xác minh (minh họa)").pk
        self._by_submission = array("i", sorted(range(len(plan.decisions)), key=plan.decisions.submission.__getitem__))

    def __call__(self, part: int) -> Iterator[PastInitiative]:
        """Yield the initiatives of one part, numbered from 1 in the order of their submission."""
        first = part * PART_SIZE
        last = min(first + PART_SIZE, len(self._plan.submissions))
        place = self._first_decision_of(first)
        for index in range(first, last):
            steps: list[PastStep] = []
            while place < len(self._by_submission):
                decision = self._by_submission[place]
                if self._plan.decisions.submission[decision] != index:
                    break
                steps.append(self._step(decision, self._submitters.get(index, self._submitter)))
                place += 1
            yield self._initiative(index, steps)

    def _first_decision_of(self, submission: int) -> int:
        """Return the place of the first decision on this submission or a later one (binary search)."""
        low, high = 0, len(self._by_submission)
        while low < high:
            middle = (low + high) // 2
            if self._plan.decisions.submission[self._by_submission[middle]] < submission:
                low = middle + 1
            else:
                high = middle
        return low

    def _step(self, decision: int, submitter: int) -> PastStep:
        """Return one decision as a step of history; ``submitter`` (id) entered what is decided."""
        decisions = self._plan.decisions
        kind = EventKind(DECISION_KINDS[decisions.kind[decision]])
        reason = REASONS[decisions.reason[decision]] if decisions.reason[decision] >= 0 else ""
        verified = decisions.benefit_verified[decision]
        by_author = kind in (EventKind.RESUBMITTED, EventKind.WITHDRAWN)
        return PastStep(
            kind=kind,
            at_us=decisions.at_us[decision],
            actor_id=submitter if by_author else self._officer,
            verified=verified if kind is EventKind.VALIDATED and verified >= 0 else None,
            reason=reason,
            note=_NOTES[reason] or _OTHER_NOTES.get(kind, ""),
        )

    def _initiative(self, index: int, steps: list[PastStep]) -> PastInitiative:
        """Return one submission with its text."""
        submissions = self._plan.submissions
        category = CATEGORIES[submissions.category[index]]
        unit = submissions.unit[index]
        workplace = self._workplaces[unit]
        benefit = submissions.benefit[index] if submissions.benefit[index] >= 0 else None
        text = self._text(index, category, unit, benefit)
        return PastInitiative(
            number=index + 1,
            phase_id=self._phase_id,
            unit_path=self._paths[unit],
            category=category,
            kind=text.kind,
            field_id=self._fields[text.field],
            title=text.title,
            problem=text.problem,
            solution=text.solution,
            novelty=text.novelty,
            applied_scope=text.applied_scope,
            applied_on=_day_before(submissions.at_us[index], text.wait_days),
            recognised_by=text.recognised_by,
            recognition_document=text.recognition_document,
            benefit_claimed=benefit,
            no_benefit_reason="" if benefit is not None else _NO_MONEY_REASON,
            social_benefit=text.social_benefit,
            submitter_id=self._submitters.get(index, self._submitter),
            at_us=submissions.at_us[index],
            authors=[PastAuthor(name, category, title, share, workplace) for name, title, share in text.authors],
            steps=steps,
        )

    def _text(self, index: int, category: str, unit: int, benefit: int | None) -> DemoText:
        """Return the text of one submission: composed, or written for a story."""
        text = text_for(index + 1, category, self._plan.units[unit].name_vi, benefit)
        key = self._texts.get(index)
        return text if key is None else retold(key, text, self._member)


def _paths(plan: Plan) -> list[tuple[int, ...]]:
    """Return each planned unit's path of ids: its position plus one, after its parent's path."""
    place = plan.unit_index()
    paths: list[tuple[int, ...]] = []
    for index, unit in enumerate(plan.units):
        above = paths[place[unit.parent_code]] if unit.parent_code else ()
        paths.append((*above, index + 1))
    return paths


def _day_before(at_us: int, days: int) -> str:
    """Return the Vietnamese day ``days`` before a moment, at the earliest the first that counts, as ISO text."""
    return _iso_day(max((at_us + _VIETNAM_OFFSET_US) // _DAY_US - days, _FIRST_APPLIED))


@cache
def _iso_day(days: int) -> str:
    """Return a day, counted from 1/1/1970, as ISO text."""
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _named_system_actor(name: str, full_name: str) -> Person:
    """Return a named part of the system with a name that people can read."""
    actor = system_actor(name)
    if actor.full_name != full_name:
        actor.full_name = full_name
        actor.save(update_fields=["full_name"])
    return actor
