"""Read what a draw needs of a checkpoint: a signed note (C2SP signed-note, tlog-checkpoint).

    mingan.example/log          <- origin, the log's own name
    42                          <- entries it covers
    rvYZyrZo...=                <- base64 of the root hash
                                <- further lines, then an empty one
    — mingan.example/log ...    <- signature lines: name, base64(key id of 4 bytes || signature)
    — association.example ...

Signatures are not verified here, that is `python -m ledger verify`; only their bytes are used.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from reviewers.errors import CheckpointUnreadable

KEY_ID_BYTES = 4
ROOT_BYTES = 32
_SIGNATURE = re.compile("— ([^ \n+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One signature line of somebody other than the log."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` entries have this `root` (32 bytes); `cosigned` sorted by key id, then bytes."""

    origin: str
    size: int
    root: bytes
    cosigned: tuple[Cosignature, ...]


def read_checkpoint(text: str) -> Checkpoint:
    """The parts of a signed note. Raises CheckpointUnreadable."""
    body, parted, tail = text.rpartition("\n\n")
    lines = body.split("\n")
    if not parted or len(lines) < 3 or not _SIZE.fullmatch(lines[1]):
        raise CheckpointUnreadable("the checkpoint is not a signed note of a log")
    root = _decode(lines[2])
    if len(root) != ROOT_BYTES:
        raise CheckpointUnreadable("the checkpoint's root hash is not 32 bytes")
    found = (_cosignature(line) for line in tail.split("\n") if line)
    others = (one for one in found if one.name != lines[0])
    in_order = sorted(others, key=lambda one: (one.key_id, one.signature))
    return Checkpoint(lines[0], int(lines[1]), root, tuple(in_order))


def cosignatures(text: str) -> tuple[bytes, ...]:
    """What the witnesses add to the seed: the bytes after the key id, by key id, then bytes.

    The log's own signatures are left out: the operator makes them alone. Raises
    CheckpointUnreadable.
    """
    return tuple(one.signature for one in read_checkpoint(text).cosigned)


def _cosignature(line: str) -> Cosignature:
    match = _SIGNATURE.fullmatch(line)
    content = _decode(match[2]) if match else b""
    if match is None or len(content) <= KEY_ID_BYTES:
        raise CheckpointUnreadable("the checkpoint has a line that is not a signature")
    return Cosignature(match[1], content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise CheckpointUnreadable("the checkpoint holds something that is not base64") from None
