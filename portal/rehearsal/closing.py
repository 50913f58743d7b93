"""Last act: the goods go back, the money comes back."""

from __future__ import annotations

from portal.rehearsal.scene import Scene, Seen
from portal.speech import words

CARRIER, WAYBILL = "sf", "SF1420{:09d}"


def finish(scene: Scene, case_no: str) -> Seen:
    """From the ruling to the closed case."""
    ruled = scene.wait(case_no, lambda s: s.ruling is not None, words("处理结论", "the ruling"))
    _show_ruling(scene, ruled)
    if ruled.state == "AWAITING_RETURN":
        ship(scene, case_no)
        _inspect(scene, case_no)
    return _await_refund(scene, case_no)


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
