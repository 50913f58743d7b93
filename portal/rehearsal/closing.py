"""Last act: the goods go back, the money comes back."""

from __future__ import annotations

from portal.rehearsal.failures import Declined
from portal.rehearsal.fulfilling import fulfil
from portal.rehearsal.scene import Scene, Seen
from portal.rehearsal.voting import citation_of
from portal.speech import words

ALREADY = 409
COUNTED = 6  # the clause on quorum and majority
CARRIER, WAYBILL = "sf", "SF1420{:09d}"


def finish(scene: Scene, case_no: str) -> Seen:
    """From the ruling to the closed case."""
    if scene.look(case_no).state == "OFFICER":
        decide_alone(scene, case_no)
    ruled = scene.wait(case_no, lambda s: s.ruling is not None, words("处理结论", "the ruling"))
    _show_ruling(scene, ruled)
    if ruled.state == "APPEAL_WINDOW":
        ruled = let_stand(scene, case_no)
    if ruled.state == "AWAITING_RETURN":
        ship(scene, case_no)
        _inspect(scene, case_no)
    fulfil(scene, case_no)
    return _await_refund(scene, case_no)


def decide_alone(scene: Scene, case_no: str) -> None:
    """No panel came to a decision: an officer finds the claim not proven."""
    operator, seen = scene.cast.operator, scene.look(case_no)
    said = words("评审没有多数意见，现有凭证不足以支持诉求。", "No majority, and no proof enough.")
    reason = {"text": said, "citations": [citation_of(scene, seen)]}
    body = {"choice": "SUPPORT_RESPONDENT", "reasons": [reason], "clause": COUNTED}
    answer = operator.post(f"/cases/{case_no}/officer/ruling", body)
    scene.record(operator, answer, "由专员作出决定", "decides as the officer")


def let_stand(scene: Scene, case_no: str) -> Seen:
    """Whoever lost something accepts the ruling; it is carried out with the last acceptance."""
    cast = scene.cast
    for person in (cast.buyer, cast.merchant):
        try:
            answer = person.post(f"/cases/{case_no}/ruling/accept")
        except Declined as declined:
            if declined.status != ALREADY:
                raise
            continue  # who got everything has nothing to accept
        scene.record(person, answer, "接受结论", "accepts the ruling")
    return scene.look(case_no)


def ship(scene: Scene, case_no: str) -> None:
    """The buyer sends the goods back."""
    digits = int("".join(one for one in case_no if one.isdecimal()) or 1) % 10**9
    parcel = {"carrier": CARRIER, "waybill": WAYBILL.format(digits)}
    answer = scene.cast.buyer.post(f"/cases/{case_no}/return", parcel)
    scene.record(scene.cast.buyer, answer, "寄回商品", "sends the goods back")


def confirm(scene: Scene, case_no: str) -> None:
    """The merchant finds the goods in order."""
    merchant = scene.cast.merchant
    answer = merchant.post(f"/cases/{case_no}/return/confirm")
    scene.record(merchant, answer, "确认收到退货", "confirms the returned goods")


def _inspect(scene: Scene, case_no: str) -> None:
    """Whoever answered the claim also looks at the parcel; else the deadline does."""
    if scene.folder.response.answer:
        confirm(scene, case_no)
    else:
        scene.note(scene.cast.merchant, "没有验收", "does not inspect the goods")
        scene.pass_deadline(case_no)


def _await_refund(scene: Scene, case_no: str) -> Seen:
    closed = scene.wait(case_no, lambda s: bool(s.closed), words("退款", "the refund"))
    if closed.refund:
        yuan, number = f"{closed.refund.amount_fen / 100:.2f}", closed.refund.refund_no
        received = f"收到退款 ¥{yuan}（{number}）"
        scene.note(scene.cast.buyer, received, f"has the refund of {yuan} ({number})")
    return closed


def _show_ruling(scene: Scene, seen: Seen) -> None:
    assert seen.ruling is not None, "waited for"
    ruling, yuan = seen.ruling, f"{seen.ruling.refund_fen / 100:.2f}"
    scene.note(
        scene.cast.association,
        f"看到处理结论：{ruling.outcome}，退款 ¥{yuan}",
        f"reads the ruling: {ruling.outcome}, refund {yuan}",
    )
