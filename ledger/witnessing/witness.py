"""What a witness answers (C2SP tlog-witness), as a pure function of what it knows.

A witness signs a log's checkpoint if, and only if, it continues the one it signed last. So two
people whose checkpoints carry its signature have seen one history. Checked in this order:

    400  the request is malformed
    404  the log is not one this witness watches
    403  no line by a key of that log, or a false one
    400  the old size is above the new one
    409  the old size is not that of the checkpoint signed last; the body is that size
    422  the proof does not lead there: same size but another root, a proof from size 0,
         an empty tree with a root, or a consistency proof of something else
    200  the witness's signature lines

Whoever calls this must keep two promises that a pure function cannot: nothing else is decided
for the log meanwhile, and the new checkpoint is on disk before an answer leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.checkpoint import Checkpoint, add_signatures, parse_checkpoint
from ledger.encoding import from_base64, from_decimal, from_utf8
from ledger.errors import VerificationError
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency
from ledger.note import Cosigner, Signature, Verifier, open_note, parse_note

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
_MOST_PROOF_LINES = 63


@dataclass(frozen=True)
class WatchedLog:
    """A log by its origin, and the keys (type 01 or 06) it may sign with."""

    origin: str
    verifiers: tuple[Verifier, ...]

    @property
    def digest(self) -> str:
        """The log's name in addresses and file names: hexadecimal SHA-256 of the origin."""
        return sha256(self.origin.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class AddCheckpoint:
    """A request as read; nothing in it is verified yet."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: str
    content_type: str = TEXT


def parse_request(body: bytes) -> AddCheckpoint:
    """The request in the body of a POST to add-checkpoint; VerificationError if malformed."""
    head, gap, note = from_utf8(body).partition("\n\n")
    first, *lines = head.split("\n", _MOST_PROOF_LINES + 1)
    if not gap or not first.startswith("old ") or len(lines) > _MOST_PROOF_LINES:
        raise VerificationError("not an old size, up to 63 hashes, an empty line and a checkpoint")
    proof = tuple(map(from_base64, lines))
    if any(len(each) != HASH_BYTES for each in proof):
        raise VerificationError("a hash in the proof is not 32 bytes long")
    old = from_decimal(first.removeprefix("old "))
    return AddCheckpoint(old, proof, parse_checkpoint(note))


def decide(
    log: WatchedLog | None, signed: Checkpoint | None, request: AddCheckpoint
) -> Checkpoint | Reply:
    """The checkpoint to sign, with the log's own lines alone, or a refusal.

    `log` is the watched log of the request's origin, `signed` what was signed for it last.
    """
    if log is None:
        return Reply(404, "this witness does not watch that log\n")
    new = request.checkpoint
    try:
        note = open_note(new.text, log.verifiers)
    except VerificationError as error:
        return Reply(403, f"{error}\n")
    if request.old > new.size:
        return Reply(400, "the old size is above the size of the checkpoint\n")
    if request.old != (signed.size if signed else 0):
        return Reply(409, f"{signed.size if signed else 0}\n", SIZE)
    try:
        _check_growth(signed, new, request.proof)
    except VerificationError as error:
        return Reply(422, f"{error}\n")
    return Checkpoint(new.origin, new.size, new.root, str(note))


def contradicts(signed: Checkpoint | None, request: AddCheckpoint) -> bool:
    """Whether the request alone proves that the log signed two roots for one size.

    To be asked about refusals with 422 only: there the log's signature is known to be good.
    """
    new = request.checkpoint
    return signed is not None and signed.size == new.size and signed.root != new.root


def cosign(
    cosigner: Cosigner, checkpoint: Checkpoint, at: int
) -> tuple[Checkpoint, tuple[Signature, ...]]:
    """The checkpoint with the witness's lines, and these alone; `at` in POSIX seconds, above 0."""
    assert at > 0, "a cosignature without a time says nothing"
    lines = cosigner.sign(parse_note(checkpoint.text).text, at).signatures
    return add_signatures(checkpoint, lines), lines


def _check_growth(signed: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> None:
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise VerificationError("an empty tree has another root")
    if signed is not None and signed.size > 0:
        verify_consistency(signed.size, new.size, signed.root, new.root, proof)
    elif proof:
        raise VerificationError("a proof from an empty tree is empty")
