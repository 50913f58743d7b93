"""Wishes about livestreams."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import FileRef
from portal.streams import livestream_stream


@dataclass(frozen=True)
class RecordLivestream:
    platform: str
    session_id: str
    digest: str
    session: FileRef
    replay: FileRef
    transcript: FileRef | None
    chat: FileRef | None

    @property
    def stream(self) -> str:
        return livestream_stream(self.platform, self.session_id)

    @property
    def kid(self) -> str:
        return self.session.kid
