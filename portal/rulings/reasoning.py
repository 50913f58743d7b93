"""The numbered reasons of a ruling. Whatever they say, they name a fact and an exhibit."""

from __future__ import annotations

from collections.abc import Sequence

from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import Reason
from reviewers.ballot import Ballot, replay_millisecond
from reviewers.tally import SIDES, Tally

MOST_REASONS = 4

NO_MAJORITY = {
    "NO_QUORUM": _("到期时作出判断的票数不到席位的三分之二。"),
    "TOO_MANY_CANNOT_DETERMINE": _("超过三分之一的评审员认为证据不足。"),
    "TIE": _("支持与不支持票数相同。"),
}
STANDS = _("复核没有得出多数意见，原结论维持。")
SAID = _("买家引用的那句话有直播记录。")
HANDED_OVER = _("订单、支付和直播的事实以平台移交的记录为准。")
SHOWN = _("双方提交的凭证在案。")


def reasons_of(case: Case, result: Tally, ballots: Sequence[Ballot]) -> tuple[Reason, ...]:
    """The deciding side's own words with their citations, those that cite most first."""
    winners = [b for b in ballots if SIDES[b.choice] == result.decided]
    chosen = sorted(winners, key=lambda b: (-len(b.citations), b.seat))[:MOST_REASONS]
    return grounded(case, tuple(Reason(b.text, tuple(b.citations)) for b in chosen))


def standing_reasons(result: Tally, before: Sequence[Reason]) -> tuple[Reason, ...]:
    """Why the first ruling stands: nothing was decided against it; then its own reasons."""
    return (Reason(NO_MAJORITY[result.why]), Reason(STANDS), *before)


def grounded(case: Case, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """With the case's own promise or fact, and its own exhibits, where no reason names one."""
    cited = [one for reason in reasons for one in reason.citations]
    fact = () if any(replay_millisecond(one) is not None for one in cited) else _fact(case, cited)
    shown = () if any(_is_exhibit(one) for one in cited) else _exhibits(case)
    return (*reasons, *fact, *shown)


def _is_exhibit(citation: str) -> bool:
    return replay_millisecond(citation) is None


def _fact(case: Case, cited: Sequence[str]) -> tuple[Reason, ...]:
    said = tuple(f"{p.start_ms / 1000:.3f}" for p in case.claim.promises if not p.correction)
    if said:
        return (Reason(SAID, said),)
    handed = tuple(x.number for x in case.exhibits if x.side == "PLATFORM")
    return () if not handed or set(handed) & set(cited) else (Reason(HANDED_OVER, handed),)


def _exhibits(case: Case) -> tuple[Reason, ...]:
    filed = tuple(x.number for x in case.exhibits if x.side != "PLATFORM")
    own = filed or tuple(x.number for x in case.exhibits)
    return (Reason(SHOWN, own),) if own else ()
