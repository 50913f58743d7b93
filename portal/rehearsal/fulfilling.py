"""Before the end: what is owed in kind is sent or done, and the buyer says that it came."""

from __future__ import annotations

from typing import Any

from portal.obligations.state import BY_DEED
from portal.rehearsal.scene import Scene
from portal.speech import words

CARRIER, WAYBILL = "sf", "SF2420000001"


def fulfil(scene: Scene, case_no: str) -> None:
    """Everything that is open, one after another."""
    for owed in scene.cast.buyer.get(f"/cases/{case_no}/obligations"):
        if owed["turn"] == owed["debtor"]:
            _keep(scene, case_no, owed)
            _confirm(scene, case_no, owed)


def _keep(scene: Scene, case_no: str, owed: Any) -> None:
    debtor = scene.cast.platform if owed["debtor"] == "PLATFORM" else scene.cast.merchant
    one, code = f"/cases/{case_no}/obligations/{owed['number']}", owed["code"]
    if code in BY_DEED:
        text = words("已按结论履行。", "Done as the ruling says.")
        answer = debtor.upload(f"{one}/done", {}, {"text": text})
    else:
        answer = debtor.post(f"{one}/shipped", {"carrier": CARRIER, "waybill": WAYBILL})
    scene.record(debtor, answer, f"履行 {code}", f"carries out {code}")


def _confirm(scene: Scene, case_no: str, owed: Any) -> None:
    buyer = scene.cast.buyer
    answer = buyer.post(f"/cases/{case_no}/obligations/{owed['number']}/confirmed")
    scene.record(buyer, answer, f"确认 {owed['code']} 已履行", f"confirms {owed['code']}")
