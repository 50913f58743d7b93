"""A receipt (C2SP tlog-proof): the offline proof that an entry is in the log.

    c2sp.org/tlog-proof@v1
    index 4
    <base64 hash>           <- the inclusion proof, from the leaf upwards
                            <- an empty line, then the checkpoint it leads to, as it was signed

With the entry's bytes and the log's public key nothing else is needed to check it. The
checkpoint keeps every signature it came with: the log's, Ed25519 and ML-DSA-44, and those of
witnesses. An optional `extra <base64>` line before the index is allowed and carries no weight.
Without the entry only its place can be checked: that the log signed a tree in which this index
exists and needs a proof of this length. What stands there, the entry alone can show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.encoding import from_base64, from_decimal, to_base64
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, leaf_digest, verify_inclusion
from ledger.note import Verifier

_TITLE = "c2sp.org/tlog-proof@v1"
# A path in a tree of 2^63 leaves.
_LONGEST_PROOF = 63


@dataclass(frozen=True)
class Receipt:
    """A parsed receipt; `note` is the signed checkpoint, nothing is verified yet."""

    index: int
    proof: tuple[bytes, ...]
    note: str

    def verify(self, raw_entry: bytes, verifiers: Iterable[Verifier]) -> Checkpoint:
        """The checkpoint that proves the entry; VerificationError if it does not."""
        checkpoint = read_checkpoint(self.note, verifiers)
        leaf = leaf_digest(raw_entry)
        verify_inclusion(self.index, checkpoint.size, leaf, self.proof, checkpoint.root)
        return checkpoint

    def verify_place(self, verifiers: Iterable[Verifier]) -> Checkpoint:
        """The checkpoint, if a proof of this form can lead to it from this index.

        Says nothing about any entry; VerificationError if no entry could fit.
        """
        checkpoint = read_checkpoint(self.note, verifiers)
        if len(self.proof) != _path_length(self.index, checkpoint.size):
            raise VerificationError(f"not the length of a proof for entry {self.index}")
        return checkpoint


def format_receipt(index: int, proof: Sequence[bytes], note: str) -> str:
    """The text of a receipt."""
    hashes = "".join(f"{to_base64(each)}\n" for each in proof)
    return f"{_TITLE}\nindex {index}\n{hashes}\n{note}"


def parse_receipt(text: str) -> Receipt:
    """Read the text of a receipt; VerificationError if it is malformed."""
    head, gap, note = text.partition("\n\n")
    title, *lines = head.split("\n")
    if lines and lines[0].startswith("extra "):
        from_base64(lines.pop(0).removeprefix("extra "))
    if title != _TITLE or not gap or not lines or not lines[0].startswith("index "):
        raise VerificationError("not a receipt (tlog-proof)")
    if len(lines) - 1 > _LONGEST_PROOF:
        raise VerificationError("the proof in a receipt is too long")
    index = from_decimal(lines[0].removeprefix("index "))
    return Receipt(index, tuple(map(_hash, lines[1:])), note)


def _path_length(index: int, size: int) -> int:
    """How many hashes lead from a leaf to the root (as merkle.verify_inclusion counts)."""
    if index >= size:
        raise VerificationError(f"there is no entry {index} among {size}")
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def _hash(text: str) -> bytes:
    content = from_base64(text)
    if len(content) != HASH_BYTES:
        raise VerificationError("a hash in a receipt is 32 bytes long")
    return content
