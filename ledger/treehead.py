"""The lines of a checkpoint that matter (C2SP tlog-checkpoint): which log, how long, which root.

    mingan.example/log      <- origin: the log's name
    7                       <- number of entries
    SnSZ...w=               <- base64 of the RFC 6962 root
                               further lines, none of them empty, may follow: passed over

A statement only; who vouches for it is said by the signatures of the note around it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.encoding import from_base64, from_decimal, to_base64
from ledger.errors import VerificationError

ROOT_BYTES = 32


@dataclass(frozen=True)
class TreeHead:
    """The log `origin` has `size` entries under the 32-byte `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed, with its last newline."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def parse_tree_head(text: str) -> TreeHead:
    """The statement in a note's text; VerificationError if there is none."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or "" in lines[3:-1] or lines[-1]:
        raise VerificationError("not a checkpoint: origin, size and root are three lines")
    root = from_base64(lines[2])
    if len(root) != ROOT_BYTES:
        raise VerificationError("the root of a checkpoint is 32 bytes long")
    return TreeHead(lines[0], from_decimal(lines[1]), root)
