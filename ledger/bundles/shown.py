"""What a bundle shows in clear, and what that proves: fields (RFC 9901), and files they name.

disclosures/<index>.jsonl     one disclosure a line; its digest stands in entry <index>
extras/...                    proven where a shown field states their SHA-256 in hexadecimal,
                              or where an entry names them as its encrypted file
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.canonical import Json
from ledger.content import read_content
from ledger.encoding import from_utf8
from ledger.entry import Entry
from ledger.errors import VerificationError
from ledger.seal import Disclosure, disclosure_digest, parse_disclosures


@dataclass(frozen=True)
class Shown:
    """A disclosed field and the index of the entry it belongs to."""

    index: int
    field: Disclosure


def read_shown(entry: Entry, content: bytes) -> tuple[Shown, ...]:
    """The fields in a file of disclosures; VerificationError unless the entry holds each."""
    if not content:
        return ()
    if not content.endswith(b"\n"):
        raise VerificationError("the last line is cut off")
    texts = from_utf8(content).split("\n")[:-1]
    held = set(read_content(entry).sd)
    if any(disclosure_digest(text) not in held for text in texts):
        raise VerificationError("a field that is not in the entry")
    return tuple(Shown(entry.index, field) for field in parse_disclosures(texts))


def vouched_digests(entries: Iterable[Entry], shown: Iterable[Shown]) -> dict[str, str]:
    """Which digests of files the stream vouches for, and in which words."""
    vouched: dict[str, str] = {}
    for entry in entries:
        words = f"the encrypted file of entry {entry.index}"
        vouched |= dict.fromkeys(_blobs(entry), words)
    for each in shown:
        words = f"stated in field {each.field.name} of entry {each.index}"
        vouched |= dict.fromkeys(_texts(each.field.value), words)
    return vouched


def _blobs(entry: Entry) -> tuple[str, ...]:
    try:
        return read_content(entry).blobs
    except VerificationError:  # plain, or sealed in a way that only its writer knows
        return ()


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value at any depth; without recursion, for values can be deep."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            waiting.extend(each.values())
        elif isinstance(each, Sequence):
            waiting.extend(each)
