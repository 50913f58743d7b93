"""A file from a person's hand to a row that a command can name.

The digest is known when the last byte has arrived; then the file is decoded in a process of its
own, encrypted under the case's key and stored; the row comes last, so a row never names a file
that is not durable.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from msgspec import convert, to_builtins
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portal.cases.state import Case
from portal.config import Limits as Allowed
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import EvidenceSealed, FileRef
from portal.evidence.hashing import HashingFile
from portal.evidence.names import safe_name
from portal.evidence.prove import Limits, Proven, prove
from portal.evidence.tables import Upload
from portal.house import House
from portal.times import stamp
from portal.words import EVIDENCE

NOTE_LIMIT = 500
LETTERS = {"BUYER": "B", "MERCHANT": "M", "PLATFORM": "P"}
PROVENANCE = {"PLATFORM": "G1_PLATFORM_SYSTEM"}
USUAL_KINDS = {"image": "PHOTO", "video": "VIDEO", "pdf": "OFFICIAL_DOC"}


@dataclass(frozen=True)
class Receiver:
    """Where a file goes: whose it is, on which side, under which data key."""

    owner: str
    side: str
    kid: str


def of_draft(draft_id: str, kid: str) -> Receiver:
    """The receiver of a claim's files while it is a draft."""
    return Receiver(f"draft:{draft_id}", "BUYER", kid)


def of_case(case_no: str, side: str, kid: str) -> Receiver:
    """The receiver of a side's files in a case; `kid` is the key of the case's stream."""
    return Receiver(f"case:{case_no}:{side}", side, kid)


def take(
    house: House, storage: FileStorage, to: Receiver, kind: str | None = None, note: str = ""
) -> Upload:
    """Receive, prove and store one file; the same bytes again give the same upload.

    Raises UploadRefused for a file that is not what we take, BadInput for its description, Refused
    when the side has handed in enough.
    """
    stream = _hashed(storage)
    _check_words(kind, note)
    known = _prepare(house, to, stream)
    if known:
        return known
    name = storage.filename or ""
    proven = _prove(house, stream, name)
    upload = _store(house, to, stream, proven, safe_name(name))
    upload.kind, upload.note = kind or USUAL_KINDS[proven.kind], note.strip()
    return _keep(house, upload)


def uploads_of(session: Session, owner: str) -> list[Upload]:
    """An owner's files in the order in which they came."""
    query = select(Upload).where(Upload.owner == owner).order_by(Upload.received_at, Upload.id)
    return list(session.scalars(query))


def not_sealed(uploads: Iterable[Upload], case: Case) -> list[Upload]:
    """Those that are not exhibits of the case yet."""
    sealed = {exhibit.upload_id for exhibit in case.exhibits}
    return [upload for upload in uploads if upload.id not in sealed]


def next_number(case: Case, side: str) -> int:
    """The number of the side's next exhibit."""
    letter = LETTERS[side]
    numbers = (x.number for x in case.exhibits if x.number.startswith(letter))
    return 1 + max((int(number[1:]) for number in numbers), default=0)


def as_exhibits(
    uploads: Sequence[Upload], side: str, first_number: int = 1
) -> tuple[EvidenceSealed, ...]:
    """Uploads as the events that seal them, numbered B1, B2 … from `first_number`."""
    return tuple(
        _exhibit(upload, side, f"{LETTERS[side]}{number}")
        for number, upload in enumerate(uploads, first_number)
    )


def _exhibit(upload: Upload, side: str, number: str) -> EvidenceSealed:
    return EvidenceSealed(
        number=number,
        side=side,
        kind=upload.kind,
        provenance=PROVENANCE.get(side, "G4_PARTY_UPLOAD"),
        name=upload.name,
        note=upload.note,
        file=convert(upload.file, FileRef),
        picture=convert(upload.picture, FileRef) if upload.picture else None,
        duration_ms=upload.duration_ms,
        captured_at=upload.captured_at,
        received_at=stamp(upload.received_at),
        upload_id=upload.id,
    )


def _hashed(storage: FileStorage) -> HashingFile:
    stream = storage.stream
    assert isinstance(stream, HashingFile), "an upload came past EvidenceRequest"
    return stream


def _check_words(kind: str | None, note: str) -> None:
    if kind is not None and kind not in EVIDENCE:
        raise BadInput("kind", _("没有这种凭证"))
    if len(note) > NOTE_LIMIT:
        raise BadInput("note", _("最多 %(most)s 个字"), most=NOTE_LIMIT)


def _prepare(house: House, to: Receiver, stream: HashingFile) -> Upload | None:
    """The upload that these bytes already are; Refused when there is no room for another."""
    with house.sessions() as session:
        known = _find(session, to.owner, stream.sha256)
        if known is None:
            _check_room(session, to.owner, stream.size, house.config.limits)
        return known


def _find(session: Session, owner: str, sha256: str) -> Upload | None:
    return session.scalar(select(Upload).where(Upload.owner == owner, Upload.sha256 == sha256))


def _check_room(session: Session, owner: str, more_bytes: int, limits: Allowed) -> None:
    query = select(func.count(), func.coalesce(func.sum(Upload.size), 0))
    count, total = session.execute(query.where(Upload.owner == owner)).one()
    if count >= limits.max_files_per_side:
        raise Refused(_("一次最多 %(most)s 个文件"), most=limits.max_files_per_side)
    if total + more_bytes > limits.max_case_bytes:
        raise Refused(_("文件总量太大，最多 %(most)s MB"), most=limits.max_case_bytes >> 20)


def _prove(house: House, stream: HashingFile, name: str) -> Proven:
    """The decoder is another process and needs a path."""
    limits = house.config.limits
    allowed = Limits(limits.max_image_bytes, limits.max_document_bytes, limits.max_video_bytes)
    with NamedTemporaryFile(dir=house.config.folder / "scratch") as copy:
        stream.seek(0)
        shutil.copyfileobj(stream, copy)
        copy.flush()
        return prove(Path(copy.name), claimed_name=name, limits=allowed)


def _store(house: House, to: Receiver, stream: HashingFile, proven: Proven, name: str) -> Upload:
    digest = stream.sha256
    stream.seek(0)
    file = house.files.put(stream, to.kid, proven.media_type)
    assert file.sha256 == digest, "what was stored is not what arrived"
    picture = house.files.put_bytes(proven.picture, to.kid, "image/webp")
    return Upload(
        id=uuid.uuid4().hex,
        owner=to.owner,
        side=to.side,
        name=name,
        media_type=proven.media_type,
        size=file.size,
        sha256=digest,
        file=to_builtins(file),
        picture=to_builtins(picture),
        duration_ms=proven.duration_ms,
        captured_at=proven.captured_at,
        received_at=house.clock.now(),
    )


def _keep(house: House, upload: Upload) -> Upload:
    try:
        with house.sessions.begin() as session:
            session.add(upload)
        return upload
    except IntegrityError:
        # The same file arrived twice at once; the other one was faster.
        with house.sessions() as session:
            known = _find(session, upload.owner, upload.sha256)
        if known is None:
            raise
        return known
