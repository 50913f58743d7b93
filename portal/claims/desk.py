"""The writing of a claim, the same for pages and programs: start, save, attach, remove.

A draft belongs to a buyer and an order. There is one unsent draft per order, so two tabs write one
claim; sending.py files it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import convert, to_builtins
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.claims.owned import own_draft, refuse_second, slot_of, unsent_draft
from portal.claims.queries import Order, cited_promises, own_order
from portal.claims.rules import TEXT_LIMIT
from portal.claims.sending import finish_interrupted
from portal.claims.tables import ClaimDraft
from portal.errors import BadInput, NotFound
from portal.errors import sentence as _
from portal.events import FileRef, Remedy
from portal.evidence.intake import Receiver, of_draft, take
from portal.evidence.tables import Upload
from portal.house import House
from portal.words import REASONS, REMEDIES

MOST_PROMISES = 30
MOST_REMEDIES = 10


@dataclass(frozen=True)
class Problem:
    """The first page of a claim: which lines, what is wrong with them."""

    line_ids: tuple[str, ...]
    reason_code: str
    secondary_codes: tuple[str, ...] = ()
    received_goods: bool = True


@dataclass(frozen=True)
class Changes:
    """The second page of a claim; None leaves a part as it is."""

    text: str | None = None
    promise_ids: tuple[str, ...] | None = None
    remedies: tuple[Remedy, ...] | None = None


def start(house: House, actor: Actor, platform: str, order_id: str, problem: Problem) -> ClaimDraft:
    """The unsent draft of this order, made or changed. Raises NotFound, BadInput, Refused."""
    with house.sessions() as session:
        order = own_order(session, actor, platform, order_id)
    _check_problem(order, problem)
    finish_interrupted(house, slot_of(order))
    return _change(house, order, problem) or _make(house, actor, order, problem)


def find_draft(house: House, actor: Actor, draft_id: str) -> ClaimDraft:
    """The buyer's draft, sent or not. Raises NotFound."""
    with house.sessions() as session:
        return own_draft(session, actor, draft_id)


def unsent_of(house: House, actor: Actor, order: Order) -> ClaimDraft | None:
    """The draft that this order has open."""
    with house.sessions() as session:
        draft = session.scalar(select(ClaimDraft).where(ClaimDraft.slot == slot_of(order)))
    return draft if draft and draft.buyer_ref == actor.buyer_ref else None


def save(house: House, actor: Actor, draft_id: str, changes: Changes) -> ClaimDraft:
    """Keep what was written, however unfinished. Raises NotFound, BadInput, Refused."""
    with house.sessions.begin() as session:
        draft = unsent_draft(session, actor, draft_id)
        order = own_order(session, actor, draft.platform, draft.order_id)
        _write(session, draft, order, changes)
        return draft


def attach(
    house: House,
    actor: Actor,
    draft_id: str,
    file: FileStorage,
    kind: str | None = None,
    note: str = "",
) -> Upload:
    """Take a file into the draft; the same file again is the same upload."""
    with house.sessions() as session:
        draft = unsent_draft(session, actor, draft_id)
    return take(house, file, receiver(draft), kind, note)


def receiver(draft: ClaimDraft) -> Receiver:
    return of_draft(draft.id, draft.kid)


def picture_of(house: House, actor: Actor, draft_id: str, upload_id: str) -> FileRef:
    """What a file of the draft shows. Raises NotFound."""
    with house.sessions() as session:
        draft = own_draft(session, actor, draft_id)
        mine = Upload.owner == receiver(draft).owner
        upload = session.scalar(select(Upload).where(mine, Upload.id == upload_id))
    if upload is None or upload.picture is None:
        raise NotFound(_("这个文件已经移除"))
    return convert(upload.picture, FileRef)


def remove(house: House, actor: Actor, draft_id: str, upload_id: str) -> None:
    """Leave a file out of the claim; removing it twice is no error."""
    with house.sessions.begin() as session:
        draft = unsent_draft(session, actor, draft_id)
        mine = Upload.owner == receiver(draft).owner
        session.execute(delete(Upload).where(mine, Upload.id == upload_id))


# Starting ----------------------------------------------------------------------------------------


def _check_problem(order: Order, problem: Problem) -> None:
    if not problem.line_ids or len(order.chosen(problem.line_ids)) != len(set(problem.line_ids)):
        raise BadInput("line_ids", _("请选要投诉的商品"))
    if problem.reason_code not in REASONS:
        raise BadInput("reason_code", _("请选一个问题"))
    if any(code not in REASONS for code in problem.secondary_codes):
        raise BadInput("secondary_codes", _("有一个问题不在列表里"))
    refuse_second(order, problem.line_ids)


def _new_draft(house: House, actor: Actor, order: Order, problem: Problem) -> ClaimDraft:
    return ClaimDraft(
        id=uuid.uuid4().hex,
        slot=slot_of(order),
        account_id=actor.account_id,
        buyer_ref=order.buyer_ref,
        platform=order.platform,
        order_id=order.order_id,
        text="",
        remedies=[],
        promise_ids=[],
        kid=house.keyring.make().kid,
        created_at=house.clock.now(),
        **_answers(problem),
    )


def _answers(problem: Problem) -> dict[str, object]:
    """The columns that the first page fills."""
    return {
        "line_ids": list(dict.fromkeys(problem.line_ids)),
        "reason_code": problem.reason_code,
        "secondary_codes": list(dict.fromkeys(problem.secondary_codes)),
        "received_goods": problem.received_goods,
    }


def _change(house: House, order: Order, problem: Problem) -> ClaimDraft | None:
    """The order's unsent draft with new answers; None when it has none."""
    with house.sessions.begin() as session:
        draft = session.scalar(select(ClaimDraft).where(ClaimDraft.slot == slot_of(order)))
        for column, value in _answers(problem).items() if draft else ():
            setattr(draft, column, value)
        return draft


def _make(house: House, actor: Actor, order: Order, problem: Problem) -> ClaimDraft:
    draft = _new_draft(house, actor, order, problem)
    try:
        with house.sessions.begin() as session:
            session.add(draft)
        return draft
    except IntegrityError:
        known = _change(house, order, problem)  # another tab was faster: its draft is the draft
        if known is None:
            raise
        return known


# Saving ------------------------------------------------------------------------------------------


def _write(session: Session, draft: ClaimDraft, order: Order, changes: Changes) -> None:
    if changes.text is not None:
        draft.text = _text(changes.text)
    if changes.promise_ids is not None:
        draft.promise_ids = _promise_ids(session, order, changes.promise_ids)
    if changes.remedies is not None:
        draft.remedies = _remedies(changes.remedies)


def _text(text: str) -> str:
    tidy = text.replace("\r\n", "\n").strip()
    if len(tidy) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
    if "\0" in tidy:
        raise BadInput("text", _("含有无法保存的字符"))
    return tidy


def _promise_ids(session: Session, order: Order, wanted: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(wanted))
    if len(unique) > MOST_PROMISES:
        raise BadInput("promises", _("最多引用 %(most)s 处"), most=MOST_PROMISES)
    known = {promise.promise_id for promise in cited_promises(session, order, unique)}
    if any(promise_id not in known for promise_id in unique):
        raise BadInput("promises", _("有一处承诺不在这场直播的记录里"))
    return unique


def _remedies(remedies: Sequence[Remedy]) -> list[dict[str, object]]:
    codes = [remedy.code for remedy in remedies]
    if len(codes) > MOST_REMEDIES or len(set(codes)) != len(codes):
        raise BadInput("remedies", _("同一种诉求只能选一次"))
    if any(code not in REMEDIES or code == "DISMISS" for code in codes):
        raise BadInput("remedies", _("有一个诉求不在列表里"))
    return [to_builtins(remedy) for remedy in remedies]
