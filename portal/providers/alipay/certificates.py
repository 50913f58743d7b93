"""公钥证书: which certificates both sides go by, named in each request as Alipay names them.

Methods that move funds to an account are taken in this manner only. A certificate's name is the MD5
of its issuer, the last part first, and its serial number in decimal; that of the roots is those of
all that are signed with RSA, joined by "_" (Alipay's own SDKs, AntCertificationUtil).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cryptography.x509 import Certificate

_RSA = "1.2.840.113549.1.1."  # PKCS #1; among the roots are some with SM2 and ECDSA


def name_of(certificate: Certificate) -> str:
    """32 hexadecimal digits."""
    text = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def name_of_roots(roots: Iterable[Certificate]) -> str:
    """Empty when none of them is signed with RSA."""
    rsa = (each for each in roots if each.signature_algorithm_oid.dotted_string.startswith(_RSA))
    return "_".join(map(name_of, rsa))
