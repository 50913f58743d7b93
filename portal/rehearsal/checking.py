"""After the curtain: the bundle is checked offline, the draw and the count are repeated.

Nothing here believes the portal: the bundle is read with the log's key alone, which is fetched
apart from it.
"""

from __future__ import annotations

import io
from pathlib import Path

from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Finding, Level
from ledger.checkpoint import read_checkpoint
from ledger.errors import VerificationError
from ledger.merkle import verify_inclusion
from ledger.note import Verifier, parse_vkey
from ledger.receipt import parse_receipt
from portal.rehearsal.failures import PlayFailed
from portal.rehearsal.scene import Scene, Seen, Step
from portal.speech import words
from portal.words import PENALTIES
from reviewers.bundle import read_bundle
from reviewers.errors import BundleUnreadable
from reviewers.recheck import Line, recompute, recount


def fetch_bundle(scene: Scene, case_no: str, target: Path) -> None:
    target.write_bytes(scene.cast.association.fetch(f"/cases/{case_no}/bundle"))


def check_bundle(scene: Scene, seen: Seen, path: Path) -> None:
    """Raises PlayFailed where the record does not hold."""
    findings = list(verify_bundle(io.BytesIO(path.read_bytes()), _vkey(scene)))
    broken = [finding for finding in findings if finding.level is Level.BROKEN]
    if broken:
        raise PlayFailed(words(f"记录核验失败：{broken[0].text}", f"NOT sound: {broken[0].text}"))
    _show(scene, findings)
    if seen.panel is not None:
        _repeat(scene, path)


def check_receipts(scene: Scene) -> None:
    """Every receipt that was given stands in the log. Raises PlayFailed."""
    key = parse_vkey(_vkey(scene))
    try:
        for step in scene.steps:
            _check_receipt(scene, step, key)
    except VerificationError as error:
        said = words("凭据与记录不符", "a receipt does not hold")
        raise PlayFailed(f"{said} #{step.index}: {error}") from error
    count = len(scene.steps)
    held = f"核对 {count} 份凭据，全部在记录里"
    scene.note(scene.cast.association, held, f"checks all {count} receipts: in the log")


def _check_receipt(scene: Scene, step: Step, key: Verifier) -> None:
    text = scene.cast.association.fetch(f"/receipts/{step.index}").decode()
    proof = parse_receipt(text)
    checkpoint = read_checkpoint(proof.note, [key])
    leaf = bytes.fromhex(step.digest)
    verify_inclusion(step.index, checkpoint.size, leaf, proof.proof, checkpoint.root)


def _vkey(scene: Scene) -> str:
    return scene.cast.association.fetch("/log/vkey").decode().strip()


def _show(scene: Scene, findings: list[Finding]) -> None:
    checks = sum(finding.level is Level.PASSED for finding in findings)
    scene.note(
        scene.cast.association,
        f"离线核验记录：{checks} 项全部成立",
        f"verifies the record offline: all {checks} checks hold",
    )


def _repeat(scene: Scene, path: Path) -> None:
    try:
        bundle = read_bundle(path)
        lines = {"draw": recompute(bundle), "count": recount(bundle)}
    except BundleUnreadable as problem:
        raise PlayFailed(str(problem)) from problem
    for name, said in lines.items():
        _refuse_differing(name, said)
    scene.note(
        scene.cast.association,
        "重新抽签、重新计票，结果相同",
        "repeats the draw and the count: the same",
    )


def _refuse_differing(name: str, lines: tuple[Line, ...]) -> None:
    differing = [line.text for line in lines if not line.holds]
    if differing:
        raise PlayFailed(f"{name}: {differing[0]}")


def differences(scene: Scene, seen: Seen) -> list[str]:
    """Where the case ended otherwise than expected.json says; only what it names is compared."""
    expected = scene.folder.expected
    if expected is None:
        return []
    found = _found(scene, seen)
    named = expected.model_dump(exclude_none=True)
    if seen.panel is None:
        named.pop("tally", None)  # what a panel would have said is not what happened
    return [
        f"{name}: {words('应为', 'expected')} {value}, {words('实为', 'found')} {found[name]}"
        for name, value in named.items()
        if found[name] != value
    ]


def _found(scene: Scene, seen: Seen) -> dict[str, object]:
    """The end of the case in the words of expected.json."""
    assert seen.ruling is not None, "a case that ended has a ruling"
    ruling = seen.ruling
    owed = sum(wish.amount_fen or 0 for wish in ruling.owed if wish.code in PENALTIES)
    granted = (ruling.remedy, *(wish.code for wish in ruling.owed))
    payment = scene.folder.order.refunded_by
    return {
        "outcome": ruling.outcome,
        "refund_amount_fen": ruling.refund_fen,
        "refund_channel": payment.channel if payment else None,
        "compensation_fen": owed,
        "total_fen": ruling.refund_fen + owed,
        "return_goods": ruling.return_goods,
        "remedies": tuple(dict.fromkeys(granted)),
        "reason_code": scene.folder.claim.reason_code,
        "merchant_answered": bool(scene.folder.response.answer),
        "tally": {choice: count for choice, count in ruling.counts.items() if count},
    }
