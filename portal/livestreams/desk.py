"""Taking a livestream session: the document, the replay that it describes, transcript and chat.

The replay is decoded before it is believed, and all files lie in the store before the entry that
names them. The same content handed over twice gives the same receipt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from portal.access import Actor
from portal.config import Config
from portal.documents import canonical_digest, read_document, validated
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import FileRef
from portal.evidence.prove import Limits, UploadRefused, prove
from portal.house import House
from portal.idempotency import by
from portal.livestreams.chat import check_chat
from portal.livestreams.commands import RecordLivestream
from portal.livestreams.session import Livestream, Transcript
from portal.receipts import earlier_receipt
from portal.recorder import Receipt

TRANSCRIPT_BYTES = 16 << 20
# Containers round to frames and audio packets; a cut is seconds.
TOLERANCE_MS = 2000


@dataclass(frozen=True)
class HandedOver:
    """What a platform sends for one session. The documents as bytes, the replay as a file."""

    session: bytes
    replay: Path
    transcript: bytes | None = None
    chat: bytes | None = None


@dataclass(frozen=True)
class Taken:
    """A session that is on record."""

    platform: str
    session_id: str
    receipt: Receipt


def take_livestream(house: House, actor: Actor, given: HandedOver) -> Taken:
    """Check and record a session. Raises BadInput, Refused, Unconfirmed."""
    session = validated(Livestream, read_document(given.session))
    if session.platform != actor.platform:
        raise BadInput("platform", _("只能提交自己平台的记录"))
    _check_documents(session, given)
    replay_sha256 = _check_bytes(session, given.replay)
    digest = _digest(given, replay_sha256)
    command_id = f"livestream/{session.platform}/{session.session_id}/{digest}"
    receipt = earlier_receipt(house, command_id)
    if receipt is None:
        media_type = _check_film(session, given.replay, house.config)
        command = _store(house, session, given, digest, media_type)
        receipt = house.recorder.record(command, by=by(actor), command_id=command_id)
    return Taken(session.platform, session.session_id, receipt)


def _check_documents(session: Livestream, given: HandedOver) -> None:
    if given.transcript is not None:
        document = read_document(given.transcript, TRANSCRIPT_BYTES)
        if validated(Transcript, document).session_id != session.session_id:
            raise BadInput("transcript.session_id", _("转写属于另一场直播"))
    if given.chat is not None:
        check_chat(given.chat)


def _check_bytes(session: Livestream, replay: Path) -> str:
    """The replay's SHA-256, which the session's document must state, like its size."""
    if replay.stat().st_size != session.replay.bytes:
        raise BadInput("replay.bytes", _("回放文件的大小与记录不符"))
    with replay.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != session.replay.sha256:
        raise BadInput("replay.sha256", _("回放文件的内容与记录不符"))
    return found


def _check_film(session: Livestream, replay: Path, config: Config) -> str:
    """The replay's media type, once it has been decoded and found as long as stated."""
    limits = Limits(video_bytes=config.limits.max_video_bytes)
    try:
        proven = prove(replay, claimed_name=session.replay.file, limits=limits)
    except UploadRefused as refused:
        raise BadInput("replay", refused.message, **refused.params) from refused
    if proven.kind != "video" or proven.duration_ms is None:
        raise BadInput("replay", _("回放文件不是视频"))
    if abs(proven.duration_ms - session.replay.duration_ms) > TOLERANCE_MS:
        raise BadInput("replay.duration_ms", _("回放文件的时长与记录不符"))
    return proven.media_type


def _digest(given: HandedOver, replay_sha256: str) -> str:
    """One name for the whole content."""
    documents = {"session": given.session, "transcript": given.transcript, "chat": given.chat}
    parts = {
        name: hashlib.sha256(content).hexdigest() if content is not None else None
        for name, content in documents.items()
    }
    return canonical_digest(parts | {"replay": replay_sha256})


def _store(
    house: House, session: Livestream, given: HandedOver, digest: str, media_type: str
) -> RecordLivestream:
    kid = house.keyring.make().kid

    def put(content: bytes | None, media_type: str) -> FileRef | None:
        return None if content is None else house.files.put_bytes(content, kid, media_type)

    with given.replay.open("rb") as replay:
        film = house.files.put(replay, kid, media_type)
    return RecordLivestream(
        platform=session.platform,
        session_id=session.session_id,
        digest=digest,
        session=house.files.put_bytes(given.session, kid, "application/json"),
        replay=film,
        transcript=put(given.transcript, "application/json"),
        chat=put(given.chat, "text/csv"),
    )
