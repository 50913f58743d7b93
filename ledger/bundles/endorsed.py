"""Who stands behind a checkpoint, as findings: the log's keys, its witnesses, a time stamp.

Each of them is taken from outside, where the reader trusts it, or from a bundle, which only says
so itself; the finding names which. A line of a known key that does not verify breaks everything,
wherever the key comes from: nobody honest would have passed it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from cryptography.x509 import Certificate

from ledger import timestamp
from ledger.checking.finding import Finding, broken, note, passed
from ledger.checkpoint import LOG_KINDS, Checkpoint, read_cosignatures
from ledger.errors import VerificationError
from ledger.note import Verifier, parse_note, parse_vkey, verified
from ledger.scheme import MLDSA44
from ledger.witnessing.policy import Policy

# The last second that a calendar of four-digit years has; a cosignature may state any number.
_YEAR_9999 = 253_402_300_799


def parse_given_keys(vkey: str) -> tuple[Verifier, ...]:
    """The public keys of a log as a reader gives them: one, or both with a blank between."""
    keys = tuple(map(parse_vkey, vkey.split()))
    if not keys or any(key.kind not in LOG_KINDS for key in keys):
        raise VerificationError("not the public key of a log")
    return keys


def signed_finding(checkpoint: Checkpoint, keys: Iterable[Verifier]) -> Finding:
    """With which of its keys the log signed; the caller has seen that it did."""
    signers = verified(parse_note(checkpoint.text), keys)
    kinds = " and ".join(map(_kind, signers))
    return passed(
        f"checkpoint: {checkpoint.origin}, {checkpoint.size} entries, signature holds ({kinds})"
    )


def witness_findings(
    checkpoint: Checkpoint, trusted: Policy | None, claimed: Policy | None
) -> Iterator[Finding]:
    """Who cosigned and when. The quorum of a trusted policy must be met, or it is broken."""
    policy = claimed if trusted is None else trusted
    if policy is None:
        return
    found = read_cosignatures(checkpoint.text, policy.witness_keys)
    source = "" if trusted else "; its key as in policy.txt"
    for each in found:
        at = as_utc(datetime.fromtimestamp(min(each.at, _YEAR_9999), UTC))
        name = f"{each.verifier.name} ({_kind(each.verifier)}{source})"
        yield passed(f"checkpoint: cosigned at {at} by witness {name}")
    if not policy.is_met_by([each.verifier for each in found]):
        finding = broken if trusted else note
        yield finding(f"checkpoint: {len(found)} cosignatures are no quorum of the policy")


def stamp_finding(content: bytes, response: bytes, roots: Sequence[Certificate]) -> Finding:
    """At what time an authority saw these bytes, under a root the reader trusts if there is one."""
    if roots:
        at = timestamp.verify(content, response, roots)
        return passed(f"checkpoint.tsr: an authority you trust saw the checkpoint at {as_utc(at)}")
    at = timestamp.stated_time(content, response)
    return note(
        f"checkpoint.tsr: states that the checkpoint existed at {as_utc(at)}; whether an "
        "authority says so, and which, only its root certificate can show"
    )


def as_utc(at: datetime) -> str:
    """2026-01-31T08:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _kind(verifier: Verifier) -> str:
    return "ML-DSA-44" if verifier.kind == MLDSA44 else "Ed25519"
