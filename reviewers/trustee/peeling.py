"""What is asked of a trustee, and its answer: all ballots of a closed panel, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger import canonical
from ledger.encoding import from_base64, to_base64
from ledger.errors import VerificationError
from reviewers.envelope import Envelope, finish, peel, read, slip
from reviewers.errors import EnvelopeRefused
from reviewers.trustee.closing import MOST_BALLOTS, Closing, Trusted, read_closing
from reviewers.trustee.errors import BadRequest, Refused
from reviewers.trustee.keeping import Keeper

FIRST, SECOND = "FIRST", "SECOND"
_FIELDS = {"proof", "step", "partner", "envelopes", "inner"}


@dataclass(frozen=True)
class Request:
    """One request as read; nothing of it is verified yet."""

    proof: Any
    step: str
    partner: str
    envelopes: tuple[bytes, ...]
    inner: tuple[bytes | None, ...]


def parse_request(body: bytes) -> Request:
    """Raises BadRequest naming the part that cannot be read."""
    try:
        fields = canonical.loads(body)
    except VerificationError:
        raise BadRequest("json") from None
    if not isinstance(fields, dict) or not fields.keys() <= _FIELDS:
        raise BadRequest("json")
    if fields.get("step") not in (FIRST, SECOND):
        raise BadRequest("step")
    if not isinstance(fields.get("partner"), str):
        raise BadRequest("partner")
    envelopes = tuple(_bytes(one, "envelopes") for one in _list(fields, "envelopes"))
    inner = tuple(None if x is None else _bytes(x, "inner") for x in _list(fields, "inner"))
    if len(inner) != (len(envelopes) if fields["step"] == SECOND else 0):
        raise BadRequest("inner")
    return Request(fields.get("proof"), fields["step"], fields["partner"], envelopes, inner)


def answer(request: Request, keeper: Keeper, trusted: Trusted, at: str) -> dict[str, Any]:
    """Every ballot with this trustee's layer off, null where it does not open.

    Remembered before it is returned; asked again it answers the same. Raises Refused.
    """
    closing = read_closing(request.proof, trusted)
    _check_ballots(request, closing, keeper.name)
    keeper.remember(closing, request.step, request.partner, at)
    opened = _peeled(request, keeper) if request.step == FIRST else _finished(request, keeper)
    return {
        "name": keeper.name,
        "step": request.step,
        "partner": request.partner,
        "opened": [None if one is None else to_base64(one) for one in opened],
    }


def _check_ballots(request: Request, closing: Closing, name: str) -> None:
    """Exactly the ballots of the closing. A ballot of a panel that still votes, committed by a
    dishonest operator under another case, would be opened early: so each context is compared."""
    slips = tuple(map(slip, request.envelopes))
    if slips != closing.slips or len(slips) != len(closing.seats) or len(set(slips)) != len(slips):
        raise Refused("OTHER_BALLOTS")
    for seat, content in zip(closing.seats, request.envelopes, strict=True):
        envelope = _read(content)
        context = envelope.context
        if (context.case_no, context.round, context.seat) != (
            closing.case_no,
            closing.round,
            seat,
        ):
            raise Refused("OTHER_CONTEXT")
        _check_pair(envelope, request, name)


def _check_pair(envelope: Envelope, request: Request, name: str) -> None:
    pair = (name, request.partner) if request.step == FIRST else (request.partner, name)
    try:
        envelope.wrap(*pair)
    except EnvelopeRefused:
        raise Refused("NOT_SEALED_TO_US") from None


def _read(content: bytes) -> Envelope:
    try:
        return read(content)
    except EnvelopeRefused:
        raise Refused("OTHER_CONTEXT") from None


def _peeled(request: Request, keeper: Keeper) -> list[bytes | None]:
    return [_or_none(peel, one, keeper, request.partner) for one in request.envelopes]


def _finished(request: Request, keeper: Keeper) -> list[bytes | None]:
    pairs = zip(request.envelopes, request.inner, strict=True)
    return [
        None if inner is None else _or_none(finish, one, keeper, request.partner, inner)
        for one, inner in pairs
    ]


def _or_none(act: Any, content: bytes, keeper: Keeper, *rest: Any) -> bytes | None:
    try:
        opened: bytes = act(content, keeper.private_key, keeper.name, *rest)
    except EnvelopeRefused:
        return None
    return opened


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list) or len(value) > MOST_BALLOTS:
        raise BadRequest(name)
    return value


def _bytes(value: Any, name: str) -> bytes:
    if not isinstance(value, str):
        raise BadRequest(name)
    try:
        return from_base64(value)
    except VerificationError:
        raise BadRequest(name) from None
