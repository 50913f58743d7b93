"""summary.json: how a play ended, with every receipt that was given."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from portal.rehearsal.scene import Scene, Seen

SUMMARY = "summary.json"


def write_summary(scene: Scene, seen: Seen, out: Path) -> None:
    """Write it beside the bundle. Called after the bundle was verified, which it says."""
    assert seen.ruling is not None, "a case that ended has a ruling"
    ruling = seen.ruling
    summary = {
        "case_no": seen.case_no,
        "state": seen.state,
        "outcome": ruling.outcome,
        "basis": ruling.basis,
        "remedy": ruling.remedy,
        "refund_fen": ruling.refund_fen,
        "return_goods": ruling.return_goods,
        "compensation_fen": sum(wish.amount_fen or 0 for wish in ruling.owed),
        "owed": [wish.model_dump() for wish in ruling.owed],
        "counts": ruling.counts,
        "refund_state": seen.refund.state if seen.refund else None,
        "verified": True,
        "receipts": [asdict(step) for step in scene.steps],
        "checkpoint": scene.cast.association.fetch("/log/checkpoint").decode(),
    }
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (out / SUMMARY).write_text(f"{text}\n", encoding="utf-8")
