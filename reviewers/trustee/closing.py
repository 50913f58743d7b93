"""Reading the proof that voting is closed, with nothing taken on trust but keys of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import Checkpoint
from ledger.content import read_content
from ledger.entry import parse_entry
from ledger.errors import VerificationError
from ledger.merkle import leaf_digest
from ledger.note import Verifier
from ledger.receipt import parse_receipt
from ledger.seal import disclosures_match, parse_disclosures
from ledger.witnessing.policy import Policy, read_witnessed
from reviewers.trustee.errors import BadRequest, Refused

CLOSING = "VOTING_CLOSED"
STREAM = "case/"
MOST_BALLOTS = 64


@dataclass(frozen=True)
class Trusted:
    """Whom this trustee believes: the log's keys, and witnesses if it has a policy of its own."""

    log: tuple[Verifier, ...]
    policy: Policy | None = None


@dataclass(frozen=True)
class Closing:
    """A closing that stands in the log; `record` is its leaf hash, hex."""

    case_no: str
    round: int
    seats: tuple[int, ...]
    slips: tuple[str, ...]
    record: str
    size: int  # of the checkpoint that proves it


def read_closing(proof: Any, trusted: Trusted) -> Closing:
    """The closing that this proof proves. Raises BadRequest or Refused."""
    receipt, raw, disclosures = _parts(proof)
    checkpoint = _proven(receipt, raw, trusted)
    try:
        entry = parse_entry(parse_receipt(receipt).index, raw)
        kind = read_content(entry).type
        shown = {each.name: each.value for each in parse_disclosures(disclosures)}
        ours = disclosures_match(raw, disclosures)
    except VerificationError:
        raise Refused("NOT_A_CLOSING") from None
    if kind != CLOSING or not ours or not entry.stream.startswith(STREAM):
        raise Refused("NOT_A_CLOSING")
    if not shown.keys() >= {"round", "seats", "slips"}:  # a panel that is not named could be any
        raise Refused("NOT_A_CLOSING")
    return Closing(
        case_no=entry.stream.removeprefix(STREAM),
        round=_whole(shown["round"]),
        seats=tuple(map(_whole, _listed(shown["seats"]))),
        slips=tuple(map(_slip, _listed(shown["slips"]))),
        record=leaf_digest(raw).hex(),
        size=checkpoint.size,
    )


def _proven(receipt: str, raw: bytes, trusted: Trusted) -> Checkpoint:
    try:
        checkpoint = parse_receipt(receipt).verify(raw, trusted.log)
    except VerificationError:
        raise Refused("NOT_PROVEN") from None
    if trusted.policy is not None:
        try:
            read_witnessed(checkpoint.text, trusted.policy, trusted.log)
        except VerificationError:
            raise Refused("TOO_FEW_WITNESSES") from None
    return checkpoint


def _parts(proof: Any) -> tuple[str, bytes, list[str]]:
    if not isinstance(proof, dict) or set(proof) != {"receipt", "raw", "disclosures"}:
        raise BadRequest("proof")
    receipt, raw, disclosures = proof["receipt"], proof["raw"], proof["disclosures"]
    if not isinstance(receipt, str) or not isinstance(raw, str):
        raise BadRequest("proof")
    if not isinstance(disclosures, list) or not all(isinstance(one, str) for one in disclosures):
        raise BadRequest("proof")
    return receipt, raw.encode("utf-8", "replace"), disclosures


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_BALLOTS:
        raise Refused("NOT_A_CLOSING")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:  # a bool is no seat
        raise Refused("NOT_A_CLOSING")
    return value


def _slip(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("NOT_A_CLOSING")
    return value
