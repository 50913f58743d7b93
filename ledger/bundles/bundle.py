"""A bundle: one stream of the log in a zip file that anybody can check offline.

    README.txt                  what this is, what it proves and how to check it, in two languages
    verify.py                   the check in one file of plain Python (standalone.py)
    log.vkey                    the public keys the checkpoint claims to be signed with
    policy.txt                  the witnesses' keys (C2SP tlog-policy), if they are known
    checkpoint                  the signed and cosigned note that all proofs lead to
    checkpoint.tsr              an RFC 3161 response over its bytes, if there is one
    stream                      one line: the stream's name
    entries/<index>             the raw bytes of every entry of the stream, in order
    proof                       inclusion of all entries and of the map's (multiproof.py)
    map/<index>                 the raw bytes of the newest entry of stream ledger/map
    map/proof                   that these are all entries of the stream below it (mapproof.py)
    disclosures/<index>.jsonl   the fields that are shown, one disclosure a line
    extras/...                  whatever explains it: documents, pictures, digests of evidence

A stream that does not exist has a bundle too, without entries: the proof that there is none.
The same input gives the same bytes (container.py); verify.py checks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files as resources
from typing import BinaryIO

from ledger.bundles.container import MAX_BYTES, Container, read_container, write_container
from ledger.bundles.multiproof import format_multiproof, prove_leaves
from ledger.entry import Entry
from ledger.errors import VerificationError
from ledger.keys import VKEY, format_vkey_file
from ledger.log import Log
from ledger.mapproof import format_map_proof
from ledger.stores.store import check_key

README, VERIFIER, POLICY = "README.txt", "verify.py", "policy.txt"
CHECKPOINT, TIMESTAMP = "checkpoint", "checkpoint.tsr"
STREAM, PROOF = "stream", "proof"
ENTRIES, MAP, DISCLOSURES, EXTRAS = "entries/", "map/", "disclosures/", "extras/"
MAP_PROOF = f"{MAP}proof"

_NUMBER = r"(?:0|[1-9][0-9]{0,18})"
# No name can mean a place outside of the folder that a bundle is unpacked into.
_KNOWN = re.compile(
    r"README\.txt|verify\.py|log\.vkey|policy\.txt|checkpoint|checkpoint\.tsr|stream|proof"
    rf"|entries/{_NUMBER}|map/{_NUMBER}|map/proof|disclosures/{_NUMBER}\.jsonl"
    r"|extras(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,9}"
)


def write_bundle(
    target: BinaryIO,
    log: Log,
    stream: str,
    disclosures: Mapping[int, Sequence[str]],
    extras: Mapping[str, bytes],
) -> None:
    """Write the bundle of a stream as it is now, or the proof that there is no such stream.

    `disclosures` maps indices of entries to the disclosure texts to show; `extras` maps file
    names to contents. ValueError if a disclosure is for an entry of another stream, if a name
    cannot be one, or beyond 1 GiB.
    """
    files = dict(_proven(log, stream))
    for index, texts in sorted(disclosures.items()):
        if entry_name(index) not in files:
            raise ValueError(f"entry {index} is not of stream {stream}, it can show nothing here")
        files[disclosures_name(index)] = "".join(f"{text}\n" for text in texts).encode("utf-8")
    for name, content in sorted(extras.items()):
        files[check_name(EXTRAS + check_key(name))] = content
    pack(target, files)


def pack(target: BinaryIO, files: Mapping[str, bytes]) -> None:
    """Put files into a zip file with the only bytes that a bundle of them has.

    For a holder who shows less of a bundle than he was given.
    """
    target.write(write_container(files))


def read_bundle(source: BinaryIO) -> Container:
    """What is in a bundle; VerificationError unless each file may be there."""
    container = read_container(source.read(MAX_BYTES * 2))
    for name in container.files:
        check_name(name, VerificationError)
    return container


def check_name(name: str, error: type[Exception] = ValueError) -> str:
    """The name itself, if a file of a bundle may have it."""
    if not _KNOWN.fullmatch(name):
        raise error(f"{name}: a file that does not belong in a bundle")
    return name


def entry_name(index: int) -> str:
    return f"{ENTRIES}{index}"


def disclosures_name(index: int) -> str:
    return f"{DISCLOSURES}{index}.jsonl"


def readme() -> bytes:
    """The text that goes into every bundle as README.txt."""
    return resources("ledger.bundles").joinpath("bundle.txt").read_bytes()


def verifier_program() -> bytes:
    """The file that goes into every bundle as verify.py."""
    return resources("ledger.bundles").joinpath("standalone.py").read_bytes()


def _proven(log: Log, stream: str) -> Iterator[tuple[str, bytes]]:
    """All files but those that the caller adds, in their order."""
    completeness = log.prove_stream(stream)
    map_entry = completeness.map_entry
    entries = [each for each in log.stream_entries(stream) if each.index < map_entry.index]
    checkpoint = log.checkpoint_covering(map_entry.index)
    stamp = log.timestamp(checkpoint.size)
    yield README, readme()
    yield VERIFIER, verifier_program()
    yield VKEY, format_vkey_file(log.verifiers)
    if log.witnesses is not None:
        yield POLICY, log.witnesses.policy.text
    yield CHECKPOINT, checkpoint.text.encode("utf-8")
    if stamp is not None:
        yield TIMESTAMP, stamp
    yield STREAM, f"{stream}\n".encode("ascii")
    yield from ((entry_name(entry.index), entry.raw) for entry in entries)
    yield PROOF, _inclusion(log, [*entries, map_entry], checkpoint.size)
    yield f"{MAP}{map_entry.index}", map_entry.raw
    yield MAP_PROOF, format_map_proof(completeness.proof).encode("ascii")


def _inclusion(log: Log, entries: Sequence[Entry], size: int) -> bytes:
    proof = prove_leaves((entry.index for entry in entries), size, log.node)
    return format_multiproof(proof).encode("ascii")
