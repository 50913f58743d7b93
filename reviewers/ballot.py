"""What a reviewer says, which of it is refused, and the bytes that are sealed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from reviewers.errors import BallotRefused
from reviewers.parties import PARTIES, WHOLE
from reviewers.remedies import REMEDIES, STATUTORY, WITHOUT_MONEY

PADDED_TO = 8192
TEXT_LIMIT = 2000
CITATION_LIMIT = 50
# No record holds a larger one (ledger/canonical.py): a single ballot would stop the opening.
LARGEST = 2**53 - 1
_Code = TypeVar("_Code", bound=StrEnum)
_REPLAY_SECOND = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?")


class Choice(StrEnum):
    SUPPORT_CLAIMANT = "SUPPORT_CLAIMANT"
    SUPPORT_RESPONDENT = "SUPPORT_RESPONDENT"
    PARTIAL = "PARTIAL"
    CANNOT_DETERMINE = "CANNOT_DETERMINE"


class Reason(StrEnum):
    PROMISE_PROVED = "PROMISE_PROVED"
    PROMISE_NOT_PROVED = "PROMISE_NOT_PROVED"
    DEFECT_PROVED = "DEFECT_PROVED"
    DEFECT_NOT_PROVED = "DEFECT_NOT_PROVED"
    DAMAGE_IN_TRANSIT = "DAMAGE_IN_TRANSIT"
    BUYER_MISUSE = "BUYER_MISUSE"
    RULE_FAVOURS_CLAIMANT = "RULE_FAVOURS_CLAIMANT"
    RULE_FAVOURS_RESPONDENT = "RULE_FAVOURS_RESPONDENT"
    ADVERSE_INFERENCE = "ADVERSE_INFERENCE"
    EVIDENCE_DOUBTFUL = "EVIDENCE_DOUBTFUL"
    BOTH_AT_FAULT = "BOTH_AT_FAULT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the claimant asks for: the ceiling of every ballot and of the result.

    `exhibits` are the numbers a ballot may cite, `replay_ms` the length of the replay (0:
    none). `compensation_code` is the basis of the compensation, for example
    CONTRACT_PENALTY or STATUTORY_TRIPLE.
    """

    remedy: str
    refund_fen: int
    compensation_fen: int = 0
    exhibits: frozenset[str] = frozenset()
    replay_ms: int = 0
    compensation_code: str | None = None

    def as_fields(self) -> dict[str, Any]:
        """As plain JSON values, exhibits sorted."""
        return asdict(self) | {"exhibits": sorted(self.exhibits)}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Claimed:
        """Back from as_fields(); unknown keys are left aside. Raises BallotRefused UNREADABLE."""
        return cls(
            remedy=_text(fields, "remedy"),
            refund_fen=_amount(fields, "refund_fen"),
            compensation_fen=_amount(fields, "compensation_fen", 0),
            exhibits=frozenset(_texts(fields, "exhibits", [])),
            replay_ms=_whole(fields, "replay_ms", 0),
            compensation_code=_text_or_none(fields, "compensation_code"),
        )


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote. Amounts are fen; `citations` are exhibit numbers or replay seconds ("55.5").

    `remedy` is what a PARTIAL ballot grants instead of the claimed remedy; None leaves it to
    the amount (tally). `cast_at` is the reviewer's own RFC 3339 time. `liability` is basis
    points by party (parties.PARTIES) that sum to 10,000; empty says nothing about it.
    """

    seat: int
    choice: Choice
    amount_fen: int
    compensation_fen: int
    remedy: str | None
    reasons: tuple[Reason, ...]
    text: str
    citations: tuple[str, ...]
    cast_at: str
    liability: Mapping[str, int] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self) | {
            "choice": str(self.choice),
            "reasons": [str(reason) for reason in self.reasons],
            "citations": list(self.citations),
            "liability": dict(self.liability),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Ballot:
        """Back from as_fields(); unknown keys are left aside. Raises BallotRefused UNREADABLE."""
        return cls(
            seat=_whole(fields, "seat"),
            choice=_code(Choice, _text(fields, "choice"), "choice"),
            amount_fen=_whole(fields, "amount_fen", 0),
            compensation_fen=_whole(fields, "compensation_fen", 0),
            remedy=_text_or_none(fields, "remedy"),
            reasons=tuple(_code(Reason, one, "reasons") for one in _texts(fields, "reasons")),
            text=_text(fields, "text"),
            citations=tuple(_texts(fields, "citations")),
            cast_at=_text(fields, "cast_at"),
            liability=_shares(fields, "liability"),
        )


def check(ballot: Ballot, ceiling: Claimed) -> None:
    """Refuse, before it is sealed, a ballot that could not be counted or explained.

    Raises BallotRefused(code, field), first fault first: NO_REASON reasons, UNKNOWN_REASON
    reasons, NO_CITATION citations, TOO_MANY_CITATIONS citations, UNKNOWN_CITATION citations,
    NEGATIVE_AMOUNT or AMOUNT_TOO_HIGH amount_fen or compensation_fen, UNKNOWN_REMEDY remedy,
    PARTIAL_WITHOUT_AMOUNT amount_fen, UNKNOWN_PARTY or BAD_SHARES liability, NO_TEXT text,
    TEXT_TOO_LONG text.
    """
    _check_reasons(ballot)
    _check_citations(ballot, ceiling)
    _check_amount(ballot.amount_fen, ceiling.refund_fen, "amount_fen")
    _check_amount(ballot.compensation_fen, ceiling.compensation_fen, "compensation_fen")
    _check_remedy(ballot)
    _check_liability(ballot.liability)
    _check_text(ballot.text)


def encode(ballot: Ballot) -> bytes:
    """The bytes to seal: canonical JSON (RFC 8785), then spaces up to a multiple of 8192.

    Ciphertext is as long as its plaintext: without the padding a long reasoning would tell
    two ballots apart before they are opened. Raises BallotRefused UNREADABLE for a ballot that
    decode() would not give back.
    """
    fields = Ballot.from_fields(ballot.as_fields()).as_fields()
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return text.ljust(-(-len(text) // PADDED_TO) * PADDED_TO)


def decode(content: bytes) -> Ballot:
    """Read an opened ballot. Raises BallotRefused UNREADABLE for anything encode() cannot make."""
    if not content or len(content) % PADDED_TO:
        raise BallotRefused("UNREADABLE", "length")
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise BallotRefused("UNREADABLE", "json") from None
    if not isinstance(fields, dict):
        raise BallotRefused("UNREADABLE", "json")
    return Ballot.from_fields(fields)


def replay_millisecond(citation: str) -> int | None:
    """ "55.5" -> 55500; None when the citation is not a replay second."""
    match = _REPLAY_SECOND.fullmatch(citation)
    if match is None:
        return None
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))


def _check_reasons(ballot: Ballot) -> None:
    if not ballot.reasons:
        raise BallotRefused("NO_REASON", "reasons")
    if not frozenset(Reason).issuperset(ballot.reasons):
        raise BallotRefused("UNKNOWN_REASON", "reasons")


def _check_citations(ballot: Ballot, ceiling: Claimed) -> None:
    if not ballot.citations:
        raise BallotRefused("NO_CITATION", "citations")
    if len(ballot.citations) > CITATION_LIMIT:
        raise BallotRefused("TOO_MANY_CITATIONS", "citations")
    if not all(_exists(one, ceiling) for one in ballot.citations):
        raise BallotRefused("UNKNOWN_CITATION", "citations")


def _exists(citation: str, ceiling: Claimed) -> bool:
    moment = replay_millisecond(citation)
    within = moment is not None and ceiling.replay_ms > 0 and moment <= ceiling.replay_ms
    return within or citation in ceiling.exhibits


def _check_amount(amount_fen: int, ceiling_fen: int, field: str) -> None:
    if amount_fen < 0:
        raise BallotRefused("NEGATIVE_AMOUNT", field)
    if amount_fen > ceiling_fen:
        raise BallotRefused("AMOUNT_TOO_HIGH", field)


def _check_remedy(ballot: Ballot) -> None:
    # A statutory multiple is granted as a sum, by two thirds of all seats, never as a remedy.
    known = ballot.remedy in REMEDIES and ballot.remedy not in STATUTORY
    if ballot.remedy is not None and not known:
        raise BallotRefused("UNKNOWN_REMEDY", "remedy")
    grants = ballot.amount_fen or ballot.compensation_fen or ballot.remedy in WITHOUT_MONEY
    if ballot.choice == Choice.PARTIAL and not grants:
        raise BallotRefused("PARTIAL_WITHOUT_AMOUNT", "amount_fen")


def _check_liability(shares: Mapping[str, int]) -> None:
    if not shares.keys() <= set(PARTIES):
        raise BallotRefused("UNKNOWN_PARTY", "liability")
    if shares and (min(shares.values()) < 0 or sum(shares.values()) != WHOLE):
        raise BallotRefused("BAD_SHARES", "liability")


def _check_text(text: str) -> None:
    if not text.strip():
        raise BallotRefused("NO_TEXT", "text")
    if len(text) > TEXT_LIMIT:
        raise BallotRefused("TEXT_TOO_LONG", "text")


def _whole(fields: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = fields.get(key, default)
    if not _is_whole(value):
        raise BallotRefused("UNREADABLE", key)
    return int(value)


def _amount(fields: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = _whole(fields, key, default)
    if value < 0:
        raise BallotRefused("NEGATIVE_AMOUNT", key)
    return value


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not _is_text(value):
        raise BallotRefused("UNREADABLE", key)
    return value


def _text_or_none(fields: Mapping[str, Any], key: str) -> str | None:
    return None if fields.get(key) is None else _text(fields, key)


def _texts(fields: Mapping[str, Any], key: str, default: list[str] | None = None) -> list[str]:
    value = fields.get(key, default)
    if not isinstance(value, list) or not all(map(_is_text, value)):
        raise BallotRefused("UNREADABLE", key)
    return value


def _shares(fields: Mapping[str, Any], key: str) -> dict[str, int]:
    """A ballot that says nothing of liability may leave the field out."""
    value = fields.get(key, {})
    if not isinstance(value, dict) or not all(map(_is_text, value)):
        raise BallotRefused("UNREADABLE", key)
    if not all(map(_is_whole, value.values())):
        raise BallotRefused("UNREADABLE", key)
    return dict(value)


def _is_whole(value: Any) -> bool:
    """A bool or a float is not an amount."""
    return type(value) is int and abs(value) <= LARGEST


def _is_text(value: object) -> bool:
    """A string with a UTF-8 form: half a surrogate pair could be read but never recorded."""
    return isinstance(value, str) and not any("\ud800" <= one <= "\udfff" for one in value)


def _code(codes: type[_Code], value: str, field: str) -> _Code:
    try:
        return codes(value)
    except ValueError:
        raise BallotRefused("UNREADABLE", field) from None
