"""Ballots, claims and case bundles with defaults, for the tests of the panel's rules."""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from reviewers.ballot import Ballot, Choice, Claimed, Reason
from reviewers.draw import draw, seed
from reviewers.pool import Stratum
from reviewers.tally import tally
from reviewers.tracks import Track

ENTRY_HEAD = f"mingan/entry/v2\ncase/1 0 - {'A' * 43}= 1/1 key\n"

SAMPLES = Path(__file__).parents[1] / "samples"

A_BALLOT = Ballot(
    seat=1,
    choice=Choice.SUPPORT_CLAIMANT,
    amount_fen=32900,
    compensation_fen=0,
    remedy=None,
    reasons=(Reason.PROMISE_PROVED,),
    text="吊牌写的是聚酯纤维。",
    citations=("E11", "55.5"),
    cast_at="2026-11-14T08:45:00+08:00",
)
A_CLAIM = Claimed(
    remedy="REFUND_RETURN",
    refund_fen=32900,
    compensation_fen=0,
    exhibits=frozenset({"E11", "买1"}),
    replay_ms=175_000,
)


def a_ballot(**changes: Any) -> Ballot:
    return replace(A_BALLOT, **changes)


def a_claim(**changes: Any) -> Claimed:
    return replace(A_CLAIM, **changes)


def some_ballots(*choices: Choice, **changes: Any) -> list[Ballot]:
    """One ballot per choice, seats from 1."""
    return [a_ballot(seat=n, choice=c, **changes) for n, c in enumerate(choices, 1)]


def sample_ballots(case: str) -> list[Ballot]:
    """The ballots of a sample case, which calls its citations exhibits."""
    content = json.loads(Path(SAMPLES, case, "ballots.json").read_text("utf-8"))
    return [Ballot.from_fields(one | {"citations": one["exhibits"]}) for one in content["ballots"]]


def sample_claim(case: str) -> Claimed:
    """Refund first, then the compensation if one is asked, as in claim.json."""
    folder = SAMPLES / case
    claim = json.loads((folder / "claim.json").read_text("utf-8"))
    exhibits = json.loads((folder / "exhibits.json").read_text("utf-8"))["exhibits"]
    refund, *others = claim["remedies"]
    extra = next((one for one in others if one.get("amount_fen")), {})
    return Claimed(
        remedy=refund["code"],
        refund_fen=refund["amount_fen"],
        compensation_fen=extra.get("amount_fen", 0),
        compensation_code=extra.get("code"),
        exhibits=frozenset(one["id"] for one in exhibits),
        replay_ms=175_000,
    )


def a_pool(size: int = 12) -> dict[Stratum, list[tuple[str, int]]]:
    return {s: [(f"r_{s[0].lower()}{n:03}", 1 + n % 3) for n in range(size)] for s in Stratum}


def a_case() -> list[tuple[str, dict[str, Any]]]:
    """(type, fields) of the silk shirt's panel, from the call to the tally."""
    claimed, ballots = sample_claim("silk-shirt"), sample_ballots("silk-shirt")
    root, pool = bytes(range(32)), a_pool()
    seed_ = seed("MA-2026-000001", root)
    drawn = draw(seed_, pool, Track.STANDARD.seats, 2)
    return [
        ("CASE_FILED", {"case_no": "MA-2026-000001"}),
        (
            "PANEL_CALLED",
            {
                "case_no": "MA-2026-000001",
                "track": "STANDARD",
                "candidates": {
                    stratum.value: [list(pair) for pair in pool[stratum]]
                    for stratum in Track.STANDARD.seats
                },
                "seats": {stratum.value: n for stratum, n in Track.STANDARD.seats.items()},
                "claimed": claimed.as_fields(),
            },
        ),
        (
            "PANEL_DRAWN",
            {
                "checkpoint": f"mingan.example/log\n2\n{b64encode(root).decode()}\n\n— signature",
                "seed": seed_.hex(),
                "seats": [[s.number, s.reviewer_id, s.stratum.value] for s in drawn.seats],
                "reserves": {stratum.value: list(ids) for stratum, ids in drawn.reserves},
            },
        ),
        *(("BALLOT_REVEALED", {"seat": b.seat, "ballot": b.as_fields()}) for b in ballots),
        ("TALLY_CLOSED", {"result": tally(ballots, 7, claimed).as_fields()}),
    ]


def a_bundle(target: Path, events: Iterable[tuple[str, Mapping[str, Any]]]) -> Path:
    """Write events the way a case bundle holds them."""
    with zipfile.ZipFile(target, "w") as archive:
        for index, (type_, fields) in enumerate(events):
            archive.writestr(f"entries/{index}", ENTRY_HEAD + json.dumps({"type": type_}))
            lines = (
                json.dumps(["salt", name, value], ensure_ascii=False)
                for name, value in fields.items()
            )
            archive.writestr(f"disclosures/{index}.jsonl", "\n".join(lines) + "\n")
    return target
