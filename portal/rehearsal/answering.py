"""Second act: exhibits of platform and merchant, the merchant's answer, the buyer's decision."""

from __future__ import annotations

from portal.rehearsal.filing import upload
from portal.rehearsal.people import Person
from portal.rehearsal.scene import Scene, Seen
from portal.rehearsal.script import Response
from portal.responses.rules import CONTEST_LIMIT, TEXT_LIMIT
from portal.speech import words
from portal.words import REFUSALS

ANSWERS = {"AGREE": "AGREE", "OFFER": "OFFER", "DENY": "DENY", "DENY_PARTLY": "DENY"}
POINTS = ("AUTHENTICITY", "LEGALITY", "RELEVANCE", "WEIGHT")
OWN = "M"  # the merchant's own exhibits are M1, M2 …


def answer_claim(scene: Scene, case_no: str) -> None:
    """Platform and merchant bring what they have; then the merchant answers, or time does."""
    _bring(scene, scene.cast.platform, "PLATFORM", case_no)
    if not scene.folder.response.answer:
        scene.note(scene.cast.merchant, "没有答复", "does not answer")
        scene.pass_deadline(case_no)
        return
    _bring(scene, scene.cast.merchant, "MERCHANT", case_no)
    _respond(scene, case_no)


def decide_offer(scene: Scene, case_no: str) -> None:
    """The buyer accepts or declines; the folders of the samples decline."""
    buyer, accept = scene.cast.buyer, scene.folder.accepts
    answer = buyer.post(f"/cases/{case_no}/offer", {"accept": accept})
    if accept:
        scene.record(buyer, answer, "接受方案", "accepts the offer")
    else:
        scene.record(buyer, answer, "不接受方案，转入评审", "declines the offer: a panel decides")


def _bring(scene: Scene, who: Person, side: str, case_no: str) -> None:
    for exhibit in scene.folder.exhibits_of(side):
        upload(scene, who, f"/cases/{case_no}/evidence", exhibit)


def _respond(scene: Scene, case_no: str) -> None:
    merchant, response = scene.cast.merchant, scene.folder.response
    answer = answer_of(response)
    body: dict[str, object] = {
        "answer": answer,
        "text": response.text.strip()[:TEXT_LIMIT]
        or words("（商家没有写说明）", "(no words from the merchant)"),
        "reason_code": _refusal(response) if answer == "DENY" else "",
        "contested": _contested(scene, scene.look(case_no)),
    }
    if answer == "OFFER" and response.offer:
        body["offer"] = response.offer.model_dump()
    said = {
        "AGREE": ("答复：同意", "agrees"),
        "OFFER": ("答复：提出方案", "makes an offer"),
        "DENY": ("答复：不同意", "denies"),
    }[answer]
    recorded = merchant.post(f"/cases/{case_no}/response", body)
    scene.record(merchant, recorded, *said)


def _refusal(response: Response) -> str:
    return response.reason_code if response.reason_code in REFUSALS else "OTHER"


def answer_of(response: Response) -> str:
    """AGREE, OFFER or DENY: whoever denies but offers something makes an offer."""
    answer = ANSWERS.get(response.answer.upper(), "OFFER" if response.offer else "DENY")
    if answer == "DENY" and response.offer:
        return "OFFER"
    return "DENY" if answer == "OFFER" and not response.offer else answer


def _contested(scene: Scene, seen: Seen) -> list[dict[str, str]]:
    """The contested exhibits of the others under the numbers that the portal gave them."""
    numbers = numbers_of(scene, seen)
    contested = []
    for each in scene.folder.response.contested:
        number = numbers.get(each.exhibit, OWN)
        if number.startswith(OWN):
            said = (
                f"不能对 {each.exhibit} 提出异议，略过",
                f"cannot contest {each.exhibit}: left out",
            )
            scene.note(scene.cast.merchant, *said)
            continue
        point = each.point if each.point in POINTS else "RELEVANCE"
        contested.append({"number": number, "point": point, "text": each.text[:CONTEST_LIMIT]})
    return contested


def numbers_of(scene: Scene, seen: Seen) -> dict[str, str]:
    """The portal's number of each of the folder's exhibits, found by content."""
    by_digest = {exhibit.sha256: exhibit.number for exhibit in seen.exhibits}
    return {
        exhibit.id: by_digest[exhibit.sha256]
        for exhibit in scene.folder.exhibits
        if exhibit.sha256 in by_digest
    }
