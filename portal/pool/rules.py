"""What may happen to the pool."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import (
    Event,
    NewReviewer,
    PracticeJudged,
    ReviewerChanged,
    ReviewerEnrolled,
    ReviewersImported,
    ReviewerStateSet,
)
from portal.pool.commands import (
    ChangeReviewer,
    EnrollReviewer,
    ImportReviewers,
    JudgePractice,
    PauseMyself,
    SetReviewerState,
)
from portal.pool.practice import CASES
from portal.pool.state import BEIJING, ENOUGH, OWN_WISH, SET_SIZE, Judged, Member, Members
from portal.words import CHOICES, STRATA

BATCH = 300  # reviewers in one entry: well below what an entry may hold
MOST_WEIGHT = 1000
MOST_QUOTA = 50
MOST_FIELDS = 50
LANGUAGES = ("zh", "en")
# A pseudonym stands in the ledger for ever; no room for a name or an address.
PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
SETTABLE = ("ACTIVE", "PAUSED", "REMOVED")
PASSED = "PRACTICE_PASSED"


def enroll(members: Members, command: EnrollReviewer, now: datetime) -> tuple[Event, ...]:
    """One REVIEWER_ENROLLED under a pseudonym."""
    check_values(command)
    if command.state not in ("ACTIVE", "PRACTISING"):
        raise BadInput("state", _("新评审员只能直接上任或者先做练习"))
    if command.reviewer_id in members:
        raise Refused(_("这位评审员已经登记"))
    return (
        ReviewerEnrolled(
            reviewer_id=command.reviewer_id,
            stratum=command.stratum,
            weight=command.weight,
            fields=command.fields,
            languages=command.languages,
            quota=command.quota,
            how=command.how,
            state=command.state,
        ),
    )


def import_reviewers(
    members: Members, command: ImportReviewers, now: datetime
) -> tuple[Event, ...]:
    """REVIEWERS_IMPORTED: every one of them, or nobody."""
    if not 0 < len(command.reviewers) <= BATCH:
        raise BadInput("reviewers", _("一次导入 1 到 %(most)s 人"), most=BATCH)
    seen = set(members)
    for one in command.reviewers:
        check_values(one)
        if one.reviewer_id in seen:
            raise Refused(_("%(name)s 已经登记"), name=one.reviewer_id)
        seen.add(one.reviewer_id)
    return (ReviewersImported(reviewers=command.reviewers),)


def check_values(one: EnrollReviewer | NewReviewer) -> None:
    """What holds for everybody who comes in. Raises BadInput."""
    if not PSEUDONYM.fullmatch(one.reviewer_id):
        raise BadInput("reviewer_id", _("代号用字母、数字和 _ . -，最多 64 个，不要用真名"))
    if one.stratum not in STRATA:
        raise BadInput("stratum", _("评审员类别不在列表里"))
    _check_changeable(one.weight, one.fields, one.languages, one.quota)


def _check_changeable(
    weight: int, fields: Iterable[str], languages: tuple[str, ...], quota: int
) -> None:
    if not 1 <= weight <= MOST_WEIGHT:
        raise BadInput("weight", _("权重要在 1 到 %(most)s 之间"), most=MOST_WEIGHT)
    if not 1 <= quota <= MOST_QUOTA:
        raise BadInput("quota", _("同时案件数要在 1 到 %(most)s 之间"), most=MOST_QUOTA)
    if not languages or set(languages) - set(LANGUAGES):
        raise BadInput("languages", _("语言不在列表里"))
    known = list(fields)
    if len(known) > MOST_FIELDS or any(not 0 < len(field) <= 64 for field in known):
        raise BadInput("fields", _("领域太多，或者有一个太长"))


def change(members: Members, command: ChangeReviewer, now: datetime) -> tuple[Event, ...]:
    """REVIEWER_CHANGED. A seat that is held already stays as it was drawn."""
    _check_changeable(command.weight, command.fields, command.languages, command.quota)
    if _member(members, command.reviewer_id).state == "REMOVED":
        raise Refused(_("这位评审员已被移出"))
    return (
        ReviewerChanged(
            reviewer_id=command.reviewer_id,
            weight=command.weight,
            fields=command.fields,
            languages=command.languages,
            quota=command.quota,
        ),
    )


def set_state(members: Members, command: SetReviewerState, now: datetime) -> tuple[Event, ...]:
    """REVIEWER_STATE_SET by the operator, with a reason. Removal is for good."""
    if command.state not in SETTABLE:
        raise BadInput("state", _("请从列表里选"))
    if not command.reason.strip():
        raise BadInput("reason", _("请写明原因"))
    member = _member(members, command.reviewer_id)
    if member.state == "REMOVED":
        raise Refused(_("这位评审员已被移出"))
    if member.state == command.state:
        raise Refused(_("这位评审员已经是这个状态"))
    return (ReviewerStateSet(command.reviewer_id, command.state, command.reason.strip()),)


def pause_myself(members: Members, command: PauseMyself, now: datetime) -> tuple[Event, ...]:
    """A reviewer may step back at any time, and may end only a pause of their own."""
    member = _member(members, command.reviewer_id)
    if command.pause and member.state != "ACTIVE":
        raise Refused(_("你现在没有在抽选名单里"))
    if not command.pause and (member.state, member.reason) != ("PAUSED", OWN_WISH):
        raise Refused(_("只能结束自己设置的暂停"))
    state = "PAUSED" if command.pause else "ACTIVE"
    return (ReviewerStateSet(command.reviewer_id, state, OWN_WISH),)


def judge_practice(members: Members, command: JudgePractice, now: datetime) -> tuple[Event, ...]:
    """PRACTICE_JUDGED; with the last of a set that went well, the reviewer becomes ACTIVE."""
    member = _member(members, command.reviewer_id)
    if command.practice not in CASES:
        raise BadInput("practice", _("没有这个练习"))
    if command.choice not in CHOICES:
        raise BadInput("choice", _("请从列表里选"))
    current = open_set(member, now)
    if any(one.practice == command.practice for one in current):
        raise Refused(_("这个练习你已经做过"))
    passed = CASES[command.practice].choice == command.choice
    judged = PracticeJudged(command.reviewer_id, command.practice, command.choice, passed)
    met = sum(one.passed for one in current) + passed
    if len(current) + 1 == SET_SIZE and met >= ENOUGH:
        return (judged, ReviewerStateSet(command.reviewer_id, "ACTIVE", PASSED))
    return (judged,)


def open_set(member: Member, now: datetime) -> tuple[Judged, ...]:
    """The set under way, empty when a new one may begin. Raises Refused when none may."""
    if member.state != "PRACTISING":
        raise Refused(_("入库练习只在入库前做一次"))
    if len(member.current) < SET_SIZE:
        return member.current
    if member.current[-1].on >= now.astimezone(BEIJING).date():
        raise Refused(_("这一组没有通过，明天可以重做"))
    return ()


def _member(members: Members, reviewer_id: str) -> Member:
    if reviewer_id not in members:
        raise Refused(_("评审库里没有这位评审员"))
    return members[reviewer_id]
