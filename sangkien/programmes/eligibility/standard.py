"""The standard rules: the conditions of the programme and of the Điều lệ Sáng kiến, in words for workers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sangkien.people.models import system_actor
from sangkien.programmes.models import EligibilityRule, Programme, RuleOutcome

_PROGRAMME_VI = "Điều kiện tham gia chương trình “1 triệu sáng kiến”"
_PROGRAMME_EN = "Conditions of the programme “1 million initiatives”"
_GUIDANCE_VI = "Hướng dẫn 46/HD-TLĐ ngày 30/12/2021 của Tổng Liên đoàn: công nhận trước, gửi sau"
_GUIDANCE_EN = "Guidance 46/HD-TLĐ of 30/12/2021 of the Confederation: first recognised, then submitted"
_STATUTE_VI = "Điều lệ Sáng kiến (Nghị định 13/2012/NĐ-CP)"
_STATUTE_EN = "Statute on Initiatives (Decree 13/2012/NĐ-CP)"


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a version of a rule says: everything that a programme may change (see ``EligibilityRule``)."""

    code: str
    check_name: str
    outcome: RuleOutcome
    field: str
    reason: str
    sentence_vi: str
    sentence_en: str
    source_vi: str
    source_en: str
    position: int = 0
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, rule: EligibilityRule) -> RuleText:
        """Return what an existing version says, to be changed by ``dataclasses.replace``."""
        return cls(**{f.name: getattr(rule, f.name) for f in fields(cls)})

    def values(self) -> dict[str, Any]:
        """Return the fields of ``EligibilityRule``."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"parameters": dict(self.parameters)}


STANDARD_RULES = (
    RuleText(
        code="phase_open",
        check_name="phase_open",
        outcome=RuleOutcome.REFUSE,
        field="",
        reason="phase_closed",
        sentence_vi=(
            "Sáng kiến chỉ gửi được khi một giai đoạn của chương trình đang mở. Nếu chưa đến lúc, bạn cứ lưu nháp và "
            "gửi khi giai đoạn mới mở."
        ),
        sentence_en=(
            "Initiatives can be sent only while a phase of the programme is open. If none is, keep your draft and send "
            "it when the next phase opens."
        ),
        source_vi=_PROGRAMME_VI,
        source_en=_PROGRAMME_EN,
        position=1,
    ),
    RuleText(
        code="kind_counts",
        check_name="kind_counts",
        outcome=RuleOutcome.REFUSE,
        field="kind",
        reason="kind_not_counted",
        sentence_vi=(
            "Chương trình nhận giải pháp kỹ thuật, giải pháp quản lý, giải pháp tác nghiệp, ứng dụng tiến bộ kỹ thuật "
            "và đề tài nghiên cứu. Hãy chọn loại gần nhất với việc bạn đã làm."
        ),
        sentence_en=(
            "The programme takes technical, management and operational solutions, applications of technical progress "
            "and research projects. Choose the kind that is closest to what you did."
        ),
        source_vi=f"{_PROGRAMME_VI}; {_STATUTE_VI}, Điều 3",
        source_en=f"{_PROGRAMME_EN}; {_STATUTE_EN}, article 3",
        position=2,
        parameters={
            "kinds": [
                "technical_solution",
                "management_solution",
                "operational_solution",
                "technology_application",
                "research_project",
            ]
        },
    ),
    RuleText(
        code="applied_in_window",
        check_name="applied_in_window",
        outcome=RuleOutcome.REFUSE,
        field="applied_on",
        reason="outside_window",
        sentence_vi=(
            "Chương trình tính sáng kiến áp dụng lần đầu từ %(first)s đến %(last)s. Nếu ngày bạn ghi là ngày chạy thử, "
            "hãy ghi ngày dùng chính thức."
        ),
        sentence_en=(
            "The programme counts initiatives first applied from %(first)s to %(last)s. If the day that you gave is "
            "that of a trial run, give the day on which it was put to regular use."
        ),
        source_vi=_PROGRAMME_VI,
        source_en=_PROGRAMME_EN,
        position=3,
    ),
    RuleText(
        code="applied_by_now",
        check_name="applied_by_now",
        outcome=RuleOutcome.REFUSE,
        field="applied_on",
        reason="not_applied_yet",
        sentence_vi=(
            "Sáng kiến phải được áp dụng rồi mới gửi được, nên ngày áp dụng lần đầu không thể sau hôm nay. Hãy xem lại "
            "ngày, hoặc lưu nháp và gửi sau khi đã áp dụng."
        ),
        sentence_en=(
            "An initiative can be sent only after it has been applied, so the day of first application cannot be after "
            "today. Check the day, or keep your draft and send it once it is in use."
        ),
        source_vi=f"{_STATUTE_VI}, Điều 3",
        source_en=f"{_STATUTE_EN}, article 3",
        position=4,
    ),
    RuleText(
        code="recognised",
        check_name="recognised",
        outcome=RuleOutcome.REFUSE,
        field="recognised_by",
        reason="not_recognised",
        sentence_vi=(
            "Sáng kiến phải được hội đồng sáng kiến hoặc thủ trưởng đơn vị công nhận trước khi gửi. Hãy ghi nơi đã "
            "công nhận; nếu chưa có, hãy đề nghị công đoàn cơ sở cùng đơn vị xét trước."
        ),
        sentence_en=(
            "An initiative must be recognised by an initiative council or the head of the unit before it is sent. Say "
            "who recognised it; if nobody has yet, ask your grassroots union to have it assessed first."
        ),
        source_vi=f"{_PROGRAMME_VI}; {_GUIDANCE_VI}",
        source_en=f"{_PROGRAMME_EN}; {_GUIDANCE_EN}",
        position=5,
    ),
    RuleText(
        code="recognised_by_now",
        check_name="recognised_by_now",
        outcome=RuleOutcome.REFUSE,
        field="recognised_on",
        reason="not_recognised_yet",
        sentence_vi=(
            "Sáng kiến được công nhận rồi mới gửi, nên ngày công nhận không thể sau hôm nay. Hãy ghi ngày trên quyết "
            "định hoặc giấy chứng nhận."
        ),
        sentence_en=(
            "An initiative is recognised before it is sent, so the day of recognition cannot be after today. Give the "
            "day on the decision or certificate."
        ),
        source_vi=_GUIDANCE_VI,
        source_en=_GUIDANCE_EN,
        position=6,
    ),
    RuleText(
        code="applied_before_recognised",
        check_name="applied_before_recognised",
        outcome=RuleOutcome.WARN,
        field="recognised_on",
        reason="recognised_before_applied",
        sentence_vi=(
            "Sáng kiến được áp dụng rồi mới được công nhận, nên ngày công nhận thường không sớm hơn ngày áp dụng lần "
            "đầu. Hãy xem lại hai ngày này; nếu đúng như vậy, bạn vẫn gửi được và cán bộ xác minh sẽ xem xét."
        ),
        sentence_en=(
            "An initiative is applied before it is recognised, so the day of recognition is not normally before that "
            "of first application. Check the two days; if they are right, you can still send it and the officer will "
            "look at it."
        ),
        source_vi=f"{_STATUTE_VI}, Điều 3",
        source_en=f"{_STATUTE_EN}, article 3",
        position=7,
    ),
    RuleText(
        code="asked_in_time",
        check_name="asked_in_time",
        outcome=RuleOutcome.WARN,
        field="applied_on",
        reason="asked_late",
        sentence_vi=(
            "Đơn yêu cầu công nhận sáng kiến phải nộp trong thời hạn %(years)s năm kể từ ngày áp dụng lần đầu. Bạn vẫn "
            "gửi được; nếu đơn đã nộp đúng hạn, hãy đính kèm bản chụp đơn để cán bộ xác minh thấy ngày nộp."
        ),
        sentence_en=(
            "Recognition must be asked for within %(years)s year(s) of the first application. You can still send it; "
            "if it was asked for in time, attach a picture of the request, so that the officer sees its date."
        ),
        source_vi=f"{_STATUTE_VI}, Điều 5 khoản 2",
        source_en=f"{_STATUTE_EN}, article 5(2)",
        position=8,
        parameters={"years": 1},
    ),
    RuleText(
        code="document_given",
        check_name="document_given",
        outcome=RuleOutcome.WARN,
        field="recognition_document",
        reason="missing_document",
        sentence_vi=(
            "Cán bộ xác minh sẽ hỏi số quyết định hoặc giấy chứng nhận công nhận. Chưa ghi thì bạn vẫn gửi được, nhưng "
            "sáng kiến có thể bị trả lại để bổ sung."
        ),
        sentence_en=(
            "The officer will ask for the number of the decision or certificate of recognition. You can send it "
            "without, but it may be returned for completion."
        ),
        source_vi=_GUIDANCE_VI,
        source_en=_GUIDANCE_EN,
        position=9,
    ),
    RuleText(
        code="not_ip_protected",
        check_name="not_ip_protected",
        outcome=RuleOutcome.REFUSE,
        field="is_ip_protected",
        reason="ip_protected",
        sentence_vi=(
            "Chương trình không tính giải pháp đang được bảo hộ quyền sở hữu trí tuệ, ví dụ đã có bằng độc quyền sáng "
            "chế. Nếu bạn đánh dấu nhầm, hãy bỏ dấu; nếu chưa rõ, hãy hỏi công đoàn cơ sở của bạn."
        ),
        sentence_en=(
            "The programme does not count a solution under intellectual-property protection, such as one with a "
            "patent. If you ticked this by mistake, take the tick away; if you are not sure, ask your grassroots union."
        ),
        source_vi=f"{_PROGRAMME_VI}; {_STATUTE_VI}, Điều 3",
        source_en=f"{_PROGRAMME_EN}; {_STATUTE_EN}, article 3",
        position=10,
    ),
)
"""Reviewed texts: what, why, what to do next. Changes here reach programmes that have none of a rule's versions yet."""

INSTALLER = "standard-rules"


def install_standard_rules(programme: Programme, *, at: datetime) -> list[EligibilityRule]:
    """Give the programme every standard rule of which it has no version yet, in force from ``at``; return the new ones.

    Safe to repeat: what the programme has changed since is left alone.
    """
    there = set(EligibilityRule.objects.filter(programme=programme).values_list("code", flat=True))
    installer = system_actor(INSTALLER)
    return EligibilityRule.objects.bulk_create(
        EligibilityRule(
            programme=programme, version=1, effective_at=at, recorded_at=at, recorded_by=installer, **rule.values()
        )
        for rule in STANDARD_RULES
        if rule.code not in there
    )
