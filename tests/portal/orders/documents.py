"""Order documents as a platform sends them, changed here and there and signed again."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.orders.signature import signed_bytes

SAMPLES = Path(__file__).parents[2] / "samples"
ORDER = json.loads((SAMPLES / "silk-shirt" / "order.json").read_text())
DEMO_KEY = "nhOEoygidTQwlJvsGhQvspB6RrmN3lIVDt+3EXwWvkA="
LATER = "2026-11-10T10:02:00+08:00"


def an_order(path: str = "", value: Any = None, **changes: Any) -> dict[str, Any]:
    """The silk shirt's order; `path` is dotted and its value replaced, or dropped if it is ...."""
    document = copy.deepcopy(ORDER) | changes
    if path:
        *parents, last = path.split(".")
        part: Any = document
        for name in parents:
            part = part[int(name)] if isinstance(part, list) else part[name]
        if value is ...:
            del part[last]
        else:
            part[int(last) if isinstance(part, list) else last] = value
    return document


def later(path: str = "", value: Any = None) -> dict[str, Any]:
    """The same order in a later snapshot, under a key that nobody here knows."""
    signature = ORDER["signature"] | {"key_id": "unknown"}
    return an_order(path, value) | {"snapshot_at": LATER, "signature": signature}


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def know_key(keys: Path, key_id: str, public: str) -> None:
    folder = keys / "platform"
    folder.mkdir(exist_ok=True)
    (folder / f"{key_id}.pub").write_text(f"{public}\n")


def sign(document: dict[str, Any], key: Ed25519PrivateKey, key_id: str) -> dict[str, Any]:
    value = base64.b64encode(key.sign(signed_bytes(document))).decode()
    return document | {"signature": {"alg": "ed25519", "key_id": key_id, "value": value}}


def public_of(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()
