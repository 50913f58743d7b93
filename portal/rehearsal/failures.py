"""Why a play stops.

PlayFailed
  FolderUnusable   the folder does not hold what a case needs
  Declined         the portal answered no, with its sentence
"""

from __future__ import annotations


class PlayFailed(Exception):
    """The play cannot go on; the sentence says why."""


class FolderUnusable(PlayFailed):
    """The case folder is incomplete or contradicts itself."""


class Declined(PlayFailed):
    """An answer other than 2xx. `status` 0: no answer at all."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status
