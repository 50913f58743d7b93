"""The platform's signature under a snapshot, checked with the keys this installation knows.

A key is a file `<home>/keys/platform/<key_id>.pub` that holds 32 bytes of Ed25519 public key in
base64. Signed is the document without `signature`, as compact JSON with sorted keys in UTF-8.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.errors import BadInput
from portal.errors import sentence as _

VALID = "VALID"
UNKNOWN_KEY = "UNKNOWN_KEY"
# The name comes from a stranger and becomes part of a path.
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_signature(document: Mapping[str, Any], keys: Path) -> str:
    """VALID, or UNKNOWN_KEY. Raises BadInput for a known key's signature that does not hold."""
    signature = document["signature"]
    key = _known_key(keys, signature["key_id"])
    if key is None:
        return UNKNOWN_KEY
    try:
        key.verify(base64.b64decode(signature["value"], validate=True), signed_bytes(document))
    except (InvalidSignature, binascii.Error):
        raise BadInput("signature.value", _("签名与内容不符")) from None
    return VALID


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    content = {key: value for key, value in document.items() if key != "signature"}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _known_key(keys: Path, key_id: str) -> Ed25519PublicKey | None:
    path = keys / f"{key_id}.pub"
    if not _KEY_ID.fullmatch(key_id) or not path.is_file():
        return None
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_text().strip()))
