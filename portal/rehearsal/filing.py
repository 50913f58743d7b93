"""First act: the platform hands over livestream and order, the buyer claims."""

from __future__ import annotations

import mimetypes
from contextlib import ExitStack
from typing import Any

from portal.rehearsal.failures import Declined
from portal.rehearsal.folder import Exhibit
from portal.rehearsal.people import Person
from portal.rehearsal.scene import Scene
from portal.rehearsal.script import Wish
from portal.speech import words
from portal.words import EVIDENCE, PENALTIES, REFUNDS

STATUTORY_TIMES = {"STATUTORY_TRIPLE": 3, "STATUTORY_TENFOLD": 10}


def hand_over(scene: Scene) -> None:
    """What the platform knows goes on record before anybody claims anything."""
    platform, folder = scene.cast.platform, scene.folder
    if folder.livestream:
        answer = _send_livestream(scene)
        session = answer["session_id"]
        scene.record(platform, answer, f"交来直播 {session}", f"hands over session {session}")
    answer = platform.send("/orders", folder.order_document)
    order = answer["order_id"]
    scene.record(platform, answer, f"交来订单 {order}", f"hands over order {order}")


def _send_livestream(scene: Scene) -> Any:
    given = scene.folder.livestream
    assert given is not None, "no session to send"
    documents = {
        "session": ("livestream.json", given.session, "application/json"),
        "transcript": ("transcript.json", given.transcript, "application/json"),
        "chat": ("chat.csv", given.chat, "text/csv"),
    }
    files: dict[str, Any] = {name: part for name, part in documents.items() if part[1] is not None}
    with ExitStack() as stack:
        replay = stack.enter_context(given.replay.open("rb"))
        files["replay"] = (given.replay.name, replay, "video/mp4")
        return scene.cast.platform.upload("/livestreams", files, {})


def file_claim(scene: Scene) -> str:
    """The buyer's claim with its exhibits; returns the case number."""
    buyer, claim, order = scene.cast.buyer, scene.folder.claim, scene.folder.order
    started = {
        "platform": order.platform,
        "order_id": order.order.id,
        "line_ids": list(_line_ids(scene)),
        "reason_code": claim.reason_code,
        "secondary_codes": list(claim.secondary_codes),
        "received_goods": claim.received_goods,
    }
    draft = buyer.post("/claims", started)["draft_id"]
    remedies = [wish.model_dump() for wish in priced(scene)]
    changes = {"text": claim.text, "promises": _promises(scene), "remedies": remedies}
    buyer.patch(f"/claims/{draft}", changes)
    for exhibit in scene.folder.exhibits_of("BUYER"):
        upload(scene, buyer, f"/claims/{draft}/evidence", exhibit)
    sent = buyer.post(f"/claims/{draft}/send")
    number = str(sent["case_no"])
    scene.record(buyer, sent, f"提交投诉 {number}", f"files claim {number}")
    return number


def upload(scene: Scene, who: Person, path: str, exhibit: Exhibit) -> None:
    """One exhibit; a file that the portal does not take is named, and the play goes on."""
    name = exhibit.path.name
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    fields = {"note": exhibit.note} | ({"kind": exhibit.kind} if exhibit.kind in EVIDENCE else {})
    try:
        with exhibit.path.open("rb") as file:
            answer = who.upload(path, {"file": (name, file, kind)}, fields)
    except Declined as declined:
        if declined.status not in (409, 413, 422):
            raise
        scene.note(who, f"凭证 {name} 没有被接受：{declined}", f"{name} is not taken: {declined}")
        return
    if "receipt" in answer:
        number = answer["number"]
        scene.record(who, answer, f"提交凭证 {name} = {number}", f"submits {name} = {number}")
    else:
        scene.note(who, f"上传凭证 {name}", f"uploads {name}")


def _line_ids(scene: Scene) -> tuple[str, ...]:
    every = tuple(line.id for line in scene.folder.order.order.lines)
    return scene.folder.claim.line_ids or every


def _promises(scene: Scene) -> list[str]:
    """The cited promises that the session's record holds."""
    session = scene.folder.session
    known = {promise.id for promise in session.promises} if session else set()
    cited = scene.folder.claim.cited_promises
    for absent in (one for one in cited if one not in known):
        scene.note(
            scene.cast.buyer,
            f"引用的 {absent} 不在直播记录里，略过",
            f"cites {absent}, which is not in the session's record: left out",
        )
    return [one for one in cited if one in known]


def priced(scene: Scene) -> list[Wish]:
    """The remedies with amounts where the portal asks for one; what is changed is said."""
    return [priced for wish in scene.folder.claim.remedies if (priced := _priced(scene, wish))]


def _priced(scene: Scene, wish: Wish) -> Wish | None:
    buyer, code, amount = scene.cast.buyer, wish.code, _amount(scene, wish)
    if amount is None and code in PENALTIES:
        scene.note(buyer, f"{code} 没有金额，略过", f"{code} has no amount: left out")
        return None
    if amount != wish.amount_fen:
        was = words("没有金额", "no amount") if wish.amount_fen is None else wish.amount_fen
        scene.note(buyer, f"{code}：{was}，改为 {amount}", f"{code}: {was}, becomes {amount}")
    return Wish(code=code, amount_fen=amount)


def _amount(scene: Scene, wish: Wish) -> int | None:
    if wish.code in REFUNDS:
        return min(wish.amount_fen or _paid(scene), _paid(scene))
    if wish.code in PENALTIES:
        return wish.amount_fen or _times(scene, wish.code) * _paid(scene) or None
    return wish.amount_fen


def _paid(scene: Scene) -> int:
    """Fen paid for the claimed lines and not refunded yet."""
    order, claimed = scene.folder.order, _line_ids(scene)
    lines = sum(line.paid for line in order.order.lines if line.id in claimed)
    payment = order.refunded_by
    return min(lines, payment.left) if payment else lines


def _times(scene: Scene, code: str) -> int:
    """How many times the price a penalty is: by law, or by the promise that was cited."""
    session, cited = scene.folder.session, scene.folder.claim.cited_promises
    spoken = [p for p in session.promises if p.id in cited] if session else []
    promised = max((p.compensation.multiplier for p in spoken), default=0)
    return STATUTORY_TIMES.get(code, promised if code == "CONTRACT_PENALTY" else 0)
