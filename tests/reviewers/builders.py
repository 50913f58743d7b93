"""Ballots, claims and case bundles with defaults, for the tests of the panel's rules."""

from __future__ import annotations

import hashlib
import json
import zipfile
from base64 import b64encode
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from reviewers.ballot import Ballot, Choice, Claimed, Reason
from reviewers.ballot import encode as seal
from reviewers.candidates import Fixed, encode
from reviewers.draw import Draw, draw, seed
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


ROOT = bytes(range(32))
WITNESS = b"\0" * 8 + b"\x77" * 64  # time and signature
CHECKPOINT = (
    f"mingan.example/log\n2\n{b64encode(ROOT).decode()}\n\n"
    f"— mingan.example/log {b64encode(b'log!' + bytes(64)).decode()}\n"
    f"— association.example {b64encode(b'wit!' + WITNESS).decode()}\n"
)


def a_pool(size: int = 12) -> dict[str, list[tuple[str, int]]]:
    return {str(s): [(f"r_{s[0].lower()}{n:03}", 1 + n % 3) for n in range(size)] for s in Stratum}


def a_fixed(size: int = 12) -> Fixed:
    strata = {stratum: tuple(who) for stratum, who in a_pool(size).items()}
    return Fixed(strata, {"r_busy": "WORKLOAD"})


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Story:
    """A case as its entries and the files beside them; tests bend it before it is packed."""

    events: list[tuple[str, dict[str, Any]]]
    pools: dict[str, bytes]
    ballots: dict[str, bytes]

    def the(self, type_: str, place: int = 0) -> dict[str, Any]:
        return [fields for found, fields in self.events if found == type_][place]

    def place(self, type_: str) -> int:
        return [found for found, _ in self.events].index(type_)


def a_case() -> Story:
    """The silk shirt's panel, from the call to the tally, every ballot sealed by the server."""
    claimed, ballots = sample_claim("silk-shirt"), sample_ballots("silk-shirt")
    content = encode(a_fixed())
    seed_ = seed("MA-2026-000001", 1, ROOT, [WITNESS])
    drawn = draw(seed_, a_pool(), Track.STANDARD.seats, 2)
    events = [
        ("CASE_FILED", {"case_no": "MA-2026-000001"}),
        ("PANEL_CALLED", _called(content, claimed)),
        ("PANEL_DRAWN", _drawn(seed_, drawn)),
        *(("BALLOT_COMMITTED", _committed(ballot)) for ballot in ballots),
        ("VOTING_CLOSED", _closed(ballots)),
        *(("BALLOT_REVEALED", {"seat": b.seat, "ballot": b.as_fields()}) for b in ballots),
        ("TALLY_CLOSED", {"result": tally(ballots, 7, claimed).as_fields()}),
    ]
    return Story(events, {digest_of(content): content}, {})


def _called(content: bytes, claimed: Claimed) -> dict[str, Any]:
    return {
        "case_no": "MA-2026-000001",
        "track": "STANDARD",
        "round": 1,
        "kind": "FIRST",
        "pool": {"sha256": digest_of(content)},
        "pool_length": 3,
        "counts": a_fixed().counts,
        "exclusions": a_fixed().exclusions,
        "seats": {str(stratum): n for stratum, n in Track.STANDARD.seats.items()},
        "claimed": claimed.as_fields(),
    }


def _drawn(seed_: bytes, drawn: Draw) -> dict[str, Any]:
    return {
        "checkpoint": CHECKPOINT,
        "seed": seed_.hex(),
        "seats": [asdict(seat) for seat in drawn.seats],
        "reserves": {stratum: list(ids) for stratum, ids in drawn.reserves},
        "reserves_wanted": 2,
        "extra": [WITNESS.hex()],
    }


def _committed(ballot: Ballot) -> dict[str, Any]:
    blob = f"{ballot.seat:064x}"
    sealed = {"blob": blob, "sha256": digest_of(seal(ballot))}
    return {"seat": ballot.seat, "sealed": sealed, "slip": blob, "sealed_by": "SERVER_KEY"}


def _closed(ballots: list[Ballot]) -> dict[str, Any]:
    seats = [ballot.seat for ballot in ballots]
    return {"why": "ALL_VOTED", "seats": seats, "slips": [f"{seat:064x}" for seat in seats]}


def a_bundle(target: Path, story: Story) -> Path:
    """Write a case the way a bundle holds it."""
    with zipfile.ZipFile(target, "w") as archive:
        for index, (type_, fields) in enumerate(story.events):
            archive.writestr(f"entries/{index}", ENTRY_HEAD + json.dumps({"type": type_}))
            lines = (
                json.dumps(["salt", name, value], ensure_ascii=False)
                for name, value in fields.items()
            )
            archive.writestr(f"disclosures/{index}.jsonl", "\n".join(lines) + "\n")
        for digest, content in story.pools.items():
            archive.writestr(f"extras/pool/{digest}.json", content)
        for slip, content in story.ballots.items():
            archive.writestr(f"extras/ballots/{slip}.json", content)
    return target
