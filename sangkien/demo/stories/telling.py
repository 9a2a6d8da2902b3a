"""The last steps of the demo's stories: its officers and its member act, by the same actions as in the portal.

Every step looks whether it has been taken. So a start that was killed in the middle is finished by the next one, and
nothing is done twice, whatever visitors have done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from django.db import transaction

from sangkien.demo.stories.picking import (
    DISTRICT,
    ENTERED_BY_OFFICER,
    ENTERED_BY_OTHERS,
    MEMBER,
    NEWCOMER,
    OFFICER,
    Stories,
)
from sangkien.demo.world import PROGRAMME_CODE
from sangkien.initiatives import bulk
from sangkien.initiatives.actions import answer_authorship, appeal, mark_invalid, mark_valid, return_initiative
from sangkien.initiatives.models import Appeal, Author, Initiative, Response
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.models import Person
from sangkien.programmes.actions.verification import revise_verification_terms
from sangkien.programmes.models import Programme, VerificationTerms
from sangkien.tally.fold import fold_all
from sangkien.units.actions.joining import request_unit
from sangkien.units.models import Unit, UnitRequest

ABOVE: Final = "canbo.hanoi"
PROGRAMME_OFFICE: Final = "chuongtrinh"

SECOND_SHARE: Final = 5
SECOND_BENEFIT: Final = 500_000_000
BULK: Final = uuid5(NAMESPACE_DNS, "bulk.demo.sangkien")

# What people wrote. Data of the demo, in the language of its programme.
_TERMS = "Để xác minh thống nhất giữa các đơn vị, công đoàn cấp trên phúc tra một phần sáng kiến đã xác minh hợp lệ."
_NEW_UNIT = "CĐCS Trường Mầm non Hoa Sen"
_NEW_UNIT_NOTE = "Trường mới thành lập, công đoàn cơ sở được công nhận trong tháng này."
_RETURNED = "Đề nghị bổ sung cách tổ chức và minh chứng trước khi xác minh."
_ASKED = {
    "solution": "Nêu rõ các bước thực hiện, lớp đã áp dụng và kết quả trước, sau khi áp dụng.",
    "attachments": "Gửi kèm quyết định công nhận có chữ ký và dấu.",
}
_NOT_APPLIED = "Bản mô tả chưa cho thấy bản đồ đã được dùng trong giờ học chính khóa, mới ở mức thử nghiệm."
_DUPLICATE = "Nội dung trùng với sáng kiến về phòng đọc mở của cùng tác giả đã gửi trước đó."
_APPEAL = (
    "Sáng kiến trước viết về phòng đọc mở của học sinh khối 6. Sáng kiến này dành cho phụ huynh và học sinh cùng đọc "
    "vào sáng thứ bảy, cách làm và đối tượng đều khác. Đề nghị công đoàn cấp trên xem lại."
)
_VALID = "Đã đối chiếu quyết định công nhận và số liệu của phòng kế toán."
_BULK = "Đã đối chiếu danh sách với quyết định công nhận của các đơn vị."

Step = Callable[[Stories], None]


def stories_are_told() -> bool:
    """Say whether nothing is left to do; also in a demo that was loaded before there were any stories."""
    newcomer = Person.objects.filter(username=NEWCOMER)
    return not newcomer.exists() or UnitRequest.objects.filter(person__in=newcomer).exists()


def tell_stories(stories: Stories) -> None:
    """Take every step that has not been taken, and count it. The history must have been loaded and counted."""
    for step in STEPS:
        step(stories)
    fold_all()


def _set_terms(_stories: Stories) -> None:
    """Have some of what is found valid looked at again."""
    programme = Programme.objects.get(code=PROGRAMME_CODE)
    if VerificationTerms.objects.filter(programme=programme).exists():
        return
    usual = VerificationTerms()
    revise_verification_terms(
        actor=_person(PROGRAMME_OFFICE),
        programme=programme,
        due_days=usual.due_days,
        appeal_days=usual.appeal_days,
        second_share=SECOND_SHARE,
        second_benefit=SECOND_BENEFIT,
        reason=_TERMS,
    )


@transaction.atomic
def _name_member(stories: Stories) -> None:
    """Let the member's account be the author of what bears their name: history knows names only.

    Who entered it themselves has confirmed by doing so; of the others they have not said anything yet.
    """
    member = _person(MEMBER)
    unsaid = {*ENTERED_BY_OFFICER, ENTERED_BY_OTHERS}
    for story, index in stories.own.items():
        rows = Author.objects.filter(initiative_id=index + 1, number=1, name=member.full_name, person=None)
        if story in unsaid:
            rows.update(person=member)
        else:
            sent_at = Initiative.objects.values_list("submitted_at", flat=True).get(pk=index + 1)
            rows.update(person=member, response=Response.CONFIRMED, responded_at=sent_at)


def _answer(stories: Stories) -> None:
    """Have the member confirm one initiative that others entered, and decline to be the author of another."""
    answers = {ENTERED_BY_OTHERS: Response.CONFIRMED, "objected": Response.DECLINED}
    for story, response in answers.items():
        number = _number(stories, story)
        if Author.objects.filter(initiative_id=number, number=1, person__username=MEMBER, response="").exists():
            answer_authorship(actor=_person(MEMBER), initiative_id=number, response=response)


def _return_one(stories: Stories) -> None:
    """Return one initiative to its author, with what is wanted."""
    if _waits(number := _number(stories, "returned")):
        return_initiative(
            actor=_person(OFFICER),
            initiative_id=number,
            reason=ReasonCode.INCOMPLETE,
            note=_RETURNED,
            asked=_ASKED,
        )


def _find_invalid(stories: Stories) -> None:
    """Find two initiatives invalid: one can be appealed, against the other there is an appeal."""
    findings = {
        "found_invalid": (ReasonCode.NOT_APPLIED, _NOT_APPLIED),
        "appealed": (ReasonCode.DUPLICATE, _DUPLICATE),
    }
    for story, (reason, note) in findings.items():
        if _waits(number := _number(stories, story)):
            mark_invalid(actor=_person(OFFICER), initiative_id=number, reason=reason, note=note)


def _appeal(stories: Stories) -> None:
    """Have the member appeal: it waits for the level above."""
    number = _number(stories, "appealed")
    invalid = Initiative.objects.filter(pk=number, state=State.INVALID, authors__person__username=MEMBER)
    if invalid.exists() and not Appeal.objects.filter(initiative_id=number).exists():
        appeal(actor=_person(MEMBER), initiative_id=number, note=_APPEAL)


def _find_valid(stories: Stories) -> None:
    """Have two officers find something with a large benefit valid: the level above each looks again."""
    for index, officer in zip(stories.large, (OFFICER, ABOVE), strict=False):
        if _waits(index + 1):
            claimed = Initiative.objects.values_list("benefit_claimed", flat=True).get(pk=index + 1)
            mark_valid(actor=_person(officer), initiative_id=index + 1, benefit_verified=claimed, note=_VALID)


def _decide_many(stories: Stories) -> None:
    """Have an officer find some valid at once."""
    if not stories.many:
        return
    bulk.prepare_bulk(
        actor=_person(OFFICER),
        kind=EventKind.VALIDATED,
        note=_BULK,
        with_benefit=True,
        numbers=[index + 1 for index in stories.many],
        bulk_id=BULK,
    )
    while bulk.carry_out(BULK):
        pass


def _ask_for_unit(_stories: Stories) -> None:
    """Have somebody ask for a unit that is not listed."""
    newcomer = _person(NEWCOMER)
    if not UnitRequest.objects.filter(person=newcomer).exists():
        above = Unit.objects.get(code=DISTRICT)
        request_unit(actor=newcomer, above=above, name=_NEW_UNIT, note=_NEW_UNIT_NOTE)


STEPS: tuple[Step, ...] = (
    *(_set_terms, _name_member, _answer, _return_one, _find_invalid),
    *(_appeal, _find_valid, _decide_many, _ask_for_unit),
)
"""In this order; the last one says that all have been taken."""


def _person(username: str) -> Person:
    return Person.objects.get(username=username)


def _number(stories: Stories, story: str) -> int:
    """Return the number of the member's initiative in this story, 0 where a small demo has none."""
    return stories.own.get(story, -1) + 1


def _waits(number: int) -> bool:
    """Say whether an initiative waits and nobody has done anything with it since it was loaded."""
    return (
        Initiative.objects.filter(pk=number, state=State.SUBMITTED).exists()
        and not Initiative.objects.filter(pk=number, events__is_historical=False).exists()
    )
