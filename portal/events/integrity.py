"""The integrity docket: what was reported, what the one reported says, what was found."""

from __future__ import annotations

from portal.events.values import Event


class IntegrityReported(Event, tag="INTEGRITY_REPORTED"):
    report_no: str
    flag: str  # vocabulary 5.6: CANVASSING, BRIBE_OFFER, VOTE_LEAK, THREAT, ...
    about: str  # pseudonym or party that it is about; empty if unknown
    case_no: str
    text: str
    reported_by: str  # role of who reported, not who


class IntegrityAnswered(Event, tag="INTEGRITY_ANSWERED"):
    report_no: str
    text: str


class IntegrityDecided(Event, tag="INTEGRITY_DECIDED"):
    report_no: str
    finding: str  # FOUNDED, UNFOUNDED, UNCLEAR
    action: str  # NONE, WARN, PAUSE, REMOVE, VOID_PANEL
    text: str
