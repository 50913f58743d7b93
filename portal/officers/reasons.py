"""What every word of an officer must hold: a text, and reasons that cite what is in the file."""

from __future__ import annotations

from portal.cases.state import Case
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import Reason
from reviewers.ballot import replay_millisecond

TEXT_LIMIT = 5_000
MOST_REASONS = 10


def check_reasons(case: Case, reasons: tuple[Reason, ...]) -> None:
    """Raise BadInput for a missing text, or a citation that the case does not have."""
    if not 0 < len(reasons) <= MOST_REASONS or not all(r.text.strip() for r in reasons):
        raise BadInput("text", _("请写明理由"))
    if any(len(r.text) > TEXT_LIMIT for r in reasons):
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
    cited = [one for reason in reasons for one in reason.citations]
    if not cited:
        raise BadInput("citations", _("请至少引用一处凭证或回放时刻"))
    if not all(_exists(case, one) for one in cited):
        raise BadInput("citations", _("引用的凭证或时刻不在本案里"))


def _exists(case: Case, citation: str) -> bool:
    moment = replay_millisecond(citation)
    if moment is not None:
        return moment <= case.claim.replay_ms
    return any(x.number == citation for x in case.exhibits)


def check_filled(field: str, text: str, missing: str) -> None:
    """Raise BadInput with the sentence `missing` for an empty text, or for one that is too long."""
    if not text.strip():
        raise BadInput(field, missing)
    if len(text) > TEXT_LIMIT:
        raise BadInput(field, _("最多 %(most)s 个字"), most=TEXT_LIMIT)
