"""A bundle: one stream of the log in a zip file that anybody can check offline.

    README.txt                      what this is and how to check it, in Chinese and English
    log.vkey                        the public key the checkpoint claims to be signed with
    checkpoint                      the signed note all proofs lead to
    entries/<index>.json            the raw bytes of every entry of the stream, in order
    proofs/<index>.tlog-proof       its receipt
    disclosures/<index>.jsonl       the fields that are shown, one disclosure a line
    extras/...                      whatever explains it: documents, pictures

The same input gives the same bytes: nothing is compressed, every time is 1980-01-01.
verify.py checks it.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from ledger.checkpoint import Checkpoint
from ledger.errors import NotStored, VerificationError
from ledger.keys import VKEY, format_vkey_file
from ledger.log import Log
from ledger.publisher import POINTER
from ledger.receipt import format_receipt
from ledger.store import check_key

README = "README.txt"
EXTRAS = "extras/"
# Opened by people on ordinary machines; evidence videos do not go into a bundle.
MAX_BUNDLE_BYTES = 1 << 30
MAX_FILES = 100_000

_KNOWN = re.compile(
    r"README\.txt|log\.vkey|checkpoint|entries/\d+\.json|proofs/\d+\.tlog-proof"
    r"|disclosures/\d+\.jsonl|extras/[^\0-\x1f\\]{1,500}",
    re.ASCII,
)
# What zipfile raises when it is fed with junk, as far as its code shows.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,  # also NotImplementedError: encryption, unknown compression
)

_README_TEXT = """\
明案 证据包

这里是一个事项在公开账本中的全部记录，以及证明它们确在账本中、未被改动的材料。
核对方法（无需联网，无需信任任何一方）：

    python -m ledger verify 本文件.zip --key 账本公钥

账本公钥请从本文件以外的途径取得，例如消费者协会公布的公钥；log.vkey 只是本文件自称的公钥。

entries/       每条记录的原始字节，逐字节计算摘要
proofs/        每条记录的包含证明（C2SP tlog-proof）
checkpoint     账本签名的检查点
disclosures/   被出示的字段；未出示的字段保持密封，不影响核对
extras/        附件；只有其 SHA-256 写在已出示的字段中时，才受上述证明保护

----------------------------------------------------------------------

Ming'an evidence bundle

All records of one matter in a public ledger, with what proves that they are in the ledger
and unchanged. To check them, offline and trusting nobody:

    python -m ledger verify THIS-FILE.zip --key PUBLIC-KEY

Take the public key from elsewhere, such as a consumer association that publishes it;
log.vkey is only the key this file claims for itself.

entries/       the bytes of each record, as they are hashed
proofs/        the inclusion proof of each record (C2SP tlog-proof)
checkpoint     the checkpoint signed by the ledger
disclosures/   the fields that are shown; all others stay sealed, and the check needs none
extras/        attachments; proven only where a shown field states their SHA-256
"""


def write_bundle(
    target: BinaryIO,
    log: Log,
    stream: str,
    disclosures: Mapping[int, Sequence[str]],
    extras: Mapping[str, bytes],
) -> None:
    """Write the bundle of a stream as it is now.

    `disclosures` maps indices of entries to the disclosure texts to show; `extras` maps
    file names to contents. NotStored if the stream is empty, ValueError if a disclosure
    is for an entry of another stream or a name cannot be one.
    """
    entries = log.stream_entries(stream)
    if not entries:
        raise NotStored(f"stream {stream} has no entries")
    if disclosures.keys() - {entry.index for entry in entries}:
        raise ValueError(f"disclosures for entries that are not of stream {stream}")
    checkpoint = log.checkpoint_covering(entries[-1].index)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in _head(log, checkpoint):
            _add(archive, name, content)
        for entry in entries:
            _add(archive, entry_name(entry.index), entry.raw)
        for entry in entries:
            proof = log.inclusion(entry.index, checkpoint.size)
            receipt = format_receipt(entry.index, proof, checkpoint.text)
            _add(archive, proof_name(entry.index), receipt.encode("utf-8"))
        for index, texts in sorted(disclosures.items()):
            _add(archive, disclosures_name(index), _lines(texts))
        for name, content in sorted(extras.items()):
            _add(archive, EXTRAS + check_key(name), content)


def read_bundle(source: BinaryIO) -> dict[str, bytes]:
    """The files of a bundle by name; VerificationError unless each may be there, once."""
    try:
        with zipfile.ZipFile(source) as archive:
            _check_members(archive.infolist())
            return {each.filename: archive.read(each) for each in archive.infolist()}
    except _DAMAGE as error:
        raise VerificationError(f"the zip file is damaged: {error}") from None


def pack(target: BinaryIO, files: Mapping[str, bytes]) -> None:
    """Put files into a zip file with the only bytes that a bundle of them has.

    For a holder who shows less of a bundle than he was given.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            _add(archive, name, content)


def altered_at(source: BinaryIO, files: Mapping[str, bytes]) -> int | None:
    """The first byte of the zip file that pack() would not have written; None if there is none.

    Dates and attributes say nothing about the contents, and no checksum covers them.
    """
    target = BytesIO()
    pack(target, files)
    source.seek(0)
    given, written = source.read(), target.getvalue()
    if given == written:
        return None
    pairs = enumerate(zip(given, written, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(given), len(written)))


def entry_name(index: int) -> str:
    return f"entries/{index}.json"


def proof_name(index: int) -> str:
    return f"proofs/{index}.tlog-proof"


def disclosures_name(index: int) -> str:
    return f"disclosures/{index}.jsonl"


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        if not _KNOWN.fullmatch(member.filename) or member.filename in seen:
            raise VerificationError(f"{member.filename}: a file that does not belong in a bundle")
        if member.compress_type != zipfile.ZIP_STORED:
            raise VerificationError(f"{member.filename}: compressed, as no file of a bundle is")
        seen.add(member.filename)
    if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_BUNDLE_BYTES:
        raise VerificationError("larger than any bundle")


def _head(log: Log, checkpoint: Checkpoint) -> Iterator[tuple[str, bytes]]:
    yield README, _README_TEXT.encode("utf-8")
    yield VKEY, format_vkey_file(log.verifier)
    yield POINTER, checkpoint.text.encode("utf-8")


def _lines(texts: Sequence[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode("utf-8")


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980-01-01, the zero of the format
    entry.create_system = 3  # Unix, on every system
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
