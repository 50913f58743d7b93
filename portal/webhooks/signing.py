"""Standard Webhooks 1.0: HMAC-SHA256 over ``id.timestamp.content``, one signature for each secret.

A subscription's secret is HMAC(the installation's key, its id and version): a copied database holds
none, and after a change the one before signs along for a day.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PREFIX = "whsec_"
BOTH = timedelta(days=1)  # how long the old secret signs too


@dataclass(frozen=True)
class Signer:
    """Knows the secrets of all subscriptions. `key`: 32 bytes."""

    key: bytes = field(repr=False)

    @classmethod
    def under(cls, master: bytes) -> Signer:
        """Of an installation: whoever has its master key and rows can restore every secret."""
        return cls(hmac.digest(master, b"mingan/webhooks", hashlib.sha256))

    def secret(self, subscription_id: str, version: int) -> str:
        """``whsec_`` and base64, as receivers' libraries take it."""
        return PREFIX + base64.b64encode(self._raw(subscription_id, version)).decode()

    def headers(
        self, subscription_id: str, versions: Iterable[int], signed: Signed
    ) -> Mapping[str, str]:
        """The three headers of the standard."""
        secrets = (self._raw(subscription_id, version) for version in versions)
        return {
            "webhook-id": signed.message_id,
            "webhook-timestamp": str(signed.timestamp),
            "webhook-signature": " ".join(map(signed.under, secrets)),
        }

    def _raw(self, subscription_id: str, version: int) -> bytes:
        named = f"webhook/{subscription_id}/{version}".encode()
        return hmac.digest(self.key, named, hashlib.sha256)


@dataclass(frozen=True)
class Signed:
    """What a signature covers. `timestamp`: seconds, of this sending."""

    message_id: str
    timestamp: int
    content: bytes

    def under(self, secret: bytes) -> str:
        whole = f"{self.message_id}.{self.timestamp}.".encode() + self.content
        return "v1," + base64.b64encode(hmac.digest(secret, whole, hashlib.sha256)).decode()


def versions_at(version: int, rotated_at: datetime | None, now: datetime) -> tuple[int, ...]:
    """The secrets that sign now, the newest first."""
    both = rotated_at is not None and version > 1 and now < rotated_at + BOTH
    return (version, version - 1) if both else (version,)
