"""A session is recorded once; what was said on air does not get a second version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import Event, LivestreamRecorded
from portal.livestreams.commands import RecordLivestream


def record_livestream(
    history: Sequence[LivestreamRecorded], command: RecordLivestream, now: datetime
) -> tuple[Event, ...]:
    """One LIVESTREAM_RECORDED; BadInput when the session is known with other content."""
    if history:
        raise BadInput("session_id", _("这一场直播已经登记过，内容不同；登记后不能改写"))
    return (
        LivestreamRecorded(
            platform=command.platform,
            session_id=command.session_id,
            digest=command.digest,
            session=command.session,
            replay=command.replay,
            transcript=command.transcript,
            chat=command.chat,
        ),
    )
